//! Sends the orders of a run through the simulator, and follows them until each is stored or
//! dead-lettered.

mod follow;
mod invoke;
mod messages;
mod plan;
mod send;

pub use follow::Follower;
pub use messages::{audit_command, detached};
pub use plan::RunRequest;
pub use send::Sender;
