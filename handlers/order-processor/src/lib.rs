//! The processor: stores the good orders of a batch and names exactly the bad ones.
//!
//! [`process`] is pure over the [`Store`] trait; [`dynamo`] is the real store, and `main.rs`
//! ties the two to Lambda.

pub mod dynamo;
mod process;
mod record;
mod store;

pub use process::{InvalidEvent, Processed, process};
pub use store::{Identity, Item, Store, StoreError};
