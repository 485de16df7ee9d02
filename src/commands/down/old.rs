//! `down --all`: removes every lab of the account and region, or every old one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::remove::{NOT_REMOVED, Removal, remove};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::naming::LabName;
use crate::provision::labs::{FoundLab, found_labs};
use crate::system;
use crate::ui::{Cell, Report, Table, Tone, consent};

/// What happened to a lab.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemovedLab {
    /// The lab's name.
    lab: String,
    /// Who created it; `null` where no tag says so.
    owner: Option<String>,
    /// Whether nothing of it is left.
    removed: bool,
    /// Whether nothing of it existed any more.
    was_gone: bool,
    /// Why not all of it is gone; `null` where it is.
    reason: Option<String>,
}

/// Removes every lab of the account and region that is old enough, and reports what happened to each.
///
/// # Errors
/// When the labs cannot be listed, or the user interrupts.
pub(super) async fn remove_all(
    context: &Context<'_>,
    older_than: Option<Duration>,
) -> Result<Report<Vec<RemovedLab>>, CommandError> {
    let now = system::now();
    let mut labs = found_labs(context).await?;
    labs.retain(|lab| is_old(lab, older_than, now));
    if labs.is_empty() {
        return Ok(Report::new(Vec::new()).text("There is no lab to remove."));
    }
    let named: Vec<String> = labs
        .iter()
        .map(|lab| {
            format!(
                "{} ({}, {})",
                lab.name,
                lab.owner.as_deref().unwrap_or("unknown"),
                lab.age(now)
            )
        })
        .collect();
    let question = format!(
        "Remove these labs and all their orders: {}?",
        named.join(", ")
    );
    if !context.env.globals.yes {
        consent(&question, NOT_REMOVED, context.events(), context.cancel()).await?;
    }
    let mut table = Table::new(["Lab", "Owner", "Outcome"]);
    let mut removed = Vec::new();
    for lab in &labs {
        let end = match remove_one(context, lab).await {
            Err(problem) if problem.kind == ErrorKind::Interrupted => return Err(problem),
            Err(problem) => End::Left(problem.message),
            Ok(end) => end,
        };
        table.row([
            Cell::from(lab.name.as_str()),
            Cell::from(lab.owner.as_deref().unwrap_or("unknown")),
            end.cell(),
        ]);
        removed.push(end.removed(lab));
    }
    let whole = removed.iter().all(|one| one.removed);
    let report = Report::new(removed).passed(whole).table(table);
    Ok(if whole {
        report
    } else {
        let again = context.again("down", &[]);
        report.text(format!(
            "Not everything is gone. {again} again continues from here."
        ))
    })
}

/// What happened to one lab.
enum End {
    Removed,
    /// No part of it existed: the tagging API lists deleted resources for some time.
    WasGone,
    /// Not all of it is gone, for this reason.
    Left(String),
}

impl End {
    fn cell(&self) -> Cell {
        match self {
            Self::Removed => Cell::new("removed", Tone::Good),
            Self::WasGone => Cell::new("was gone already", Tone::Dim),
            Self::Left(reason) => Cell::new(reason.as_str(), Tone::Bad),
        }
    }

    fn removed(self, lab: &FoundLab) -> RemovedLab {
        let was_gone = matches!(self, Self::WasGone);
        let reason = match self {
            Self::Left(reason) => Some(reason),
            Self::Removed | Self::WasGone => None,
        };
        RemovedLab {
            lab: lab.name.clone(),
            owner: lab.owner.clone(),
            removed: reason.is_none(),
            was_gone,
            reason,
        }
    }
}

async fn remove_one(context: &Context<'_>, lab: &FoundLab) -> Result<End, CommandError> {
    let Ok(name) = lab.name.parse::<LabName>() else {
        return Ok(End::Left("its tag is no lab's name".to_owned()));
    };
    context.events().note(format!("Removing the lab {name}."));
    let removal = remove(&context.for_lab(name)).await?;
    Ok(if !removal.is_whole() {
        End::Left(why(&removal))
    } else if removal.was_there() {
        End::Removed
    } else {
        End::WasGone
    })
}

fn why(removal: &Removal) -> String {
    let left = removal
        .verified
        .iter()
        .flat_map(|verified| &verified.left)
        .map(|left| format!("{}: {}", left.what, left.reason));
    let failed = removal.applied.resources.iter().filter_map(|end| {
        let problem = end.outcome.as_ref()?.as_ref().err()?;
        Some(format!("{}: {problem}", end.id()))
    });
    left.chain(failed).collect::<Vec<_>>().join("; ")
}

/// Whether a lab was created longer ago than asked for. A lab of unknown age is not old.
fn is_old(lab: &FoundLab, older_than: Option<Duration>, now: Timestamp) -> bool {
    let Some(age) = older_than else {
        return true;
    };
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    lab.created
        .is_some_and(|created| now.duration_since(created) > age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_of_unknown_age_is_not_old() {
        let now: Timestamp = "2026-11-24T00:00:00Z".parse().expect("a time");
        let lab = |created: Option<&str>| FoundLab {
            name: "a".to_owned(),
            owner: None,
            created: created.and_then(|time| time.parse().ok()),
            arns: Vec::new(),
        };
        let days = |days: u64| Some(Duration::from_secs(days * 86_400));
        let three = lab(Some("2026-11-21T00:00:00Z"));
        assert!(is_old(&three, days(2), now));
        assert!(!is_old(&three, days(3), now));
        assert!(is_old(&three, None, now));
        assert!(!is_old(&lab(None), days(2), now));
        assert!(is_old(&lab(None), None, now));
    }
}
