//! Drivers: they give the engines time, identifiers and durable state, run processes, and wake
//! whoever waits. Every engine has one driver, which the services and the other drivers call.
//!
//! The rule of all drivers: lock the engine (a `std` mutex, never across an await), run one
//! command, hand its changes to the [`journal`] *before* unlocking, so that the journal's order
//! is the engine's, then await the journal's word and only then answer.

pub mod functions;
pub mod ground;
pub mod identities;
pub mod journal;
pub mod logs;
pub mod queues;
pub mod tables;
pub mod weather;
