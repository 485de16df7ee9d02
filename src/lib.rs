//! `orders-lab`: build, drive, inspect, repair and remove an event-driven order pipeline, on AWS or
//! with no account at all.
//!
//! Data flows one way: argv becomes [`cli::Cli`]; a command gets its environment and, where it acts
//! on a lab, a context with the target and its clients; it sends events while it works, and returns a
//! report, which is printed once, on stdout. Only the view prints.
//!
//! The layers; each module imports only from layers below its own (`tests/tidy.rs` checks this):
//!
//! | Layer | Modules |
//! |---|---|
//! | 7 | `app`: parse, run, exit; `json_schema`: the documents of all commands |
//! | 6 | `cli`, `commands`: one file per command |
//! | 5 | `action`: how a command connects to its target, and how it ended |
//! | 4 | `provision`; `lab` → `dlq` → `audit` → `simulate`: the work behind several commands |
//! | 3 | `messages`: the messages of any queue; `context`, below it: what a command is given |
//! | 2 | `aws`, `host`, `artifact`, `runs`: clients, the local cloud's process, handler builds, recorded runs |
//! | 1 | `ui`: events, reports and how they look |
//! | 0 | `globals`, `given`: the options of a command line; `error`, `exit`, `naming`, `home`, `system`, `shell`, `words`; `costs`: usage and list prices; `backoff`, `poll`: repeating what is not done yet |

mod action;
pub mod app;
pub mod artifact;
mod audit;
pub mod aws;
mod backoff;
pub mod cli;
mod commands;
mod context;
mod costs;
mod dlq;
mod error;
mod exit;
mod given;
mod globals;
mod home;
mod host;
mod json_schema;
mod lab;
mod messages;
mod naming;
mod poll;
mod provision;
pub mod runs;
mod shell;
mod simulate;
mod system;
mod ui;
mod words;

pub use json_schema::json_schema;
