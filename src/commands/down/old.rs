//! `down --all`: removes every lab of the account and region, for who must clean up.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{NOTHING, Removal, remove};
use crate::commands::list::{age, found_labs};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::naming::LabName;
use crate::provision::labs::FoundLab;
use crate::system;
use crate::ui::{Report, Table, consent};

pub(super) async fn remove_all(
    context: &Context<'_>,
    older_than: Option<Duration>,
) -> Result<Report, CommandError> {
    let now = system::now();
    let mut labs = found_labs(context).await?;
    labs.retain(|lab| is_old(lab, older_than, now));
    if labs.is_empty() {
        let report = Report::good().with("labs", [""; 0]);
        return Ok(report.text("There is no lab to remove."));
    }
    let named: Vec<String> = labs
        .iter()
        .map(|lab| {
            format!(
                "{} ({}, {})",
                lab.name,
                lab.owner.as_deref().unwrap_or("unknown"),
                age(lab, now)
            )
        })
        .collect();
    let question = format!(
        "Remove these labs and all their orders: {}?",
        named.join(", ")
    );
    let asks = !context.env.globals.yes;
    if asks {
        consent(&question, NOTHING, context.events(), context.cancel()).await?;
    }
    let mut table = Table::new(["Lab", "Owner", "Outcome"]);
    let mut documents: Vec<Value> = Vec::new();
    for lab in &labs {
        let end = match remove_one(context, lab).await {
            Err(problem) if problem.kind == ErrorKind::Interrupted => return Err(problem),
            Err(problem) => End::Left(problem.message),
            Ok(end) => end,
        };
        table.row([
            lab.name.clone(),
            lab.owner.clone().unwrap_or_else(|| "unknown".to_owned()),
            end.said().to_owned(),
        ]);
        documents.push(end.document(lab));
    }
    let whole = documents.iter().all(|one| one["removed"] == true);
    let report = Report::good()
        .passed(whole)
        .with("labs", documents)
        .table(table);
    Ok(if whole {
        report
    } else {
        report.text("Not everything is gone. The same command again goes on from here.")
    })
}

/// What came of one lab.
enum End {
    Removed,
    /// Nothing of it was there: the tagging service lists what is gone for some time.
    WasGone,
    /// Not all of it is gone, for this reason.
    Left(String),
}

impl End {
    fn said(&self) -> &str {
        match self {
            Self::Removed => "removed",
            Self::WasGone => "was gone already",
            Self::Left(reason) => reason,
        }
    }

    fn document(&self, lab: &FoundLab) -> Value {
        let reason = match self {
            Self::Left(reason) => Some(reason),
            Self::Removed | Self::WasGone => None,
        };
        json!({
            "lab": lab.name, "owner": lab.owner, "removed": reason.is_none(),
            "was_gone": matches!(self, Self::WasGone), "reason": reason,
        })
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
        .certificate
        .iter()
        .flat_map(|certificate| &certificate.left);
    let left = left.map(|left| format!("{}: {}", left.what, left.reason));
    let failed = removal.walk.resources.iter().filter_map(|end| {
        let problem = end.outcome.as_ref()?.as_ref().err()?;
        Some(format!("{}: {problem}", end.id()))
    });
    left.chain(failed).collect::<Vec<_>>().join("; ")
}

/// Whether a lab was built longer ago than asked for. One of unknown age is not known to be old.
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
    fn only_labs_known_to_be_older_are_old() {
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
