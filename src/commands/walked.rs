//! What `up` and `down` say of a walk: what was done to each resource, or why they end early.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::Class;
use crate::error::CommandError;
use crate::provision::{ApplyReport, Problem, ResourceResult};
use crate::ui::{Report, Table};

/// Why a resource was skipped.
const NOT_BEGUN: &str = "what comes before it did not succeed";

/// An error that says what stands and what is not done, where the user's interruption is why, or
/// credentials that are not valid any more. `again` is the command that goes on from there.
///
/// # Errors
/// In these two cases.
pub(super) fn stop_early(
    walk: &ApplyReport,
    interrupted: bool,
    again: &str,
) -> Result<(), CommandError> {
    let ids = |well: bool| -> Vec<String> {
        let ended = walk.resources.iter();
        let ended = ended.filter(|end| matches!(end.outcome, Some(Ok(_))) == well);
        ended.map(ResourceResult::id).collect()
    };
    let (done, open) = (ids(true), ids(false));
    let mut error = match expired(walk) {
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
    Err(error.hint(format!("{again} again goes on from here.")))
}

/// The first problem with the credentials.
fn expired(walk: &ApplyReport) -> Option<Problem> {
    let mut problems = problems(walk);
    problems.find(|one| one.is(Class::Credentials)).cloned()
}

fn problems(walk: &ApplyReport) -> impl Iterator<Item = &Problem> {
    let outcomes = walk.resources.iter().filter_map(|end| end.outcome.as_ref());
    outcomes.filter_map(|outcome| outcome.as_ref().err())
}

/// What was done to each resource, and why where it was not; not good unless all of it was.
/// `way_out` knows what the user can do about a problem.
pub(super) fn report(
    walk: &ApplyReport,
    again: &str,
    way_out: impl Fn(&Problem) -> Option<String>,
) -> Report {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources: Vec<Value> = Vec::new();
    let mut reasons = Vec::new();
    for end in &walk.resources {
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
        .with("walk", walk_json(walk))
        .table(table);
    if reasons.is_empty() {
        return report;
    }
    let mut ways_out: Vec<String> = problems(walk).filter_map(way_out).collect();
    ways_out.dedup();
    ways_out.push(format!(
        "Only part was done. {again} again goes on from here."
    ));
    report.text(reasons.join("\n")).text(ways_out.join("\n"))
}

/// How long the walk took, and the chain of resources that it could not be quicker than.
fn walk_json(walk: &ApplyReport) -> Value {
    json!({
        "seconds": seconds(walk.milliseconds),
        "longest_chain": walk.longest_chain,
        "longest_chain_seconds": seconds(walk.longest_chain_milliseconds),
    })
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
