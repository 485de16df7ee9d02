//! `audit`: accounts for every order of the recorded runs.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::time::Instant;

use crate::context::{Context, Intent, Surroundings};
use crate::dlq;
use crate::drive::audit::{Account, Ledger, Letter, Listing};
use crate::drive::look::{Depth, Look};
use crate::drive::record::{self, Run};
use crate::error::CommandError;
use crate::host::Start;
use crate::ui::{Report, Table};

/// The pause between two audits.
const PAUSE: Duration = Duration::from_millis(500);

/// Flags of `audit`.
#[derive(Debug, Default, Args)]
pub struct AuditArgs {
    /// Account for this run alone
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

pub(super) async fn audit(
    args: &AuditArgs,
    surroundings: &Surroundings,
) -> Result<Report, CommandError> {
    let context = surroundings.connect(Start::default(), Intent::Read).await?;
    let look = Look::at(&context).await?;
    let runs = record::load(&context.memory())?;
    if let Some(run) = args
        .run
        .as_ref()
        .filter(|run| !runs.iter().any(|known| known.header.run == **run))
    {
        let known: Vec<&str> = runs.iter().map(|run| run.header.run.as_str()).collect();
        return Err(
            CommandError::usage(format!("no run {run} is recorded")).hint(format!(
                "Recorded are: {}.",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            )),
        );
    }
    let account = take(&context, &look, runs, args.run.as_deref()).await?;
    Ok(describe(&account))
}

/// An audit once every order is where it will stay, or after ten minutes. Counts lag behind, so
/// an empty queue may still have orders on their way.
pub(super) async fn settled_audit(surroundings: &Surroundings) -> Result<Account, CommandError> {
    let context = surroundings.connect(Start::default(), Intent::Read).await?;
    let look = Look::at(&context).await?;
    let ends = Instant::now() + Duration::from_secs(600);
    loop {
        let runs = record::load(&context.memory())?;
        let account = take(&context, &look, runs, None).await?;
        if account.is_settled() || Instant::now() >= ends {
            return Ok(account);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted("interrupted; the orders go on")
                    .hint("`orders-lab audit` tells where they are."));
            }
        }
    }
}

/// Compares the runs, or one of them, with what the lab holds.
///
/// # Errors
/// When the target refuses or cannot be reached, a record is damaged, or the user interrupts.
pub(super) async fn take(
    context: &Context<'_>,
    look: &Look,
    mut runs: Vec<Run>,
    only: Option<&str>,
) -> Result<Account, CommandError> {
    let others: Vec<Run> = match only {
        Some(name) => runs.extract_if(.., |run| run.header.run != name).collect(),
        None => Vec::new(),
    };
    let theirs = |place: Option<&(String, u64)>| {
        place.is_some_and(|(run, _)| others.iter().any(|other| other.header.run == *run))
    };
    let mut ledger = Ledger::open(runs).map_err(CommandError::environment)?;
    // What is in neither table nor dead-letter queue must have been in the queue before either
    // was read, or be there after.
    let before = look.depth(&look.orders_url).await?;
    look.items(|item| {
        if !theirs(item.place.as_ref()) {
            ledger.stored(&item);
        }
    })
    .await?;
    for letter in dlq::peek(context, &look.dead_url).await? {
        let name = letter
            .order_number
            .map_or(letter.message_id, |number| number.to_string());
        let letter = Letter {
            place: letter.run.zip(letter.index),
            name,
        };
        if !theirs(letter.place.as_ref()) {
            ledger.dead(&letter);
        }
    }
    let after = look.depth(&look.orders_url).await?;
    Ok(ledger.close(deeper(before, after)))
}

fn deeper(one: Depth, other: Depth) -> Depth {
    Depth {
        visible: one.visible.max(other.visible),
        in_flight: one.in_flight.max(other.in_flight),
        delayed: one.delayed.max(other.delayed),
    }
}

/// The account as a report; it fails unless the account is clean.
pub(super) fn describe(account: &Account) -> Report {
    let mut report = Report::good().passed(account.is_clean());
    if let Ok(Value::Object(members)) = serde_json::to_value(account) {
        report.data.extend(members);
    }
    let mut table = Table::new(["Orders", "Count", "Which"]).numeric([1]);
    let counts = [
        ("sent", account.sent),
        ("stored", account.stored),
        ("waiting", account.waiting),
        ("in flight", account.in_flight),
        ("dead-lettered", account.dead_lettered),
    ];
    for (name, count) in counts {
        table.row([name.to_owned(), count.to_string(), String::new()]);
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
    report.table(table).text(sentence(account))
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
pub(super) fn sentence(account: &Account) -> String {
    let mut places = vec![
        format!("{} stored", account.stored),
        format!("{} dead-lettered", account.dead_lettered),
    ];
    places.extend((account.waiting > 0).then(|| format!("{} waiting", account.waiting)));
    places.extend((account.in_flight > 0).then(|| format!("{} in flight", account.in_flight)));
    let found = format!("{} orders sent: {}.", account.sent, places.join(", "));
    if account.is_clean() {
        return format!("{found} Every one is accounted for, and only bad ones are dead-lettered.");
    }
    let wrong = [
        (account.missing.count, "missing"),
        (account.altered.count, "altered"),
        (account.unexpected.count, "unexpected"),
        (
            account.dead_lettered_good.count,
            "good but dead-lettered (`orders-lab redrive` stores those)",
        ),
    ];
    let wrong: Vec<String> = wrong
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    format!("{found} Wrong: {}.", wrong.join(", "))
}
