//! `demo`: the whole lab in one go.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use super::dlq::{DlqArgs, DlqReport, dlq};
use super::down::{DownArgs, DownReport, down};
use super::redrive::{RedriveArgs, RedriveReport, redrive};
use super::simulate::{SimulateArgs, SimulateReport, simulate};
use super::up::{UpArgs, UpReport, up};
use crate::audit::{RunAudit, audit_until_settled, summary};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::globals::Globals;
use crate::lab::{Lab, LabPoller};
use crate::naming::LabName;
use crate::provision::stack::stack;
use crate::provision::{Inspected, LabSettings, Observed, inspect_all};
use crate::ui::{Event, Events, Report, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab demo                        the whole lab, in the local cloud
  orders-lab demo --lab mine             beside the lab that is already there";

/// How long the demo takes in the local cloud.
pub(crate) const TAKES: &str = "about 20 seconds";
/// How often the dead letters are sent again because of good orders among them.
const REDRIVES: usize = 8;
/// For how long orders are waited for.
const TIMEOUT: Duration = Duration::from_secs(600);

pub(super) async fn demo(context: Context<'_>) -> Result<Report<DemoReport>, CommandError> {
    require_no_lab(&context).await?;
    steps(&context).await.map_err(|error| {
        error.hint(format!(
            "Created resources were kept; {} shows them, {} removes them.",
            context.command("status"),
            context.command("down")
        ))
    })
}

/// Refuses to begin where any part of the lab exists already: the demo ends by removing it.
///
/// # Errors
/// When such a part exists, or it is not known whether one does.
async fn require_no_lab(context: &Context<'_>) -> Result<(), CommandError> {
    // With the default settings and no code, because only the names matter here.
    let stack = stack(context, &LabSettings::default(), None);
    let found = inspect_all(&stack, context.events(), context.cancel()).await;
    if let Some(problem) = found.iter().find_map(|found| found.observed.as_ref().err()) {
        return Err(problem.clone().into());
    }
    let present: Vec<String> = found
        .iter()
        .filter(|found| !matches!(found.observed, Ok(Observed::Absent)))
        .map(Inspected::id)
        .collect();
    let Some(first) = present.first() else {
        return Ok(());
    };
    let lab = context.names.lab();
    let parts = match present.len() - 1 {
        0 => first.clone(),
        more => format!("{first} and {}", counted(more, "other part")),
    };
    let elsewhere = "demo"
        .parse::<LabName>()
        .ok()
        .filter(|other| other != lab)
        .map(|other| context.env.globals.command(&other, "demo"))
        .map(|demo| format!("Run the demo in a separate lab: {demo}."));
    let message =
        format!("the lab {lab} exists already ({parts}), and the demo ends by removing it");
    let error = CommandError::new(ErrorKind::Refused, message);
    Err(elsewhere
        .into_iter()
        .fold(error, CommandError::hint)
        .hint(format!(
            "Remove this lab first: {}.",
            context.command("down")
        )))
}

/// The report of each step.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DemoReport {
    /// The steps.
    steps: DemoSteps,
}

/// The steps of a demo; each is the report of its command.
#[derive(Debug, Serialize, JsonSchema)]
struct DemoSteps {
    /// Building the lab.
    up: UpReport,
    /// Sending orders.
    simulate: SimulateReport,
    /// Looking at the dead letters.
    dlq: DlqReport,
    /// Sending the dead letters again.
    redrive: RedriveReport,
    /// Sending the dead letters again because there were still good orders among them; mostly empty.
    redrives: Vec<DemoRedrive>,
    /// Accounting for every order.
    audit: RunAudit,
    /// Removing the lab.
    down: DownReport,
}

/// Dead letters that were sent again.
#[derive(Debug, Serialize, JsonSchema)]
struct DemoRedrive {
    /// The audit that found good orders among them.
    audit: RunAudit,
    /// What became of them.
    redrive: RedriveReport,
}

