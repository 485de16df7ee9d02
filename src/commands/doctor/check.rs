//! A check and its result.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::CommandError;
use crate::ui::Tone;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CheckState")]
pub(super) enum State {
    /// In order.
    Ok,
    /// It works, but may not be what is wanted.
    Warning,
    /// It does not work.
    Problem,
    /// It could not be checked.
    Unknown,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Good,
            Self::Warning => Tone::Warning,
            Self::Problem => Tone::Bad,
            Self::Unknown => Tone::Dim,
        }
    }
}

/// A check and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Check {
    /// What was checked, for example `state directory`.
    pub(super) name: &'static str,
    /// The result.
    pub(super) state: State,
    /// What was found, for people.
    pub(super) found: String,
    /// What to do about it, for people; `null` where nothing need be done.
    pub(super) advice: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn warning(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Warning,
            advice: Some(advice.into()),
            ..Self::ok(name, found)
        }
    }

    pub(super) fn problem(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Problem,
            ..Self::warning(name, found, advice)
        }
    }

    pub(super) fn unknown(name: &'static str, why: &str) -> Self {
        Self {
            state: State::Unknown,
            ..Self::ok(name, format!("not checked: {why}"))
        }
    }

    /// A problem with the message and hints of an error.
    pub(super) fn failed(name: &'static str, error: &CommandError) -> Self {
        let advice = error.hints.join(" ");
        Self {
            state: State::Problem,
            advice: Some(advice).filter(|advice| !advice.is_empty()),
            ..Self::ok(name, error.full_message())
        }
    }
}
