//! Starts and stops a cloud: its state, its drivers, and its endpoint.

mod services;
mod timeline;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::{ANCHOR_KEY, Anchor, COLLECTION, Clock};
use crate::gateway::{Gateway, Recorder};
pub use crate::gateway::{RequestEntry, RequestLog};
use crate::lambda::Functions;
use crate::runtime_context::RuntimeContext;
use crate::storage::journal::Journal;
use crate::storage::{Change, LoggedStorage, StorageError, identity};

use services::{Services, TABLES_FILE};

/// The file in the cloud's home that holds everything but the tables.
const STATE_FILE: &str = "state.db";

/// The configuration of a cloud.
#[derive(Clone)]
pub struct Config {
    /// The directory of the cloud's state. A missing one is created, readable by its owner alone.
    pub home: PathBuf,
    /// The port on 127.0.0.1, or 0 for a free one.
    pub port: u16,
    /// How many seconds of lab time pass in a real second; 1 is AWS's speed.
    pub speed: u32,
    /// The account id: 12 digits.
    pub account: String,
    /// The region, for example `us-east-1`.
    pub region: String,
    /// The access key of the lab's owner, who may do everything.
    pub access_key: String,
    /// The owner's secret key.
    pub secret_key: String,
    /// The program's version, reported by the control service.
    pub version: String,
    /// Whether functions are confined, each by a supervisor. That is this program started again, so its
    /// `main` must call [`crate::supervisor::run_if_asked`]. Without effect where there is none.
    pub is_supervised: bool,
    /// The disk space in bytes that functions' temporary files must leave free. `None` keeps 256 MB, or
    /// 5 % of a disk that is smaller than 5 GB.
    pub disk_reserve: Option<u64>,
    /// The file in which every signed request is recorded, one JSON object a line, for tests. `None`
    /// records nothing.
    pub record: Option<PathBuf>,
    /// Where an entry for each request goes; `None` keeps no log.
    pub request_log: Option<RequestLog>,
}

impl fmt::Debug for Config {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("home", &self.home)
            .field("port", &self.port)
            .field("speed", &self.speed)
            .field("account", &self.account)
            .field("region", &self.region)
            .field("access_key", &self.access_key)
            .field("version", &self.version)
            .field("is_supervised", &self.is_supervised)
            .field("disk_reserve", &self.disk_reserve)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// Why a cloud does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The port cannot be listened on, for example because another program uses it.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The configured port.
        port: u16,
        /// The system's error.
        source: std::io::Error,
    },
}

/// A running cloud.
#[derive(Debug)]
pub struct Cloud {
    address: SocketAddr,
    clock: Arc<Clock>,
    journal: Journal,
    functions: Arc<Functions>,
    /// Set when the control service is asked to stop.
    asked: watch::Receiver<bool>,
    /// Stops the gateway.
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Cloud {
    /// Opens the state in `config.home`, starts the drivers and listens.
    ///
    /// # Errors
    /// When the state cannot be used or the port is taken.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        prepare_home(&config.home)?;
        // The drivers need the endpoint's address. Clients that connect now wait in the queue.
        let (listener, address) = listen(config.port).await?;
        let state = config.home.join(STATE_FILE);
        identity::ensure_together(&state, &config.home.join(TABLES_FILE))?;
        let journal = Journal::start(Box::new(LoggedStorage::open(&state)?));
        let clock = start_clock(config.speed, &journal).await?;
        let context = RuntimeContext::open(
            &config.account,
            &config.region,
            Arc::clone(&clock),
            journal.clone(),
        )?;
        let (ask, asked) = watch::channel(false);
        let services = Services::open(&config, address, &context, ask)?;
        let functions = Arc::clone(services.functions());
        let recorder = config.record.as_deref().map(open_recorder).transpose()?;
        let gateway = Gateway::new(services, Arc::clone(&clock), &config.region, address.port())
            .recording(recorder)
            .logging(config.request_log.clone());
        let (stop, stopping) = watch::channel(false);
        let server = tokio::spawn(Arc::new(gateway).serve(listener, stopping));
        Ok(Self {
            address,
            clock,
            journal,
            functions,
            asked,
            stop,
            server,
        })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resolves when the control service was asked to stop the cloud, or the cloud cannot go on.
    ///
    /// # Errors
    /// The state could not be written, so memory may hold what the disk does not.
    pub async fn stopped(&self) -> Result<(), StorageError> {
        let mut asked = self.asked.clone();
        tokio::select! {
            // The sender lives as long as the gateway. Without one there is nothing to wait for.
            _ = asked.wait_for(|asked| *asked) => Ok(()),
            reason = self.journal.failed() => Err(reason),
        }
    }

    /// Ends the functions, stops listening, lets requests in flight end within a time limit, and
    /// closes the state. Functions end first, because they need the endpoint and wait at it.
    pub async fn shutdown(self) {
        self.functions.shutdown().await;
        self.stop.send_replace(true);
        if let Err(problem) = self.server.await {
            tracing::error!(%problem, "the gateway ended badly");
        }
        if let Err(problem) = store_anchor(&self.clock, &self.journal).await {
            tracing::error!(%problem, "the clock could not be stored");
        }
        self.journal.close().await;
    }
}

fn prepare_home(home: &Path) -> Result<(), StorageError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(home)
        .map_err(|problem| StorageError::io(home, &problem))
}

fn open_recorder(path: &Path) -> Result<Recorder, StorageError> {
    Recorder::open(path).map_err(|problem| StorageError::io(path, &problem))
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Starts the clock where the last one would be by now, and stores its reading, because lab time may
/// run at another speed from here on.
async fn start_clock(speed: u32, journal: &Journal) -> Result<Arc<Clock>, StorageError> {
    let stored = journal.load(COLLECTION)?;
    let anchor = match stored.iter().find(|(key, _)| key == ANCHOR_KEY) {
        None => None,
        Some((_, bytes)) => {
            Some(
                Anchor::from_bytes(bytes).ok_or_else(|| StorageError::Damaged {
                    path: STATE_FILE.to_owned(),
                    reason: "the clock's reading in it cannot be read".to_owned(),
                })?,
            )
        }
    };
    let clock = Arc::new(Clock::start(speed, anchor));
    store_anchor(&clock, journal).await?;
    Ok(clock)
}

async fn store_anchor(clock: &Clock, journal: &Journal) -> Result<(), StorageError> {
    let anchor = clock.anchor().to_bytes();
    journal
        .submit(vec![Change::put(COLLECTION, ANCHOR_KEY, anchor)])
        .await
}

#[cfg(test)]
mod tests;
