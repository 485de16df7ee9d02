//! What may go wrong, and what AWS delivers late: chaos profiles and the injector that draws from
//! them.

pub(crate) mod errors;
mod injector;
mod profile;

pub use injector::FaultInjector;
pub use profile::{
    ChaosProfile, Delays, Deliveries, FaultOutcome, InjectedFault, InvalidSetting, Rule, Span, draw,
};
