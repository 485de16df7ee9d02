//! `audit`: accounts for every order of the recorded runs.

use clap::Args;

use crate::audit::{RunAudit, StableAudit, audit_until_stable, summary};
use crate::context::Context;
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller};
use crate::runs;
use crate::ui::{Report, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab audit                       all recorded runs
  orders-lab audit --run 20261123-182642-7e9d
  orders-lab audit --quiet && echo all accounted for";

/// How many recorded runs an error names at most.
const NAMED: usize = 5;

/// Flags of `audit`.
#[derive(Debug, Default, Args)]
pub struct AuditArgs {
    /// Account for this run alone
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

pub(super) async fn audit(
    args: &AuditArgs,
    context: Context<'_>,
) -> Result<Report<RunAudit>, CommandError> {
    let env = context.env;
    let lab = Lab::find(context).await?;
    if let Some(run) = &args.run {
        require_recorded(run, &lab.context)?;
    }
    let context = lab.context.clone();
    let mut poller = LabPoller::new(lab);
    let stable = audit_until_stable(&mut poller, args.run.as_deref()).await?;
    let StableAudit {
        audit,
        is_cut_short,
    } = stable;
    let report = summary::report(&audit, &env.globals);
    if !is_cut_short {
        return Ok(report.texts(next(&audit, &context)));
    }
    let again = context.again("audit", &[]);
    Ok(report.passed(false).text(format!(
        "Interrupted: what was not found by then counts as waiting. {again} checks again."
    )))
}

/// What to do next; `None` where the audit has found something wrong and says what helps.
fn next(audit: &RunAudit, context: &Context<'_>) -> Option<String> {
    if !audit.is_clean() {
        return None;
    }
    let command = |words| context.command(words);
    Some(if audit.sent == 0 {
        format!("Next: {} sends orders.", command("simulate"))
    } else if !audit.is_settled() {
        format!(
            "Next: {} shows how many are being processed.",
            command("status")
        )
    } else if audit.dead_lettered > 0 {
        let (dlq, redrive) = (command("dlq"), command("redrive"));
        format!("Next: {dlq} shows the dead letters; {redrive} sends them again.")
    } else {
        let (simulate, down) = (command("simulate"), command("down"));
        format!("Next: {simulate} sends more orders; {down} removes the lab.")
    })
}

/// Refuses a run that is not recorded.
fn require_recorded(run: &str, context: &Context<'_>) -> Result<(), CommandError> {
    let runs = runs::load(&context.lab_directory())?;
    let recorded: Vec<&str> = runs.iter().map(|run| run.header.run.as_str()).collect();
    if recorded.contains(&run) {
        return Ok(());
    }
    let error = CommandError::not_found(format!("no run {run} is recorded"));
    Err(match tip(run, &recorded) {
        Some(tip) => error.hint(tip),
        None => error.hint(format!("{} sends orders.", context.command("simulate"))),
    })
}

/// The recorded runs that may be meant: those that contain what was given, or else the latest. `None`
/// where no run is recorded.
fn tip(given: &str, recorded: &[&str]) -> Option<String> {
    let similar: Vec<&str> = recorded
        .iter()
        .copied()
        .filter(|run| run.contains(given))
        .collect();
    let (which, runs) = if similar.is_empty() {
        ("The latest recorded runs are", recorded)
    } else {
        ("Recorded runs with such a name are", &*similar)
    };
    let latest: Vec<&str> = runs.iter().rev().take(NAMED).copied().collect();
    let more = runs.len() - latest.len();
    let more = if more > 0 {
        format!(" and {}", counted(more, "other"))
    } else {
        String::new()
    };
    (!latest.is_empty()).then(|| format!("{which}: {}{more}.", latest.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_run_is_answered_with_few_others() {
        let all: Vec<String> = (10..40)
            .map(|day| format!("202611{day}-120000-abcd"))
            .collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let latest = tip("typo", &all).expect("runs");
        assert!(latest.starts_with("The latest recorded runs are: 20261139-120000-abcd, 20261138"));
        assert!(latest.ends_with(" and 25 others."), "{latest}");
        let similar = tip("20261112", &all).expect("runs");
        assert_eq!(
            similar,
            "Recorded runs with such a name are: 20261112-120000-abcd."
        );
        assert_eq!(tip("typo", &[]), None);
    }
}
