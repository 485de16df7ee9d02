//! SDK errors, classified by what a caller can do about them.

use std::error::Error;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::propagation::{PropagationDelay, propagation_delay};
use super::transport::NoListener;
use super::unreadable::describe;
use crate::error::{CommandError, ErrorKind, FailedCall};

/// What can be done about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What the call is about does not exist.
    NotFound,
    /// It exists already.
    Exists,
    /// Too many calls: wait and repeat.
    Throttled,
    /// An earlier change is not finished or not visible everywhere yet: wait for it and repeat.
    Propagating(&'static PropagationDelay),
    /// The caller lacks a permission.
    Denied,
    /// There are no credentials, or they are invalid or have expired.
    Credentials,
    /// No response, or an internal error: whether the call took effect is not known.
    Unreachable,
    /// Nothing listens at the endpoint.
    NoListener,
    /// What came is no response of the service: whether the call took effect is not known.
    Unreadable,
    /// The SDK did not send the call, because what it was given makes no request.
    NotSent,
    /// Anything else.
    Other,
}

/// A failed call.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {}", self.details())]
pub struct AwsFailure {
    /// The operation, for example `sqs:CreateQueue`.
    pub operation: &'static str,
    /// What can be done about it.
    pub class: Class,
    /// The service's error code, where it responded.
    pub code: Option<String>,
    /// The service's message, or the SDK's.
    pub message: String,
    /// The service's id of the request, for AWS support.
    pub request_id: Option<String>,
}

impl AwsFailure {
    fn details(&self) -> String {
        let code = self
            .code
            .as_ref()
            .map_or_else(String::new, |code| format!("{code}: "));
        let id = self
            .request_id
            .as_ref()
            .map_or_else(String::new, |id| format!(" (request id {id})"));
        format!("{code}{}{id}", self.message.trim_end_matches('.'))
    }

    /// Whether waiting and repeating may help.
    pub fn may_pass(&self) -> bool {
        matches!(self.class, Class::Throttled | Class::Propagating(_)) || self.is_unreachable()
    }

    /// Whether no response of the service came.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self.class,
            Class::Unreachable | Class::NoListener | Class::Unreadable
        )
    }
}

impl From<AwsFailure> for CommandError {
    fn from(failure: AwsFailure) -> Self {
        let message = failure.to_string();
        let mut error = match failure.class {
            Class::Unreachable => Self::environment(message)
                .hint("Check whether the endpoint can be reached, then run the command again."),
            Class::NoListener => Self::environment(message).hint(
                "Check whether the server there runs, then run the command again.",
            ),
            Class::Unreadable => Self::environment(message).hint(
                "Check whether the endpoint is AWS or compatible with it, and whether a proxy answers in its place.",
            ),
            Class::NotSent => Self::bug(message)
                .hint("Please report it with the command that you ran; --verbose shows the calls before."),
            // `AwsSettings::explain` adds what renews them.
            Class::Credentials if failure.code.is_none() => {
                Self::new(ErrorKind::Credentials, failure.message)
            }
            Class::Credentials => Self::new(ErrorKind::Credentials, message),
            Class::Throttled => Self::new(ErrorKind::Refused, message).hint(
                "AWS has been throttling for more than a minute; run the command again later.",
            ),
            Class::NotFound => Self::not_found(message),
            _ => Self::new(ErrorKind::Refused, message),
        };
        error.call = Some(Box::new(FailedCall {
            operation: failure.operation,
            code: failure.code,
            request_id: failure.request_id,
            denied: failure.class == Class::Denied,
        }));
        error
    }
}

/// Classifies an SDK error.
pub fn failure<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> AwsFailure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let failure = |class, message| AwsFailure {
        operation,
        class,
        code: None,
        message,
        request_id: None,
    };
    match &error {
        SdkError::ServiceError(answer) => match answer.err().meta().code() {
            Some(code) => of_code(operation, code, answer.err().meta()),
            None => failure(Class::Unreadable, unreadable(answer.raw())),
        },
        SdkError::ResponseError(answer) => failure(Class::Unreadable, unreadable(answer.raw())),
        SdkError::ConstructionFailure(_) => failure(Class::NotSent, in_one_line(&error)),
        _ => {
            let no_credentials = causes(&error).find(is_generic);
            let no_listener = causes(&error).find(|cause| cause.is::<NoListener>());
            match (no_credentials, no_listener) {
                (Some(cause), _) => failure(Class::Credentials, why_no_credentials(cause)),
                (_, Some(cause)) => failure(Class::NoListener, cause.to_string()),
                _ => failure(Class::Unreachable, in_one_line(&error)),
            }
        }
    }
}

/// The failure of a call that the service answered with this code.
fn of_code(operation: &'static str, code: &str, answer: &ErrorMetadata) -> AwsFailure {
    let message = answer.message().unwrap_or("the service gave no reason");
    AwsFailure {
        operation,
        class: classify(operation, code, message),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: answer.extra("aws_request_id").map(str::to_owned),
    }
}

