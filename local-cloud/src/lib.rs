//! An AWS-compatible cloud on loopback, as far as an order pipeline needs it: SQS, Lambda with SQS
//! event source mappings, DynamoDB, IAM, STS, CloudWatch Logs and the Resource Groups Tagging API.
//! It knows AWS and nothing of orders.
//!
//! Each service has a folder: its descriptor (`mod.rs`), its operations (`api`), its pure state
//! machine (`engine`) and the driver that gives the engine time, durable state and processes. The
//! rest is shared:
//!
//! | Module | What it is |
//! |---|---|
//! | [`cloud`] | puts everything together and runs it |
//! | `gateway` | the HTTP server: limits, signatures, dispatch over the table of services |
//! | `service` | what a service consists of: descriptor, operations, calls |
//! | [`faults`] | chaos profiles, the fault injector, and what AWS delivers late |
//! | [`protocol`] | AWS JSON, REST-JSON and Query: bytes to typed values and back |
//! | [`storage`] | what survives a kill |
//! | [`supervisor`] | confines and ends the processes of functions |

mod busy_file;
pub mod clock;
pub mod cloud;
mod control;
pub mod dynamodb;
pub mod error;
pub mod faults;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod gateway;
pub mod iam;
pub mod ids;
pub mod lambda;
pub mod location;
pub mod logs;
pub mod protocol;
pub mod runtime_context;
mod service;
pub mod sqs;
pub mod storage;
mod sts;
pub mod supervisor;
pub mod tagging;
pub mod wildcard;
