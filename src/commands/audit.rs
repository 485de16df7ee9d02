//! `audit`: accounts for every order of the recorded runs.

use clap::Args;

use crate::audit::{RunAudit, StableAudit, audit_until_stable, summary};
use crate::context::Context;
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller};
use crate::runs;
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab audit                       all recorded runs
  orders-lab audit --run 20261123-182642-7e9d
  orders-lab audit --quiet && echo all accounted for";

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
    let again = lab.context.command("audit");
    let mut poller = LabPoller::new(lab);
    let stable = audit_until_stable(&mut poller, args.run.as_deref()).await?;
    let StableAudit {
        audit,
        is_cut_short,
    } = stable;
    let report = summary::report(&audit, &env.globals);
    if !is_cut_short {
        return Ok(report);
    }
    Ok(report.passed(false).text(format!(
        "Interrupted: what was not found by then counts as waiting. {again} checks again."
    )))
}

/// Refuses a run that is not recorded.
fn require_recorded(run: &str, context: &Context<'_>) -> Result<(), CommandError> {
    let runs = runs::load(&context.lab_directory())?;
    let recorded: Vec<&str> = runs.iter().map(|run| run.header.run.as_str()).collect();
    if recorded.contains(&run) {
        return Ok(());
    }
    let names = if recorded.is_empty() {
        "none".to_owned()
    } else {
        recorded.join(", ")
    };
    Err(CommandError::not_found(format!("no run {run} is recorded"))
        .hint(format!("Recorded on this machine are: {names}.")))
}
