//! The dead-letter queue: reading it without losing a message, why each message is there, moving
//! them back, and where they end up.

mod cause;
mod dead_letter;
mod follow;
mod logged;
mod move_task;
mod one_by_one;
mod peek;
mod redrive;
mod repairs;
mod selected;
mod why;

pub(crate) use crate::messages::Transferred;
pub(crate) use cause::add_causes;
pub(crate) use dead_letter::{DeadLetter, meaning, reasons, unread};
pub(crate) use follow::{Outcomes, follow};
pub(crate) use logged::LoggedReasons;
pub(crate) use peek::{peek, peek_all};
pub(crate) use redrive::move_back;
pub(crate) use repairs::Repairs;
pub(crate) use selected::{
    Planned, RedriveHeader, RedrivePlan, Redriven, begin, move_selected, rehearse, reopen,
    unfinished, unusable,
};
pub(crate) use why::{Attempt, attempts};
