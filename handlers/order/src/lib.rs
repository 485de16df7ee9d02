//! The order: its model and validation, its seeded generator, and the messages about orders that the
//! command-line tool and the two functions exchange.
//!
//! Everything here is pure. The simulator generates orders with [`Plan::order`], the processor
//! validates them with [`parse`], and the tool does both again to account for every order of a run.

mod causes;
mod defect;
mod generate;
mod model;
mod plan;
pub mod wire;

pub use causes::{followed_by_causes, with_causes};
pub use defect::{Defect, Reason, UnknownReason};
pub use generate::Generated;
pub use model::{FIRST_NUMBER, LAST_NUMBER, MAX_ITEMS, Order, parse};
pub use plan::{BLOCK_UNIT, Block, Fault, Faults, Plan, PlanError, UnknownFault};
