//! `audit`: accounts for every order of the recorded runs.

use clap::Args;
use serde_json::Value;

use super::account::{self, StableAudit, audit_until_stable};
use crate::context::{CommandEnv, Context, Intent};
use crate::drive::audit::{Listing, RunAudit};
use crate::drive::reader::LabReader;
use crate::drive::record;
use crate::error::CommandError;
use crate::globals::Globals;
use crate::host::Start;
use crate::ui::{Report, Table, counted};

/// Flags of `audit`.
#[derive(Debug, Default, Args)]
pub struct AuditArgs {
    /// Account for this run alone
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

pub(super) async fn audit(args: &AuditArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let reader = LabReader::at(&context).await?;
    if let Some(run) = &args.run {
        insist_on(run, &context)?;
    }
    let StableAudit { account, cut_short } =
        audit_until_stable(&context, &reader, args.run.as_deref()).await?;
    let report = describe(&account, &env.globals);
    if !cut_short {
        return Ok(report);
    }
    let again = context.command("audit");
    Ok(report.passed(false).text(format!(
        "Interrupted: what was not found by then counts as waiting. {again} looks again."
    )))
}

/// Refuses a run that is not recorded.
fn insist_on(run: &str, context: &Context<'_>) -> Result<(), CommandError> {
    let runs = record::load(&context.lab_directory())?;
    let known: Vec<&str> = runs.iter().map(|run| run.header.run.as_str()).collect();
    if known.contains(&run) {
        return Ok(());
    }
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Err(CommandError::not_found(format!("no run {run} is recorded"))
        .hint(format!("Recorded on this machine are: {known}.")))
}

/// The account of all runs once every order is where it will stay, or after ten minutes.
///
/// # Errors
/// When the target refuses or cannot be reached, a record is damaged, or the user interrupts.
pub(super) async fn settled_audit(env: &CommandEnv) -> Result<RunAudit, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let reader = LabReader::at(&context).await?;
    account::settle(&context, &reader).await
}

/// The account as a report; it fails unless the account is clean.
pub(super) fn describe(account: &RunAudit, globals: &Globals) -> Report {
    let mut report = Report::good().passed(account.is_clean());
    if let Ok(Value::Object(members)) = serde_json::to_value(account) {
        report.data.extend(members);
    }
    let mut table = Table::new(["Orders", "Count", "Which"]).numeric([1]);
    let counts = [
        ("sent", account.sent, true),
        ("stored", account.stored, true),
        ("waiting", account.waiting, true),
        ("in flight", account.in_flight, true),
        ("dead-lettered", account.dead_lettered, true),
        ("hidden by another look", account.hidden, false),
        ("expired dead letters", account.expired, false),
    ];
    for (name, count, usual) in counts {
        if usual || count > 0 {
            table.row([name.to_owned(), count.to_string(), String::new()]);
        }
    }
    let listings = [
        ("good, yet dead-lettered", &account.dead_lettered_good),
        ("missing", &account.missing),
        ("altered", &account.altered),
        ("unexpected", &account.unexpected),
    ];
    for (name, listing) in listings {
        table.row([
            name.to_owned(),
            listing.count.to_string(),
            first_few(listing),
        ]);
    }
    report = report.table(table).text(sentence(account, globals));
    if account.unexpected.count == 0 {
        return report;
    }
    report.text(
        "Unexpected are bad orders that were stored, and orders that no run recorded on this machine has sent: what was sent from another machine is accounted for there.",
    )
}

fn first_few(listing: &Listing) -> String {
    let shown: Vec<&str> = listing.orders.iter().take(5).map(String::as_str).collect();
    let more = if listing.count > shown.len() as u64 {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

/// The account in words.
pub(super) fn sentence(account: &RunAudit, globals: &Globals) -> String {
    let mut places = vec![
        format!("{} stored", account.stored),
        format!("{} dead-lettered", account.dead_lettered),
    ];
    let others = [
        (account.waiting, "waiting"),
        (account.in_flight, "in flight"),
        (account.hidden, "hidden by another look at the dead letters"),
        (
            account.expired,
            "dead and thrown away by SQS after four days",
        ),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0);
    places.extend(others.map(|(count, place)| format!("{count} {place}")));
    let sent = counted(account.sent, "order");
    let found = format!("{sent} sent: {}.", places.join(", "));
    if !account.is_clean() {
        return format!("{found} Wrong: {}.", wrong(account, globals));
    }
    if account.is_settled() {
        return format!("{found} Every one is accounted for, and only bad ones are dead-lettered.");
    }
    let coming = account.on_the_way();
    let are = if coming == 1 { "is" } else { "are" };
    format!("{found} Nothing is wrong so far; {coming} {are} on the way.")
}

/// What is wrong with an account that is not clean.
fn wrong(account: &RunAudit, globals: &Globals) -> String {
    let redrive = globals.command(&globals.lab, "redrive");
    let good = format!("good but dead-lettered ({redrive} has them processed again)");
    let wrong = [
        (account.missing.count, "missing"),
        (account.altered.count, "altered"),
        (account.unexpected.count, "unexpected"),
        (account.dead_lettered_good.count, &good),
    ];
    let wrong = wrong.iter().filter(|(count, _)| *count > 0);
    let wrong: Vec<String> = wrong
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    wrong.join(", ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        globals: Globals,
    }

    fn globals() -> Globals {
        Flags::parse_from(["orders-lab", "--lab", "ann"]).globals
    }

    #[test]
    fn every_one_is_accounted_for_only_once_none_is_on_the_way() {
        let mut account = RunAudit {
            sent: 3,
            stored: 2,
            dead_lettered: 1,
            ..RunAudit::default()
        };
        let text = sentence(&account, &globals());
        assert!(text.starts_with("3 orders sent: 2 stored, 1 dead-lettered. Every one"));
        (account.stored, account.waiting) = (1, 1);
        let text = sentence(&account, &globals());
        assert!(text.ends_with("1 waiting. Nothing is wrong so far; 1 is on the way."));
        assert!(describe(&account, &globals()).ok);
    }

    #[test]
    fn what_is_wrong_comes_with_the_command_that_mends_it() {
        let mut account = RunAudit {
            sent: 1,
            dead_lettered: 1,
            ..RunAudit::default()
        };
        account.dead_lettered_good.count = 1;
        let text = sentence(&account, &globals());
        assert!(text.starts_with("1 order sent: 0 stored, 1 dead-lettered. Wrong: 1 good"));
        assert!(text.contains("`orders-lab redrive --lab ann`"), "{text}");
        assert!(!describe(&account, &globals()).ok);
    }
}
