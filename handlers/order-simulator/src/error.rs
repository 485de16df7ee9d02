//! The simulator's errors, with the messages that the caller of the function sees.

use lambda_runtime::Diagnostic;
use order::PlanError;
use order::wire::MAX_PER_REQUEST;
use thiserror::Error;

use crate::queue::Rejected;

/// Why the function failed. The variant decides the invocation's `errorType`.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// The event is not a request.
    #[error("the event is not a request to simulate orders: {0}")]
    NotARequest(#[from] serde_json::Error),
    /// The run's name is not a legal message attribute.
    #[error("the run is named `{0}`; a run's name is 1 to 128 letters, digits, `-`, `_` or `.`")]
    Run(String),
    /// The plan is invalid.
    #[error("the plan is invalid: {0}")]
    Plan(#[from] PlanError),
    /// Too few or too many orders are requested.
    #[error("{0} orders are requested; one invocation sends 1 to {MAX_PER_REQUEST}")]
    Count(u64),
    /// The plan's block has no numbers for some of the orders.
    #[error(
        "orders {first} to {first} + {count} are requested, but the plan's block has {size} numbers"
    )]
    OutsideBlock {
        /// The first requested index.
        first: u64,
        /// How many were requested.
        count: u64,
        /// How many numbers the block has.
        size: u64,
    },
    /// The queue did not accept everything. Sending the same range again is safe: the processor
    /// stores no order twice.
    #[error(
        "the queue accepted {sent} of {count} orders, then refused the one at index {} ({}: {}); \
         request the same range again",
        rejected.index, rejected.code, rejected.message
    )]
    NotSent {
        /// How many orders the queue accepted.
        sent: u64,
        /// How many were requested.
        count: u64,
        /// The first one that it did not accept.
        rejected: Rejected,
    },
}

impl From<SimulateError> for Diagnostic {
    fn from(error: SimulateError) -> Self {
        let error_type = match error {
            SimulateError::NotSent { .. } => "OrdersNotSent",
            _ => "InvalidRequest",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}
