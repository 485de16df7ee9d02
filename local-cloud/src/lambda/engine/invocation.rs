//! An asynchronous invocation.

use serde::{Deserialize, Serialize};

use crate::clock::LabMs;

/// An asynchronous invocation that waits or runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncInvocation {
    /// Its place in the order in which they came.
    #[serde(skip)]
    pub sequence: u64,
    /// The request id that all its attempts have.
    pub request_id: String,
    /// The function's name.
    pub function: String,
    /// What the function gets.
    #[serde(skip)]
    pub payload: Vec<u8>,
    /// How often the function failed on it.
    pub failures: u32,
    /// How often it was throttled.
    pub throttles: u32,
    /// When it may be tried next.
    pub due: LabMs,
    /// When it is given up.
    pub expires: LabMs,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsyncOutcome {
    /// The function answered.
    Done,
    /// The function failed.
    Failed,
    /// There was no room to run the function.
    Throttled,
}
