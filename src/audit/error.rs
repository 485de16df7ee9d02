//! Why an audit fails.

use crate::aws::AwsFailure;
use crate::context::Context;
use crate::error::CommandError;
use crate::messages::ReadError;

/// Why there is no audit.
#[derive(Debug)]
pub(crate) enum AuditError {
    /// A call failed.
    Call(AwsFailure),
    /// The user interrupted.
    Interrupted,
    /// A record is damaged, the state directory cannot be used, or there is no new connection.
    Command(CommandError),
}

impl From<AwsFailure> for AuditError {
    fn from(failure: AwsFailure) -> Self {
        Self::Call(failure)
    }
}

impl From<ReadError> for AuditError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Call(failure) => Self::Call(failure),
            ReadError::Interrupted => Self::Interrupted,
        }
    }
}

impl From<CommandError> for AuditError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl AuditError {
    /// The error of a command that ends with this. `context` names the command that goes on.
    pub(crate) fn into_error(self, context: &Context<'_>) -> CommandError {
        match self {
            Self::Call(failure) => failure.into(),
            Self::Command(error) => error,
            Self::Interrupted => {
                let audit = context.command("audit");
                CommandError::interrupted("interrupted; processing continues")
                    .hint(format!("{audit} shows where the orders are."))
            }
        }
    }
}
