//! Lambda, pure: functions, event source mappings and asynchronous invocations that wait.
//!
//! Nothing runs here. The driver (`runtime::functions`) runs processes and pollers by what the
//! [`Registry`] says, and tells it when they have settled. Dependencies: [`package`] reads
//! deployment packages, [`filter`] says which messages a mapping takes, [`batch`] judges what a
//! function said of a batch.

pub mod batch;
pub mod filter;
mod function;
mod invocations;
mod mapping;
pub mod package;
mod quotas;
mod reference;
mod request;
mod stored;
mod tags;
mod transition;
mod validate;

pub use batch::{Verdict, partial_batch};
pub use filter::FilterCriteria;
pub use function::{Function, FunctionState};
pub use invocations::{AsyncInvocation, AsyncOutcome};
pub use mapping::{Mapping, MappingSettings, MappingState, NewMapping};
pub use request::{CodeUpdate, Configuration, NewFunction};
pub use stored::{FUNCTIONS, INVOCATIONS, Loaded, MAPPINGS};
pub use transition::TransitionTimes;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::AwsError;
use crate::storage::Change;

/// How many invocations the account may have at a time; AWS's usual regional quota.
pub const ACCOUNT_CONCURRENCY: u32 = 1000;

/// How many of them no reservation may take away.
pub const UNRESERVED_MINIMUM: u32 = 100;

/// The most code that all functions' zips may come to: AWS's 75 GiB.
pub const CODE_QUOTA: u64 = 75 << 30;

/// What a command answers: its result and what must become durable.
pub type Outcome<T> = Result<(T, Vec<Change>), AwsError>;

/// All functions of the account and region, their mappings, and the asynchronous invocations
/// that wait for their tx.
#[derive(Debug)]
pub struct Registry {
    account: String,
    region: String,
    functions: BTreeMap<String, Function>,
    mappings: BTreeMap<String, Mapping>,
    invocations: BTreeMap<u64, AsyncInvocation>,
    /// Those that were handed out and not yet finished.
    running: BTreeSet<u64>,
    next_sequence: u64,
    times: TransitionTimes,
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
}

fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceConflictException", 409, message)
}

fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}

#[cfg(test)]
mod tests;
