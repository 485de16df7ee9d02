//! The registry of functions, mappings and asynchronous invocations.

use std::collections::{BTreeMap, BTreeSet};

use super::due::TransitionTimes;
use super::function::Function;
use super::invocation::AsyncInvocation;
use super::mapping::Mapping;
use super::stored::{Loaded, parse};
use crate::error::AwsError;
use crate::storage::{Change, next_after};

/// The result of a command, and what it changed.
pub type Outcome<T> = Result<(T, Changes), AwsError>;

/// What a command changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// What must become durable.
    pub stored: Vec<Change>,
    /// The resources whose tags changed, by ARN, with the tags that they had before; none for a
    /// new resource.
    pub tagged: Vec<(String, BTreeMap<String, String>)>,
}

impl Changes {
    /// The same with a change of a resource's tags, if they are not what they were.
    pub(super) fn with_tags(
        mut self,
        arn: &str,
        before: &BTreeMap<String, String>,
        after: &BTreeMap<String, String>,
    ) -> Self {
        if before != after {
            self.tagged.push((arn.to_owned(), before.clone()));
        }
        self
    }
}

impl From<Change> for Changes {
    fn from(change: Change) -> Self {
        Self::from(vec![change])
    }
}

impl From<Vec<Change>> for Changes {
    fn from(stored: Vec<Change>) -> Self {
        Self {
            stored,
            tagged: Vec::new(),
        }
    }
}

/// All functions of the account and region, their mappings, and the asynchronous invocations
/// that wait for their turn.
#[derive(Debug)]
pub struct Registry {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) mappings: BTreeMap<String, Mapping>,
    pub(super) invocations: BTreeMap<u64, AsyncInvocation>,
    /// The invocations that were handed out and have not finished.
    pub(super) running: BTreeSet<u64>,
    pub(super) next_sequence: u64,
    pub(super) times: TransitionTimes,
}

impl Registry {
    /// The registry of an account and region as it was stored.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load((account, region): (&str, &str), loaded: Loaded) -> Result<Self, String> {
        let mut registry = Self {
            account: account.to_owned(),
            region: region.to_owned(),
            functions: BTreeMap::new(),
            mappings: BTreeMap::new(),
            invocations: BTreeMap::new(),
            running: BTreeSet::new(),
            next_sequence: 1,
            times: TransitionTimes::default(),
        };
        for (_, value) in loaded.functions {
            let function: Function = parse(&value)?;
            registry.functions.insert(function.name.clone(), function);
        }
        for (_, value) in loaded.mappings {
            let mapping: Mapping = parse(&value)?;
            registry.mappings.insert(mapping.uuid.clone(), mapping);
        }
        for entry in loaded.invocations {
            let invocation = AsyncInvocation::load(entry)?;
            let sequence = invocation.sequence;
            registry.invocations.insert(sequence, invocation);
            registry.next_sequence = next_after(sequence)?;
        }
        Ok(registry)
    }
}
