//! The error that all services answer with. Each protocol writes it in its own shape.

use std::borrow::Cow;

/// An error as AWS reports it to a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The error's shape name, for example `QueueDoesNotExist`.
    pub code: Cow<'static, str>,
    /// The name in the Query protocol where it differs, for example
    /// `AWS.SimpleQueueService.NonExistentQueue`, which SDKs match for SQS.
    pub query_code: Option<Cow<'static, str>>,
    /// The HTTP status.
    pub status: u16,
    /// The message for people.
    pub message: String,
    /// Further members of the error's body, for example `Item` or `Reason`.
    pub members: Vec<(&'static str, serde_json::Value)>,
    /// The whole body in AWS JSON, where it was written with the error and is not made of the
    /// members above.
    pub body: Option<Box<str>>,
}

impl AwsError {
    /// An error with this shape name, HTTP status and message.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            query_code: None,
            status,
            message: message.into(),
            members: Vec::new(),
            body: None,
        }
    }

    /// The same error with its name in the query protocol.
    #[must_use]
    pub fn with_query_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.query_code = Some(code.into());
        self
    }

    /// The same error with one more member in its body.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: serde_json::Value) -> Self {
        self.members.push((name, value));
        self
    }

    /// The same error with this body in AWS JSON.
    #[must_use]
    pub fn with_body(mut self, body: String) -> Self {
        self.body = Some(body.into_boxed_str());
        self
    }

    /// An error inside the cloud, with status 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", 500, message)
    }
}
