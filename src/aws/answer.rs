//! Answers of calls, with their failures sorted.

use std::error::Error;
use std::fmt::Debug;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{AwsFailure, Class, failure};

/// What the SDK answers.
pub trait Answer<T> {
    /// The answer of this operation, for example `sqs:CreateQueue`.
    ///
    /// # Errors
    /// The call's failure.
    fn of_call(self, operation: &'static str) -> Result<T, AwsFailure>;
}

impl<T, E, R> Answer<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    fn of_call(self, operation: &'static str) -> Result<T, AwsFailure> {
        self.map_err(|error| failure(operation, error))
    }
}

/// An answer about something that may not be there.
pub trait MayBeAbsent<T> {
    /// `None` where the service says that there is no such thing.
    ///
    /// # Errors
    /// The call's failure, if it is another.
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
