//! What `up` and `down` say at their end: what was done to each resource, or why they end early.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ApplyReport, Inspected, Observed, Outcome, Problem, ResourceResult};
use crate::aws::Class;
use crate::error::CommandError;
use crate::naming::TAG_SETTINGS;
use crate::ui::{Cell, Report, Table, Tone, counted};

/// Why a resource was skipped.
const NOT_BEGUN: &str = "what comes before it did not succeed";

/// Fails where the user's interruption or invalid credentials left work undone; the error names
/// what is done and what is not. `again` is the command that continues.
///
/// # Errors
/// In these two cases.
pub(crate) fn stop_early(
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

/// What was done to the lab's resources.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AppliedResources {
    /// What was done to each resource.
    resources: Vec<AppliedResource>,
    /// How long it took.
    timing: Timing,
}

/// What was done to a resource.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct AppliedResource {
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
pub(crate) struct Timing {
    /// All of it, in seconds.
    seconds: f64,
    /// The resources of the longest chain in which each needs the one before it.
    longest_chain: Vec<String>,
    /// The sum of their times, in seconds: work on all resources cannot take less.
    longest_chain_seconds: f64,
}

/// The report of what was done to each resource. It passes only if all of it succeeded; otherwise, and
/// with `details`, a table shows each. `advice` knows what the user can do about a problem; `again` is
/// the command that continues.
pub(crate) fn report(
    applied: &ApplyReport,
    details: bool,
    again: &str,
    advice: impl Fn(&Problem) -> Option<String>,
) -> Report<AppliedResources> {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources = Vec::new();
    let mut reasons = Vec::new();
    for end in &applied.resources {
        let resource = AppliedResource::of(end);
        table.row([
            Cell::from(end.kind.replace('_', " ")),
            Cell::from(end.name.as_str()),
            Cell::new(resource.outcome, tone(end)),
            Cell::from(format!("{:.1}", resource.seconds)),
        ]);
        let reason = resource.reason.as_ref();
        let outcome = resource.outcome;
        reasons.extend(reason.map(|reason| format!("{} {outcome}: {reason}.", end.id())));
        resources.push(resource);
    }
    let report = Report::new(AppliedResources {
        resources,
        timing: Timing {
            seconds: seconds(applied.milliseconds),
            longest_chain: applied.longest_chain.clone(),
            longest_chain_seconds: seconds(applied.longest_chain_milliseconds),
        },
    })
    .passed(reasons.is_empty());
    let report = match details || !reasons.is_empty() {
        true => report.table(table),
        false => report,
    };
    if reasons.is_empty() {
        return report;
    }
    let mut hints: Vec<String> = problems(applied).filter_map(advice).collect();
    hints.dedup();
    hints.push(format!("Only part was done. {}", continue_with(again)));
    report.text(reasons.join("\n")).text(hints.join("\n"))
}

/// How the outcome is meant.
fn tone(end: &ResourceResult) -> Tone {
    match &end.outcome {
        Some(Ok(Outcome::Unchanged | Outcome::Absent)) => Tone::Dim,
        Some(Ok(_)) => Tone::Good,
        Some(Err(_)) => Tone::Bad,
        None => Tone::Warning,
    }
}

/// A sentence about a lab that is as it should be: `Lab ready: 10 resources in 0.4 s.` Resources that
/// were `found` different are named with what differed.
pub(crate) fn ready(applied: &ApplyReport, found: &[Inspected]) -> String {
    let with = |outcome: Outcome| -> Vec<String> {
        let ends = applied.resources.iter();
        let those = ends.filter(|end| matches!(end.outcome, Some(Ok(one)) if one == outcome));
        those
            .map(|end| with_differences(&end.id(), found))
            .collect()
    };
    let changes: Vec<String> = [Outcome::Updated, Outcome::Replaced, Outcome::Adopted]
        .into_iter()
        .map(|outcome| (outcome.name(), with(outcome)))
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(name, ids)| format!("{name} {}", ids.join(", ")))
        .collect();
    let (all, created) = (applied.resources.len(), with(Outcome::Created).len());
    let resources = counted(all, "resource");
    let seconds = seconds(applied.milliseconds);
    if with(Outcome::Unchanged).len() == all {
        return format!("Lab ready: {resources}, nothing to change ({seconds:.1} s).");
    }
    let parts = (created > 0 && created < all).then(|| format!("created {created}"));
    let parts: Vec<String> = parts.into_iter().chain(changes).collect();
    let ready = format!("Lab ready: {resources} in {seconds:.1} s");
    if parts.is_empty() {
        return format!("{ready}.");
    }
    let text = format!("{ready}; {}.", parts.join("; "));
    match about_settings(&text) {
        Some(about) => format!("{text} {about}"),
        None => text,
    }
}

/// What a difference in the tag of settings means; `None` where the text names none.
pub(super) fn about_settings(text: &str) -> Option<&'static str> {
    text.contains(TAG_SETTINGS)
        .then_some("The tag keeps the lab's settings for later commands.")
}

/// A resource with the names of its settings that were found different: `table orders (TableClass)`.
fn with_differences(id: &str, found: &[Inspected]) -> String {
    let found = found.iter().find(|found| found.id() == id);
    let observed = found.and_then(|found| found.observed.as_ref().ok());
    let settings: Vec<&str> = observed
        .into_iter()
        .flat_map(Observed::differences)
        .map(|difference| difference.setting.as_str())
        .collect();
    if settings.is_empty() {
        return id.to_owned();
    }
    format!("{id} ({})", settings.join(", "))
}

/// How many resources were removed, and how many seconds it took.
pub(crate) fn removed(applied: &ApplyReport) -> (usize, f64) {
    let deleted = |end: &&ResourceResult| matches!(end.outcome, Some(Ok(Outcome::Deleted)));
    let count = applied.resources.iter().filter(deleted).count();
    (count, seconds(applied.milliseconds))
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
