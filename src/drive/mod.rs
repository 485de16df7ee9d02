//! Driving the lab: sending orders through the simulator, following them, and accounting for
//! every one. `record` remembers what was sent, `simulate` sends it, `look` reads what the lab
//! holds, and `audit` (pure) compares the two.

pub mod audit;
pub mod look;
pub mod record;
pub mod simulate;
