//! AWS JSON 1.0 and 1.1: the operation is in `X-Amz-Target`, input and output are JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::http::{Reply, Request};
use crate::error::AwsError;

/// One service's dialect of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// `application/x-amz-json-1.0` or `-1.1`.
    pub content_type: &'static str,
    /// What may precede the dot in `X-Amz-Target`, for example `AmazonSQS`.
    pub target_prefixes: &'static [&'static str],
    /// What precedes `#` in an error's `__type`; empty for none.
    pub error_namespace: &'static str,
    /// Whether errors carry their query-protocol name in `x-amzn-query-error`, as SQS's do.
    pub query_compatible: bool,
    /// The member with an error's text: `message` or, in the models of some services, `Message`.
    pub message_member: &'static str,
}

impl Dialect {
    /// The operation that a request names.
    ///
    /// # Errors
    /// `UnknownOperationException` when the header is missing or names another service.
    pub fn operation<'a>(&self, request: &'a Request) -> Result<&'a str, AwsError> {
        request
            .header("x-amz-target")
            .and_then(|target| self.operation_of(target))
            .ok_or_else(|| unknown_operation(""))
    }

    /// The operation that an `X-Amz-Target` names, where it is one of this service.
    pub fn operation_of<'a>(&self, target: &'a str) -> Option<&'a str> {
        let (prefix, operation) = target.split_once('.')?;
        self.target_prefixes.contains(&prefix).then_some(operation)
    }

    /// The typed input of an operation; an empty body counts as `{}`.
    ///
    /// # Errors
    /// `SerializationException` when the body does not have the operation's shape, and the
    /// service's own error when a required member is missing.
    pub fn input<T: DeserializeOwned>(&self, request: &Request) -> Result<T, AwsError> {
        read(&request.body).map_err(|problem| match missing_member(&problem) {
            Some(member) => self.missing(member),
            None => problem,
        })
    }

    /// The error for a missing required member.
    fn missing(&self, member: &str) -> AwsError {
        if self.query_compatible {
            let message = format!("The request must contain the parameter {member}.");
            AwsError::new("MissingRequiredParameterException", 400, message)
                .with_query_code("MissingParameter")
        } else {
            AwsError::new("InvalidParameterException", 400, is_null(member))
        }
    }

    /// The reply with an operation's output; `()` is an empty object.
    pub fn output<T: Serialize>(&self, output: &T) -> Reply {
        match serde_json::to_vec(output) {
            Ok(body) if body == b"null" => Reply::new(200, self.content_type, &b"{}"[..]),
            Ok(body) => Reply::new(200, self.content_type, body),
            Err(problem) => self.error(&AwsError::internal(problem.to_string())),
        }
    }

    /// The reply with an error.
    pub fn error(&self, error: &AwsError) -> Reply {
        if let Some(body) = &error.body {
            return Reply::new(error.status, self.content_type, body.to_string());
        }
        let shape = if self.error_namespace.is_empty() {
            error.code.to_string()
        } else {
            format!("{}#{}", self.error_namespace, error.code)
        };
        let mut body = Map::new();
        body.insert("__type".to_owned(), Value::from(shape));
        body.insert(
            self.message_member.to_owned(),
            Value::from(error.message.clone()),
        );
        for (name, value) in &error.members {
            body.insert((*name).to_owned(), value.clone());
        }
        let reply = Reply::new(
            error.status,
            self.content_type,
            Value::Object(body).to_string(),
        );
        if !self.query_compatible {
            return reply;
        }
        let code = error.query_code.as_deref().unwrap_or(&error.code);
        let fault = if error.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        reply.with_header("x-amzn-query-error", &format!("{code};{fault}"))
    }
}

/// Reads a body, a JSON object, as typed input. An empty body counts as `{}`. An array is refused,
/// which serde would read as a structure, member by member.
///
/// # Errors
/// `SerializationException` when it does not have the operation's shape.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let refuse = |why: String| AwsError::new("SerializationException", 400, why);
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(refuse("The body is not a JSON object.".to_owned()));
    }
    serde_json::from_slice(body).map_err(|problem| refuse(problem.to_string()))
}

/// The member that is missing in an input that could not be read.
pub(super) fn missing_member(problem: &AwsError) -> Option<&str> {
    let (member, _) = problem
        .message
        .strip_prefix("missing field `")?
        .split_once('`')?;
    Some(member)
}

/// AWS's message for a missing required member.
pub(super) fn is_null(member: &str) -> String {
    format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
         Member must not be null"
    )
}

/// The error for an operation that does not exist, by its name.
pub fn unknown_operation(name: &str) -> AwsError {
    let message = if name.is_empty() {
        "The request names no operation of this service in X-Amz-Target.".to_owned()
    } else {
        format!("The operation {name} does not exist in this local cloud.")
    };
    AwsError::new("UnknownOperationException", 400, message)
}
