//! How each service says that it cannot answer at the moment.

use crate::error::AwsError;
use crate::faults::FaultOutcome;

/// The error that a outcome gives; `None` where the request is answered.
pub(crate) fn error(service: &str, outcome: FaultOutcome) -> Option<AwsError> {
    match outcome {
        FaultOutcome::Answered => None,
        FaultOutcome::Throttled => Some(throttled(service)),
        FaultOutcome::Failed | FaultOutcome::Lost => Some(failed(service)),
    }
}

fn throttled(service: &str) -> AwsError {
    match service {
        "sqs" => AwsError::new("RequestThrottled", 400, "Rate exceeded"),
        "dynamodb" => AwsError::new(
            "ThrottlingException",
            400,
            "Rate of requests exceeds the allowed throughput.",
        ),
        "lambda" => AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.")
            .with_member("Reason", "CallerRateLimitExceeded".into()),
        "tagging" => AwsError::new("ThrottledException", 400, "Rate exceeded"),
        "iam" | "sts" => AwsError::new("Throttling", 400, "Rate exceeded"),
        _ => AwsError::new("ThrottlingException", 400, "Rate exceeded"),
    }
}

fn failed(service: &str) -> AwsError {
    match service {
        "sqs" => AwsError::new(
            "InternalError",
            500,
            "We encountered an internal error. Please try again.",
        ),
        "dynamodb" => AwsError::new(
            "InternalServerError",
            500,
            "The request could not be processed because of an internal server error",
        ),
        "lambda" => AwsError::new(
            "ServiceException",
            500,
            "An error occurred and the request cannot be processed.",
        ),
        "tagging" => AwsError::new(
            "InternalServiceException",
            500,
            "The request processing failed because of an unknown error, exception, or failure.",
        ),
        "sts" => AwsError::new(
            "ServiceUnavailable",
            503,
            "The request has failed due to a temporary failure of the server.",
        ),
        "iam" => AwsError::new(
            "ServiceFailure",
            500,
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        _ => AwsError::new(
            "ServiceUnavailableException",
            503,
            "The service cannot complete the request.",
        ),
    }
}
