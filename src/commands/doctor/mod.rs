//! `doctor`: checks the setup, and says how to fix what is wrong.
//!
//! Everything it looks at is a [`Check`]; one that fails stops no other. Nothing is changed, and the
//! local cloud is not started.

mod aws;
mod check;
mod findings;
mod here;

use schemars::JsonSchema;
use serde::Serialize;

use check::{Check, State};

use crate::context::{CommandEnv, Target};
use crate::error::CommandError;
use crate::globals::TargetKind;
use crate::ui::{Cell, Report, Table, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab doctor                      where the lab is, or will be
  orders-lab doctor --target aws         also credentials, clock and quotas";

/// What `doctor` found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DoctorReport {
    /// The target whose setup was checked.
    checked_for: TargetKind,
    /// The checks, in the order in which they were made.
    checks: Vec<Check>,
    /// How many checks found a problem.
    problems: usize,
    /// How many checks gave a warning.
    warnings: usize,
}

pub(super) async fn doctor(env: &CommandEnv) -> Result<Report<DoctorReport>, CommandError> {
    let mut checks = vec![here::state_directory(&env.home)];
    if env.home.check_ownership().is_err() {
        return Ok(without_state(env, checks));
    }
    let record = env.record().unwrap_or_else(|error| {
        checks.push(Check::failed("record of the lab", &error));
        None
    });
    let recorded = record.as_ref().map(|record| &record.target);
    let target = env.globals.target.unwrap_or_else(|| {
        if recorded.is_none_or(Target::is_local) {
            TargetKind::Local
        } else {
            TargetKind::Aws
        }
    });
    let folder = record
        .as_ref()
        .and_then(|record| record.handlers.as_deref());
    checks.extend(here::handlers(target, folder));
    match target {
        TargetKind::Local => checks.push(here::local_cloud(&env.home).await),
        TargetKind::Aws => checks.extend(aws::checks(env, recorded).await),
    }
    Ok(report(target, checks))
}

/// The report where the state directory is not used: what depends on nothing in it.
fn without_state(env: &CommandEnv, mut checks: Vec<Check>) -> Report<DoctorReport> {
    let target = env.globals.target.unwrap_or(TargetKind::Local);
    let why = "the state directory is not used";
    checks.push(Check::unknown("record of the lab", why));
    checks.extend(here::handlers(target, None));
    checks.push(Check::unknown(
        match target {
            TargetKind::Local => "local cloud",
            TargetKind::Aws => "account",
        },
        why,
    ));
    report(target, checks)
}

fn report(target: TargetKind, checks: Vec<Check>) -> Report<DoctorReport> {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    let mut table = Table::new(["Check", "State", "Found"]);
    for check in &checks {
        table.row([
            Cell::from(check.name),
            Cell::new(check.state.name(), check.state.tone()),
            Cell::from(check.found.as_str()),
        ]);
    }
    let advice = checks.iter().filter_map(|check| {
        let advice = check.advice.as_ref()?;
        Some(format!("{}: {advice}", check.name))
    });
    let advice: Vec<String> = advice.collect();
    let report = DoctorReport {
        checked_for: target,
        checks,
        problems,
        warnings,
    };
    Report::new(report)
        .passed(problems == 0)
        .table(table)
        .texts(advice)
        .text(summary(target, problems, warnings))
}

/// For example `2 problems and 1 warning for target aws.`
fn summary(target: TargetKind, problems: usize, warnings: usize) -> String {
    let name = target.name();
    let (problems, warnings) = match (problems, warnings) {
        (0, 0) => return format!("Everything is in order for target {name}."),
        (0, warnings) => ("No problems".to_owned(), warnings),
        (problems, 0) => return format!("{} for target {name}.", counted(problems, "problem")),
        (problems, warnings) => (counted(problems, "problem"), warnings),
    };
    let warnings = counted(warnings, "warning");
    format!("{problems} and {warnings} for target {name}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_problems_and_warnings() {
        for (problems, warnings, words) in [
            (0, 0, "Everything is in order for target aws."),
            (0, 1, "No problems and 1 warning for target aws."),
            (1, 0, "1 problem for target aws."),
            (2, 1, "2 problems and 1 warning for target aws."),
        ] {
            assert_eq!(summary(TargetKind::Aws, problems, warnings), words);
        }
    }
}
