//! The dead-letter queue: reading it without losing a letter, telling why each is dead, and
//! moving them back.

mod letter;
mod peek;
mod redrive;

pub use letter::{DeadLetter, reasons};
pub use peek::{Unread, peek};
pub use redrive::{Moved, move_back};
