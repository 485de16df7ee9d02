//! `doctor`: looks whether everything here is in order, and says what to do where it is not.
//!
//! Each thing looked at is a [`Check`]; none hides another. Nothing is changed, and the local
//! cloud is not started.

mod aws;
mod here;
mod judge;

use serde::Serialize;

use crate::context::{Surroundings, Target};
use crate::error::CommandError;
use crate::globals::TargetKind;
use crate::ui::{Report, Table};

/// How something looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// In order.
    Ok,
    /// Works, but may not be what is wanted.
    Warning,
    /// In the way.
    Problem,
    /// Could not be looked at, because of something else that is in the way.
    Unknown,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            found: found.into(),
            advice: None,
        }
    }

    fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state: State::Warning,
            advice: Some(advice.into()),
            ..Self::ok(name, found)
        }
    }

    fn problem(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state: State::Problem,
            ..Self::warning(name, found, advice)
        }
    }

    fn unknown(name: &'static str, why: &str) -> Self {
        Self {
            state: State::Unknown,
            ..Self::ok(name, format!("not looked at: {why}"))
        }
    }

    /// A problem that an error tells of.
    fn failed(name: &'static str, error: &CommandError) -> Self {
        let advice = error.hints.join(" ");
        Self {
            state: State::Problem,
            advice: Some(advice).filter(|advice| !advice.is_empty()),
            ..Self::ok(name, error.full_message())
        }
    }
}

pub(super) async fn doctor(surroundings: &Surroundings) -> Result<Report, CommandError> {
    let mut checks = vec![here::state_directory(&surroundings.home)];
    let recorded = surroundings.recorded_target().unwrap_or_else(|error| {
        checks.push(Check::failed("record of the lab", &error));
        None
    });
    let target = surroundings.globals.target.unwrap_or_else(|| {
        if recorded.as_ref().is_none_or(Target::is_local) {
            TargetKind::Local
        } else {
            TargetKind::Aws
        }
    });
    checks.extend(here::handlers(target));
    match target {
        TargetKind::Local => checks.push(here::local_cloud(&surroundings.home).await),
        TargetKind::Aws => {
            checks.extend(aws::checks(&surroundings.globals, recorded.as_ref()).await)
        }
    }
    Ok(report(target, &checks))
}

fn report(target: TargetKind, checks: &[Check]) -> Report {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    let mut table = Table::new(["Check", "State", "Found"]);
    for check in checks {
        table.row([
            check.name.to_owned(),
            check.state.name().to_owned(),
            check.found.clone(),
        ]);
    }
    let report = Report::good()
        .passed(problems == 0)
        .with("checked_for", target.name())
        .with("checks", checks)
        .with("problems", problems)
        .with("warnings", warnings)
        .table(table);
    let advised = checks.iter().filter_map(|check| {
        let advice = check.advice.as_ref()?;
        Some(format!("{}: {advice}", check.name))
    });
    let report = advised.fold(report, Report::text);
    report.text(match (problems, warnings) {
        (0, 0) => format!("All is in order for target {}.", target.name()),
        (0, _) => format!(
            "Nothing is in the way of target {}; warnings: {warnings}.",
            target.name()
        ),
        _ => format!(
            "In the way of target {}: {problems}; warnings: {warnings}.",
            target.name()
        ),
    })
}