fn unreadable(response: &HttpResponse) -> String {
    format!("the response cannot be read ({})", describe(response))
}

/// Whether an error is of a type that says only that there are no credentials.
fn is_generic(error: &&(dyn Error + 'static)) -> bool {
    error.is::<CredentialsError>() || error.is::<TokenError>()
}

/// Why there are no credentials, in one line.
pub fn why_no_credentials(error: &(dyn Error + 'static)) -> String {
    let specific: Vec<_> = causes(error).filter(|cause| !is_generic(cause)).collect();
    join(specific.iter())
}

/// An error and its causes, from the outermost to the innermost.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// An error and its causes in one line.
pub(super) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    join(causes(error).collect::<Vec<_>>().iter())
}

/// The messages of errors in one line, without those that another one contains.
fn join<'a>(causes: impl Iterator<Item = &'a &'a (dyn Error + 'static)>) -> String {
    let mut messages: Vec<String> = Vec::new();
    for cause in causes {
        // The SDK breaks some of its messages into lines.
        let text = cause.to_string();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !messages.iter().any(|message| message.contains(&line)) {
            messages.push(line);
        }
    }
    messages.join(": ")
}

/// Classifies a service's error. Codes differ between services and protocols.
fn classify(operation: &str, code: &str, message: &str) -> Class {
    let code = code.rsplit(['#', '.']).next().unwrap_or(code);
    match code {
        "NonExistentQueue"
        | "QueueDoesNotExist"
        | "ResourceNotFoundException"
        | "NoSuchEntity"
        | "NoSuchEntityException" => Class::NotFound,
        "QueueAlreadyExists"
        | "QueueNameExists"
        | "EntityAlreadyExists"
        | "EntityAlreadyExistsException"
        | "ResourceAlreadyExistsException" => Class::Exists,
        "ResourceConflictException" if message.contains("already exist") => Class::Exists,
        "ResourceInUseException" if message.contains("already exists") => Class::Exists,
        _ => match propagation_delay(code, message) {
            Some(delay) => Class::Propagating(delay),
            None => by_code(operation, code),
        },
    }
}

/// Classifies an error by its code alone.
fn by_code(operation: &str, code: &str) -> Class {
    match code {
        // These two limit the number of things with it, the other services that of calls.
        "LimitExceededException" if operation.starts_with("logs:") => Class::Other,
        "LimitExceededException" if operation == "dynamodb:UpdateTable" => Class::Other,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "LimitExceededException"
        | "SlowDown" => Class::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError" => Class::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "OptInRequired"
        | "RequestExpired"
        | "RequestTimeTooSkewed"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Class::Credentials,
        "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalFailure"
        | "InternalError"
        | "InternalServerError"
        | "InternalServerException"
        | "InternalServiceException"
        | "RequestTimeout"
        | "ServiceFailure"
        | "ServiceException" => Class::Unreachable,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_protocols_are_classified_alike() {
        assert_eq!(
            classify("", "AWS.SimpleQueueService.NonExistentQueue", ""),
            Class::NotFound
        );
        assert_eq!(
            classify(
                "",
                "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                ""
            ),
            Class::NotFound
        );
        assert_eq!(classify("", "NoSuchEntity", ""), Class::NotFound);
    }

    #[test]
    fn expired_credentials_are_recognized() {
        for code in [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
        ] {
            assert_eq!(classify("", code, ""), Class::Credentials);
        }
        let failure = AwsFailure {
            operation: "sqs:SendMessage",
            class: Class::Credentials,
            code: Some("ExpiredToken".to_owned()),
            message: "The security token included in the request is expired".to_owned(),
            request_id: Some("1-2-3".to_owned()),
        };
        let error = CommandError::from(failure);
        assert_eq!(
            (error.kind, error.kind.exit_code()),
            (ErrorKind::Credentials, 3)
        );
        let call = error.call.expect("a call failed");
        assert_eq!(call.request_id.as_deref(), Some("1-2-3"));
    }

    fn delay(code: &str, message: &str) -> Class {
        Class::Propagating(propagation_delay(code, message).expect("a delay"))
    }

    #[test]
    fn conflicts_differ_from_existing_things() {
        assert_eq!(
            classify("", "ResourceConflictException", "Function already exist: f"),
            Class::Exists
        );
        let busy = "The operation cannot be performed at this time. An update is in progress";
        assert_eq!(
            classify("", "ResourceConflictException", busy),
            delay("ResourceConflictException", busy)
        );
    }

    #[test]
    fn an_unpropagated_role_is_waited_for() {
        let text = "The role defined for the function cannot be assumed by Lambda.";
        assert_eq!(
            classify("", "InvalidParameterValueException", text),
            delay("InvalidParameterValueException", text)
        );
        assert_eq!(
            classify("", "InvalidParameterValueException", "Timeout too long"),
            Class::Other
        );
    }
}
