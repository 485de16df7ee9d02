//! Lambda as a state machine: functions, event source mappings and waiting asynchronous
//! invocations.
//!
//! Nothing runs here. The driver runs processes and pollers according to the [`Registry`], and
//! reports to it when they have settled. [`package`] reads deployment packages, [`filter`] tells
//! which messages a mapping takes, [`batch`] what a function's reply means for a batch.

pub mod batch;
mod configuration;
mod due;
mod error;
pub mod filter;
mod function;
mod functions;
mod invocation;
mod invocations;
mod mapping;
mod mappings;
pub mod package;
mod package_names;
mod quotas;
mod reference;
mod registry;
mod stored;
mod tags;
mod transitions;
mod validate;

pub use batch::{BatchResult, partial_batch};
pub use configuration::Configuration;
pub use due::TransitionTimes;
pub use filter::FilterCriteria;
pub use function::{CodeUpdate, Function, FunctionState, LATEST, NewFunction};
pub use invocation::{AsyncInvocation, AsyncOutcome};
pub use mapping::{Mapping, MappingSettings, MappingState, NewMapping};
pub use quotas::{ACCOUNT_CONCURRENCY, CODE_QUOTA};
pub use registry::{Changes, Outcome, Registry};
pub use stored::{FUNCTIONS, INVOCATIONS, Loaded, MAPPINGS};

#[cfg(test)]
mod tests;
