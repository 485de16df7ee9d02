//! How functions, mappings and asynchronous invocations are stored.

use super::function::Function;
use super::invocation::AsyncInvocation;
use super::mapping::Mapping;
use crate::storage::{Change, Collection, Entry};

/// Functions by name.
pub const FUNCTIONS: Collection = "lambda_function";
/// Mappings by UUID.
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
    pub(super) fn load((key, value): Entry) -> Result<Self, String> {
        let key = key
            .try_into()
            .map_err(|_| "an invocation's key is not 8 bytes long".to_owned())?;
        let mut parts = value.splitn(2, |byte| *byte == b'\n');
        let invocation: Self = parse(parts.next().unwrap_or_default())?;
        Ok(Self {
            sequence: u64::from_be_bytes(key),
            payload: parts.next().unwrap_or_default().to_vec(),
            ..invocation
        })
    }

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

pub(super) fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|problem| problem.to_string())
}
