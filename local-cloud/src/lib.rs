//! An AWS-compatible cloud on loopback, as far as an order pipeline needs it: SQS, Lambda with
//! SQS event source mappings, DynamoDB, IAM, STS, CloudWatch Logs and the tagging API. It knows AWS and knows
//! nothing of orders.
//!
//! The layers, each of which may import only what stands below it (`tests/tidy.rs` of the
//! workspace checks this):
//!
//! | Layer | What it is |
//! |---|---|
//! | [`cloud`] | puts everything together and runs it |
//! | `gateway` | the HTTP server: limits, signatures, routing to a service |
//! | `services` | one folder per AWS service: wire types, an action to a runtime call to a reply |
//! | [`runtime`] | drivers with clocks, processes and durable state around the engines |
//! | [`engines`] | pure state machines: no async, no I/O, no clock, no randomness of their own |
//! | [`protocol`], [`storage`], [`clock`], [`ids`], [`error`] | the ground they stand on |

pub mod clock;
pub mod cloud;
pub mod engines;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod gateway;
pub mod ids;
pub mod protocol;
pub mod runtime;
mod services;
pub mod storage;
