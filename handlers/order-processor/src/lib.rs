//! The processor: stores the good orders of a batch and reports exactly the others as failed.
//!
//! [`process`] is pure over the [`Store`] trait; [`dynamo`] implements it, and `main.rs` connects both
//! to Lambda.

pub mod dynamo;
mod process;
mod record;
mod store;

pub use process::{InvalidEvent, Processed, process};
pub use store::{Identity, Item, Store, StoreError};