/// Runs the steps, and shows each one's result when it comes. Each connects again, so that it starts the
/// local cloud where that has died.
async fn steps(context: &Context<'_>) -> Result<Report<DemoReport>, CommandError> {
    let began = Instant::now();
    let env = context.env;
    let say = |text: &str| env.events.heading(text);
    say(
        "1. Build the lab: two queues, a table, two functions with their roles, and the trigger between them.",
    );
    let built = up(&UpArgs::default(), context.reconnect().await?).await?;
    require(&built, "up", &env.globals)?;
    let built = show(built, &env.events);
    say(
        "2. Send 20 orders, about one in ten of them bad, and watch. A bad order fails and is hidden for 30 s, then it is tried again; after three failures it is dead-lettered.",
    );
    let run = simulate(&SimulateArgs::demo(), context.reconnect().await?).await?;
    let simulate = show(run, &env.events);
    say("3. Look into the dead-letter queue: which orders are bad, and why?");
    let inspected = dlq(&DlqArgs::default(), context.reconnect().await?).await?;
    let dlq = show(inspected, &env.events);
    say(
        "4. Send the dead letters again. This helps orders that failed for a reason that has passed; what is broken fails again and comes back.",
    );
    let again = redrive(&RedriveArgs::default(), context.reconnect().await?).await?;
    let redrive = show(again, &env.events);
    say(
        "5. Account for every order: is each one stored or dead-lettered, and only the bad ones dead-lettered?",
    );
    let (audit, redrives) = audit_and_redrive(context).await?;
    let audited = summary::report(&audit, &env.globals);
    require(&audited, "audit", &env.globals)?;
    let audit = show(audited, &env.events);
    say("6. Remove everything, and verify that it is gone.");
    let removed = down(&DownArgs::default(), false, context.reconnect().await?).await?;
    require(&removed, "down", &env.globals)?;
    let steps = DemoSteps {
        up: built,
        simulate,
        dlq,
        redrive,
        redrives,
        audit,
        down: show(removed, &env.events),
    };
    let text = format!(
        "\nThat was the whole lab, in {} s.",
        began.elapsed().as_secs()
    );
    let up = context.command("up");
    Ok(Report::new(DemoReport { steps })
        .text(text)
        .text(format!("Next: {up} builds it for you to try.")))
}

/// The audit once no good order is dead-lettered, or after some redrives; and those redrives.
async fn audit_and_redrive(
    context: &Context<'_>,
) -> Result<(RunAudit, Vec<DemoRedrive>), CommandError> {
    let events = context.events();
    let mut redrives = Vec::new();
    loop {
        let audit = settled_audit(context).await?;
        let good = good_but_dead(&audit).filter(|_| redrives.len() < REDRIVES);
        let Some(good) = good else {
            return Ok((audit, redrives));
        };
        let audited = show(summary::report(&audit, &context.env.globals), events);
        events.heading(format!(
            "   These orders are good, and were dead-lettered all the same: {good}. A message that is received three times and never deleted ends there, whatever the cause. Send the dead letters again."
        ));
        let again = redrive(&RedriveArgs::default(), context.reconnect().await?).await?;
        redrives.push(DemoRedrive {
            audit: audited,
            redrive: show(again, events),
        });
    }
}

/// The audit of all runs once every order is stored or dead-lettered.
async fn settled_audit(context: &Context<'_>) -> Result<RunAudit, CommandError> {
    let mut poller = LabPoller::new(Lab::find(context.reconnect().await?).await?);
    audit_until_settled(&mut poller, TIMEOUT).await
}

/// The good orders that were dead-lettered, by their numbers.
fn good_but_dead(audit: &RunAudit) -> Option<String> {
    let orders = &audit.dead_lettered_good.orders;
    (!orders.is_empty()).then(|| orders.join(", "))
}

/// Ends the demo where a step did not pass.
fn require<T>(step: &Report<T>, name: &str, globals: &Globals) -> Result<(), CommandError> {
    if step.ok {
        return Ok(());
    }
    let message = format!("the demo's step {name} failed");
    let error = CommandError::new(ErrorKind::Incomplete, message);
    Err(error.hint(format!(
        "{} shows why.",
        globals.command(&globals.lab, name)
    )))
}

/// Shows the result of a step, without what to do next, which the next step does.
fn show<T>(step: Report<T>, events: &Events) -> T {
    let text = step.text.into_iter();
    let result = text.filter(|block| !block.is_next_step()).collect();
    events.send(Event::Result(result));
    step.data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Listing;

    #[test]
    fn good_dead_letters_are_named() {
        let mut audit = RunAudit::default();
        assert_eq!(good_but_dead(&audit), None);
        audit.dead_lettered_good = Listing {
            count: 2,
            orders: vec!["161377036249".to_owned(), "a-message-id".to_owned()],
        };
        let named = good_but_dead(&audit);
        assert_eq!(named.as_deref(), Some("161377036249, a-message-id"));
    }
}
