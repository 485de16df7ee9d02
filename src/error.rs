//! The error that a command ends with: what happened, why, and what to do next. Only the view
//! prints it, once, at the edge.

use std::error::Error;
use std::fmt;

use crate::exit;

/// Which sort of trouble; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Only part was done, or what was looked for is not so.
    Incomplete,
    /// The command line asks for something impossible.
    Usage,
    /// The state directory, the configuration or the local cloud is in the way.
    Environment,
    /// There are no credentials, or they are not valid (any more).
    Credentials,
    /// The service refused a call.
    Refused,
    /// A bug of this program's.
    Bug,
    /// The user interrupted.
    Interrupted,
}

impl ErrorKind {
    /// The name in JSON documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Usage => "usage",
            Self::Environment => "environment",
            Self::Credentials => "credentials",
            Self::Refused => "refused",
            Self::Bug => "bug",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Incomplete => exit::CHECK_FAILED,
            Self::Usage => exit::USAGE,
            Self::Environment | Self::Credentials => exit::ENVIRONMENT,
            Self::Refused => exit::REFUSED,
            Self::Bug => exit::BUG,
            Self::Interrupted => exit::INTERRUPTED,
        }
    }
}

/// The call that made a command fail, for programs and for AWS's support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCall {
    /// The operation, for example `sqs:CreateQueue`.
    pub operation: &'static str,
    /// The service's code, where it answered.
    pub code: Option<String>,
    /// The service's id of the request, where it answered.
    pub request_id: Option<String>,
    /// Whether it failed because the caller lacks the permission.
    pub denied: bool,
}

/// Why a command failed.
#[derive(Debug)]
pub struct CommandError {
    /// Which sort of trouble.
    pub kind: ErrorKind,
    /// What happened, as a sentence without its full stop.
    pub message: String,
    /// Why, where something else reported it.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
    /// The call that failed, where one did.
    pub call: Option<Box<FailedCall>>,
    /// What to do next, each a sentence.
    pub hints: Vec<String>,
}

impl CommandError {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            call: None,
            hints: Vec::new(),
        }
    }

    /// The environment is in the way.
    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Environment, message)
    }

    /// The command line asks for something impossible.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A bug of this program's.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, message)
    }

    /// The user interrupted; `stands` says what stands now.
    pub fn interrupted(stands: impl Into<String>) -> Self {
        Self::new(ErrorKind::Interrupted, stands)
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same error with something to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The message and its causes, joined by colons.
    pub fn full_message(&self) -> String {
        let mut text = self.message.clone();
        let mut cause: Option<&(dyn Error + 'static)> =
            self.cause.as_deref().map(|cause| cause as _);
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.full_message())
    }
}

impl Error for CommandError {}
