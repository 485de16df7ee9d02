//! Why the simulator fails, in the words that the caller of the function sees.

use lambda_runtime::Diagnostic;
use order::PlanError;
use order::wire::MAX_PER_REQUEST;
use thiserror::Error;

use crate::queue::Rejected;

/// The function's error. Its kind becomes the invocation's `errorType`.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// The event is no request.
    #[error("the event is not a request to simulate orders: {0}")]
    NotARequest(#[from] serde_json::Error),
    /// The run's name cannot be given to a message.
    #[error("the run is named `{0}`; a run's name is 1 to 128 letters, digits, `-`, `_` or `.`")]
    Run(String),
    /// The plan makes no sense.
    #[error("the plan makes no sense: {0}")]
    Plan(#[from] PlanError),
    /// Too few or too many orders are asked for.
    #[error("{0} orders are asked for; one invocation sends 1 to {MAX_PER_REQUEST}")]
    Count(u64),
    /// The plan's block has no numbers for some of the orders.
    #[error(
        "orders {first} to {first} + {count} are asked for, but the plan's block holds {size} numbers"
    )]
    OutsideBlock {
        /// The first index asked for.
        first: u64,
        /// How many were asked for.
        count: u64,
        /// How many numbers the block holds.
        size: u64,
    },
    /// The queue did not take everything. Sending the same range again is safe: the processor
    /// stores no order twice.
    #[error(
        "the queue took {sent} of {count} orders, then refused the one at index {} ({}: {}); \
         ask for the same range again",
        rejected.index, rejected.code, rejected.message
    )]
    NotSent {
        /// How many orders the queue said that it took.
        sent: u64,
        /// How many were asked for.
        count: u64,
        /// The first one that it did not take.
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
