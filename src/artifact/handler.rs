//! The lab's two functions.

use std::fmt;

/// One of the lab's functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handler {
    /// Sends orders to the queue.
    Simulator,
    /// Stores the orders from the queue in the table.
    Processor,
}

impl Handler {
    /// The name of its crate and of its program.
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
