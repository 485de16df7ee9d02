//! Driving the lab: sending orders through the simulator, following them, and accounting for
//! every one. `record` remembers what was sent, `simulate` sends it, `look` reads what the lab
//! holds, `audit` (pure) compares the two, and `doubt` (pure) says when to believe what it finds.

pub mod audit;
pub mod doubt;
pub mod look;
pub mod record;
pub mod simulate;
