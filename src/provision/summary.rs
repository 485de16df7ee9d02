//! What `up` and `down` say at their end: what was done to each resource, or why they end early.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ApplyReport, Problem, ResourceResult};
use crate::aws::Class;
use crate::error::CommandError;
use crate::ui::{Report, Table};

/// Why a resource was skipped.
const NOT_BEGUN: &str = "what comes before it did not succeed";

/// Fails where the user's interruption or invalid credentials left work undone; the error names
/// what is done and what is not. `again` is the command that continues.
///
/// # Errors
/// In these two cases.
pub fn stop_early(
    applied: &ApplyReport,
    interrupted: bool,
    again: &str,
) -> Result<(), CommandError> {
    let ids = |successful: bool| -> Vec<String> {
        applied
            .resources
            .iter()
            .filter(|end| matches!(end.outcome, Some(Ok(_))) == successful)
            .map(ResourceResult::id)
            .collect()
    };
    let (done, open) = (ids(true), ids(false));
    let mut error = match expired(applied) {
        _ if open.is_empty() => return Ok(()),
        _ if interrupted => CommandError::interrupted("interrupted"),
        Some(problem) => problem.into(),
        None => return Ok(()),
    };
    let done = if done.is_empty() {
        "nothing".to_owned()
    } else {
        done.join(", ")
    };
    error.message = format!(
        "{}; done: {done}; not finished: {}",
        error.message,
        open.join(", ")
    );
    Err(error.hint(continue_with(again)))
}

fn continue_with(again: &str) -> String {
    format!("{again} again continues from here.")
}

/// The first problem with the credentials.
fn expired(applied: &ApplyReport) -> Option<Problem> {
    problems(applied)
        .find(|one| one.is(Class::Credentials))
        .cloned()
}

fn problems(applied: &ApplyReport) -> impl Iterator<Item = &Problem> {
    applied
        .resources
        .iter()
        .filter_map(|end| end.outcome.as_ref())
        .filter_map(|outcome| outcome.as_ref().err())
}

/// The report of what was done to each resource, and why where it was not. It passes only if all
/// was done. `advice` knows what the user can do about a problem; `again` is the command that
/// continues.
pub fn report(
    applied: &ApplyReport,
    again: &str,
    advice: impl Fn(&Problem) -> Option<String>,
) -> Report {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources: Vec<Value> = Vec::new();
    let mut reasons = Vec::new();
    for end in &applied.resources {
        let (outcome, reason) = match &end.outcome {
            Some(Ok(outcome)) => (outcome.name(), None),
            Some(Err(problem)) => ("failed", Some(problem.to_string())),
            None => ("skipped", Some(NOT_BEGUN.to_owned())),
        };
        let [began, took] = [end.began, end.milliseconds].map(seconds);
        table.row([
            end.kind.replace('_', " "),
            end.name.clone(),
            outcome.to_owned(),
            format!("{took:.1}"),
        ]);
        let mut resource = json!({
            "kind": end.kind, "name": end.name, "outcome": outcome, "began": began, "seconds": took,
        });
        if let (Some(reason), Some(members)) = (reason, resource.as_object_mut()) {
            reasons.push(format!("{} {outcome}: {reason}.", end.id()));
            members.insert("reason".to_owned(), reason.into());
        }
        resources.push(resource);
    }
    let report = Report::good()
        .passed(reasons.is_empty())
        .with("resources", resources)
        .with("walk", timing(applied))
        .table(table);
    if reasons.is_empty() {
        return report;
    }
    let mut hints: Vec<String> = problems(applied).filter_map(advice).collect();
    hints.dedup();
    hints.push(format!("Only part was done. {}", continue_with(again)));
    report.text(reasons.join("\n")).text(hints.join("\n"))
}

/// The total time, and the longest chain of resources that had to be done one after the other.
fn timing(applied: &ApplyReport) -> Value {
    json!({
        "seconds": seconds(applied.milliseconds),
        "longest_chain": applied.longest_chain,
        "longest_chain_seconds": seconds(applied.longest_chain_milliseconds),
    })
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
