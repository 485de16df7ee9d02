//! The error that a command ends with: what happened, why, and what to do next. Only the view
//! prints it, once, at the edge.

use std::error::Error;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit;

/// Which sort of trouble made a command fail. It decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Only part was done. Exit code 1.
    Incomplete,
    /// The command line is wrong. Exit code 2.
    Usage,
    /// Something is wrong on this machine: the state directory, the configuration, the network or
    /// the local cloud. Exit code 3.
    Environment,
    /// There are no credentials, or they are invalid or have expired. Exit code 3.
    Credentials,
    /// The service refused a call. Exit code 4.
    Refused,
    /// What the command acts on does not exist: the lab, a run, or something in the account. Exit
    /// code 4.
    NotFound,
    /// A bug in this program. Exit code 70.
    Bug,
    /// The user interrupted, or did not answer a question with yes. Exit code 130.
    Interrupted,
}

impl ErrorKind {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Incomplete => exit::CHECK_FAILED,
            Self::Usage => exit::USAGE,
            Self::Environment | Self::Credentials => exit::ENVIRONMENT,
            Self::Refused | Self::NotFound => exit::REFUSED,
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

    /// Something is wrong on this machine.
    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Environment, message)
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A bug in this program.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, message)
    }

    /// What the command acts on does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// The user interrupted; `message` says what was done and what was not.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Interrupted, message)
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
        let cause = self.cause.as_deref().map(|cause| cause as _);
        order::followed_by_causes(self.message.clone(), cause)
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.full_message())
    }
}

impl Error for CommandError {}
