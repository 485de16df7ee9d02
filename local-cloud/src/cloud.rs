//! The cloud, put together: state opened, drivers started, the endpoint listening.

mod services;

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
use crate::lambda::Functions;
use crate::runtime_context::RuntimeContext;
use crate::storage::journal::Journal;
use crate::storage::{Change, LoggedStorage, StorageError};

use services::Services;

/// The file in the cloud's home that holds everything but the tables.
const STATE_FILE: &str = "state.db";

/// How a cloud is set up.
#[derive(Clone)]
pub struct Config {
    /// The directory that holds all of the cloud's state; made, readable by its owner alone,
    /// when it is not there.
    pub home: PathBuf,
    /// The port on 127.0.0.1, or 0 for a free one.
    pub port: u16,
    /// How many seconds of lab time pass in a real second; 1 is AWS's own pace.
    pub speed: u32,
    /// The account id: 12 digits.
    pub account: String,
    /// The region, for example `us-east-1`.
    pub region: String,
    /// The access key of the lab's owner, who may do everything.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The program's version, reported by the control service.
    pub version: String,
    /// The file in which every signed request is recorded, one JSON object a line; a means for
    /// tests. `None` records nothing.
    pub record: Option<PathBuf>,
}

impl fmt::Debug for Config {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("home", &self.home)
            .field("port", &self.port)
            .field("speed", &self.speed)
            .field("account", &self.account)
            .field("region", &self.region)
            .field("access_key", &self.access_key)
            .field("version", &self.version)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// Why a cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state could not be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The port is not to be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's words.
        source: std::io::Error,
    },
    /// A directory or file of the cloud's could not be made.
    #[error("cannot prepare {path}: {source}")]
    Home {
        /// What could not be made.
        path: PathBuf,
        /// The system's words.
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
        // The drivers must know the endpoint; clients that are early wait in the queue.
        let (listener, address) = listen(config.port).await?;
        let journal = Journal::start(Box::new(LoggedStorage::open(
            &config.home.join(STATE_FILE),
        )?));
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
            .recording(recorder);
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resolves when the cloud was asked to stop (by the control service) or cannot go on.
    ///
    /// # Errors
    /// When its state could not be written; memory may then hold what the disk does not.
    pub async fn stopped(&self) -> Result<(), StorageError> {
        let mut asked = self.asked.clone();
        tokio::select! {
            // The sender lives in the services, which the gateway holds for as long as it runs;
            // should that have ended, there is nothing left to wait for.
            _ = asked.wait_for(|asked| *asked) => Ok(()),
            reason = self.journal.failed() => Err(reason),
        }
    }

    /// Ends functions, stops listening, lets requests in flight end within bounds, and closes
    /// the state. Functions come first: they need the endpoint to the end, and wait at it.
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

fn prepare_home(home: &Path) -> Result<(), StartError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(home)
        .map_err(|source| StartError::Home {
            path: home.to_owned(),
            source,
        })
}

fn open_recorder(path: &Path) -> Result<Recorder, StartError> {
    Recorder::open(path).map_err(|source| StartError::Home {
        path: path.to_owned(),
        source,
    })
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Starts the clock where the last one would be by now, and stores where that is: from here on
/// lab time may run at another speed.
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
