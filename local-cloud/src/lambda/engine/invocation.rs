//! An asynchronous invocation.

use serde::{Deserialize, Serialize};

use crate::clock::LabMs;

/// An asynchronous invocation that waits or runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncInvocation {
    /// Its number in the order of arrival.
    #[serde(skip)]
    pub sequence: u64,
    /// The request id that all its attempts have.
    pub request_id: String,
    /// The function's name.
    pub function: String,
    /// The payload.
    #[serde(skip)]
    pub payload: Vec<u8>,
    /// How often the function failed on it.
    pub failures: u32,
    /// How often it was throttled.
    pub throttles: u32,
    /// When the next attempt may begin.
    pub due: LabMs,
    /// When it expires.
    pub expires: LabMs,
}

/// The result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsyncOutcome {
    /// The function succeeded.
    Done,
    /// The function failed.
    Failed,
    /// The function could not run.
    Throttled,
}
