//! `orders-lab`: build, drive, inspect, mend and remove an event-driven order pipeline, on AWS
//! or with no account at all.
//!
//! A command flows one way: argv becomes [`cli::Cli`]; [`app`] turns it and the environment into
//! a [`context::Context`]; the command does its work, telling [`ui::Events`] what happens as it
//! happens, and returns a [`ui::Report`], which the view prints once, on stdout. Work never
//! prints.
//!
//! The layers; each module imports only from layers below its own (`tests/tidy.rs` checks this):
//!
//! | Layer | Modules |
//! |---|---|
//! | 6 | `app`: parse, run, exit |
//! | 5 | `cli`, `commands`: one file per command |
//! | 4 | `provision`, `drive`, `dlq`: the work behind several commands |
//! | 3 | `context`: what a command is given |
//! | 2 | `aws`, `host`, `artifact`: clients, the local cloud's process, handler builds |
//! | 1 | `ui`: events, reports and how they look |
//! | 0 | `globals`, `error`, `exit`, `naming`, `home`, `world`; `costs`: usage and list prices |

pub mod app;
pub mod artifact;
pub mod aws;
pub mod cli;
pub mod commands;
pub mod context;
pub mod costs;
pub mod dlq;
pub mod drive;
pub mod error;
pub mod exit;
pub mod globals;
pub mod home;
pub mod host;
pub mod naming;
pub mod provision;
pub mod system;
pub mod ui;
