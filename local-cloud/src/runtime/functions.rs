//! The Lambda driver: functions, their execution environments (real processes), the Runtime API
//! that these talk to, asynchronous invocations, and the event source mappings' pollers.

pub mod code;

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::protocol::http::Reply;
use crate::runtime::identities::Identities;
use crate::runtime::journal::Journal;
use crate::runtime::logs::Logs;
use crate::runtime::queues::Queues;
use crate::storage::StorageError;

/// What the Lambda driver stands on.
#[derive(Debug, Clone)]
pub struct Neighbours {
    /// Time.
    pub clock: Arc<Clock>,
    /// Durable state.
    pub journal: Journal,
    /// Roles and their credentials.
    pub identities: Arc<Identities>,
    /// Where what functions print goes.
    pub logs: Arc<Logs>,
    /// What the mappings read from.
    pub queues: Arc<Queues>,
}

/// Where functions run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory for uploaded code and execution environments.
    pub home: PathBuf,
    /// The account id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint that handlers find in `AWS_ENDPOINT_URL`, for example `http://127.0.0.1:4567`.
    pub endpoint: String,
}

/// All functions and mappings. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Functions {}

impl Functions {
    /// Loads functions and mappings and starts the enabled mappings' pollers.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(place: Place, neighbours: Neighbours) -> Result<Arc<Self>, StorageError> {
        let _ = (place, neighbours);
        unimplemented!()
    }

    /// Answers one request of an execution environment to the Runtime API. `path` is what
    /// follows `/_runtime/`: the environment's secret token, then `/2018-06-01/runtime/…`. A GET
    /// of the next invocation blocks until there is one.
    pub async fn runtime_api(
        &self,
        method: &str,
        path: &str,
        headers: &hyper::HeaderMap,
        body: bytes::Bytes,
    ) -> Reply {
        let _ = (method, path, headers, body);
        unimplemented!()
    }

    /// Stops the pollers, lets go of what they hold and ends all processes.
    pub async fn shutdown(&self) {
        unimplemented!()
    }
}
