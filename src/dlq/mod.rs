//! The dead-letter queue: reading it without losing a letter, telling why each is dead, and
//! moving them back.

mod letter;
mod peek;
mod redrive;
mod task;

pub use letter::{DeadLetter, reasons, unread};
pub use peek::{Unread, peek};
pub use redrive::move_back;
