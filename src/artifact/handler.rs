//! The lab's two functions.

use std::fmt;

/// One of the lab's functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handler {
    /// Puts orders into the queue.
    Simulator,
    /// Stores them in the table.
    Processor,
}

impl Handler {
    /// The crate's name, and so the program's.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::Simulator => "order-simulator",
            Self::Processor => "order-processor",
        }
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.package())
    }
}
