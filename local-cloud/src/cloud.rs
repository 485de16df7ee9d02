//! The cloud, put together: state opened, drivers started, the endpoint listening.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::storage::StorageError;

/// How a cloud is set up.
#[derive(Debug, Clone)]
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
}

impl Cloud {
    /// Opens the state in `config.home`, starts the drivers and listens.
    ///
    /// # Errors
    /// When the state cannot be used or the port is taken.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let _ = config;
        unimplemented!()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resolves when the cloud was asked to stop (by the control service) or cannot go on
    /// (its state could not be written; the reason is given).
    pub async fn stopped(&self) -> Result<(), StorageError> {
        unimplemented!()
    }

    /// Stops listening, ends the handler processes and closes the state.
    pub async fn shutdown(self) {
        unimplemented!()
    }
}
