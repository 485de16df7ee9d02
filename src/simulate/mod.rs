//! Sends the orders of a run through the simulator, and follows them until each is stored or
//! dead-lettered.

mod follow;
mod invoke;
mod messages;
mod plan;
mod progress;
mod send;

pub(crate) use follow::Follower;
pub(crate) use messages::{audit_command, detached};
pub(crate) use plan::RunRequest;
pub(crate) use progress::RunProgress;
pub(crate) use send::Sender;
