//! What the fuzz targets of the JSON services have in common.

use serde::de::DeserializeOwned;

use crate::error::AwsError;
use crate::protocol::json::{Dialect, read};

/// A body is read as an operation's input, or refused.
pub(crate) fn typed<T: DeserializeOwned>(body: &[u8]) -> Result<(), AwsError> {
    read::<T>(body).map(drop)
}

/// A refusal is the client's fault and can be written.
pub(crate) fn check_refusal(dialect: &Dialect, outcome: Result<(), AwsError>) {
    if let Err(error) = outcome {
        let reply = dialect.error(&error);
        assert!(reply.status < 500);
        let written = serde_json::from_slice::<serde_json::Value>(&reply.body);
        assert!(written.is_ok());
    }
}
