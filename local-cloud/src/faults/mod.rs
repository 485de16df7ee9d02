//! What may go wrong, and what AWS delivers late: chaos profiles, the injector that draws from
//! them, and the store of what some readers still see as it was.

mod injector;
mod lagging;
mod profile;
mod tag_updates;

pub use injector::FaultInjector;
pub use lagging::Lagging;
pub use profile::{
    ChaosProfile, Delays, Deliveries, FaultOutcome, InjectedFault, InvalidSetting, Rule, Span, draw,
};
pub use tag_updates::{TagUpdates, Tags};
