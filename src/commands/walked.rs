//! What `up` and `down` say of a walk: what was done to each resource, or why they end early.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

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

/// What was done to the lab's resources.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AppliedResources {
    /// What was done to each resource.
    resources: Vec<AppliedResource>,
    /// How long it took.
    timing: Timing,
}

/// What was done to a resource.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct AppliedResource {
    /// The resource's kind, for example `queue` or `log_group`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// `created`, `updated`, `replaced`, `adopted`, `unchanged`, `deleted`, `absent` (there was nothing
    /// to delete), `failed`, or `skipped`.
    outcome: &'static str,
    /// When work on it began, in seconds from the start.
    began_seconds: f64,
    /// How long work on it took, in seconds.
    seconds: f64,
    /// Why it failed or was skipped; `null` where neither is so.
    reason: Option<String>,
}

impl AppliedResource {
    fn of(end: &ResourceResult) -> Self {
        let (outcome, reason) = match &end.outcome {
            Some(Ok(outcome)) => (outcome.name(), None),
            Some(Err(problem)) => ("failed", Some(problem.to_string())),
            None => ("skipped", Some(NOT_BEGUN.to_owned())),
        };
        Self {
            kind: end.kind,
            name: end.name.clone(),
            outcome,
            began_seconds: seconds(end.began),
            seconds: seconds(end.milliseconds),
            reason,
        }
    }
}

/// How long work on all resources took.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Timing {
    /// All of it, in seconds.
    seconds: f64,
    /// The resources of the longest chain in which each needs the one before it.
    longest_chain: Vec<String>,
    /// The sum of their times, in seconds: work on all resources cannot take less.
    longest_chain_seconds: f64,
}

/// What was done to each resource; not `ok` unless all of it succeeded. `way_out` knows what the user
/// can do about a problem.
pub(super) fn report(
    walk: &ApplyReport,
    again: &str,
    way_out: impl Fn(&Problem) -> Option<String>,
) -> Report<AppliedResources> {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources = Vec::new();
    let mut reasons = Vec::new();
    for end in &walk.resources {
        let applied = AppliedResource::of(end);
        table.row([
            end.kind.replace('_', " "),
            end.name.clone(),
            applied.outcome.to_owned(),
            format!("{:.1}", applied.seconds),
        ]);
        let reason = applied.reason.as_ref();
        reasons.extend(reason.map(|reason| format!("{} {}: {reason}.", end.id(), applied.outcome)));
        resources.push(applied);
    }
    let report = Report::new(AppliedResources {
        resources,
        timing: Timing {
            seconds: seconds(walk.milliseconds),
            longest_chain: walk.longest_chain.clone(),
            longest_chain_seconds: seconds(walk.longest_chain_milliseconds),
        },
    })
    .passed(reasons.is_empty())
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

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
