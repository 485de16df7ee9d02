//! The simulator: plays the web site and puts orders into the queue.
//!
//! [`simulate`] is pure over the [`Queue`] trait and a pause; [`sqs`] is the real queue, and
//! `main.rs` ties the two to Lambda.

mod batch;
mod error;
mod queue;
mod simulate;
pub mod sqs;

pub use error::SimulateError;
pub use queue::{Entry, Queue, Rejected};
pub use simulate::simulate;
