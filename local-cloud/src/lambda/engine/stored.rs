//! How functions, mappings and asynchronous invocations are stored.

use std::collections::{BTreeMap, BTreeSet};

use super::{AsyncInvocation, Function, Mapping, Registry, TransitionTimes};
use crate::storage::{Change, Collection, Entry, next_after};

/// Functions by name.
pub const FUNCTIONS: Collection = "lambda_function";
/// Mappings by id.
pub const MAPPINGS: Collection = "lambda_mapping";
/// Asynchronous invocations by their sequence numbers: a line of JSON, then the payload.
pub const INVOCATIONS: Collection = "lambda_async";

/// The entries of the three collections.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Of [`FUNCTIONS`].
    pub functions: Vec<Entry>,
    /// Of [`MAPPINGS`].
    pub mappings: Vec<Entry>,
    /// Of [`INVOCATIONS`].
    pub invocations: Vec<Entry>,
}

impl Registry {
    /// The registry of an account and region as it was stored.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load(place: (&str, &str), loaded: Loaded) -> Result<Self, String> {
        let mut registry = Self {
            account: place.0.to_owned(),
            region: place.1.to_owned(),
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
        for (key, value) in loaded.invocations {
            let key = key
                .try_into()
                .map_err(|_| "an invocation's key is not 8 bytes long".to_owned())?;
            let sequence = u64::from_be_bytes(key);
            let mut parts = value.splitn(2, |byte| *byte == b'\n');
            let head = parts.next().unwrap_or_default();
            let mut invocation: AsyncInvocation = parse(head)?;
            invocation.sequence = sequence;
            invocation.payload = parts.next().unwrap_or_default().to_vec();
            registry.invocations.insert(sequence, invocation);
            registry.next_sequence = next_after(sequence)?;
        }
        Ok(registry)
    }
}

impl Function {
    pub(super) fn put(&self) -> Change {
        Change::put(FUNCTIONS, self.name.as_bytes(), json(self))
    }

    pub(super) fn delete(&self) -> Change {
        Change::delete(FUNCTIONS, self.name.as_bytes())
    }
}

impl Mapping {
    pub(super) fn put(&self) -> Change {
        Change::put(MAPPINGS, self.uuid.as_bytes(), json(self))
    }

    pub(super) fn delete(&self) -> Change {
        Change::delete(MAPPINGS, self.uuid.as_bytes())
    }
}

impl AsyncInvocation {
    pub(super) fn put(&self) -> Change {
        let mut value = json(self);
        value.push(b'\n');
        value.extend_from_slice(&self.payload);
        Change::put(INVOCATIONS, self.sequence.to_be_bytes(), value)
    }

    pub(super) fn delete(&self) -> Change {
        Change::delete(INVOCATIONS, self.sequence.to_be_bytes())
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("structs of texts and numbers can be written as JSON")
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|problem| problem.to_string())
}
