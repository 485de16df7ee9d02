//! Results of SDK calls, with their errors classified.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{AwsFailure, Class, failure};

/// The result of an SDK call.
pub trait Answer<T> {
    /// The output of a call of `operation`, for example `sqs:CreateQueue`.
    ///
    /// # Errors
    /// The call failed.
    fn of_call(self, operation: &'static str) -> Result<T, AwsFailure>;
}

impl<T, E> Answer<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn of_call(self, operation: &'static str) -> Result<T, AwsFailure> {
        self.map_err(|error| failure(operation, error))
    }
}

/// The result of a call about something that may not exist.
pub trait MayBeAbsent<T> {
    /// `None` where the service reports that it does not exist.
    ///
    /// # Errors
    /// The call failed for another reason.
    fn unless_absent(self) -> Result<Option<T>, AwsFailure>;
}

impl<T> MayBeAbsent<T> for Result<T, AwsFailure> {
    fn unless_absent(self) -> Result<Option<T>, AwsFailure> {
        match self {
            Err(error) if error.class == Class::NotFound => Ok(None),
            answer => answer.map(Some),
        }
    }
}
