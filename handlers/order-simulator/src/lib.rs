//! The simulator: plays the web site and sends orders to the queue.
//!
//! [`simulate`] is pure over the [`Queue`] trait and a pause; [`sqs`] implements the queue, and
//! `main.rs` connects both to Lambda.

mod batch;
mod error;
mod queue;
mod simulate;
pub mod sqs;

pub use error::SimulateError;
pub use queue::{Entry, Queue, Rejected};
pub use simulate::simulate;
