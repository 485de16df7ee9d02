//! Driving the lab: sending orders through the simulator, following them, and accounting for
//! every one. `record` remembers what was sent, `simulate` sends it, `reader` reads what the lab
//! holds, `audit` (pure) compares the two, and `settle` (pure) says when to believe what it finds.

pub mod audit;
pub mod reader;
pub mod record;
pub mod settle;
pub mod simulate;
