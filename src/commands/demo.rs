//! `demo`: the whole lab in one go.

use std::time::Duration;

use serde_json::{Map, Value};

use super::dlq::{DlqArgs, dlq};
use super::down::{DownArgs, down};
use super::redrive::{RedriveArgs, redrive};
use super::simulate::{SimulateArgs, simulate};
use super::up::{UpArgs, up};
use crate::audit::{RunAudit, audit_until_settled, summary};
use crate::context::{CommandEnv, Context, Intent};
use crate::error::{CommandError, ErrorKind};
use crate::host::Start;
use crate::lab::{Lab, LabPoller};
use crate::naming::LabName;
use crate::provision::stack::stack;
use crate::provision::{Inspected, LabSettings, Observed, inspect_all};
use crate::ui::{Report, counted};

/// How often the dead letters are sent again because of good orders among them.
const REDRIVES: usize = 8;
/// For how long orders are waited for.
const TIMEOUT: Duration = Duration::from_secs(600);

pub(super) async fn demo(env: &CommandEnv) -> Result<Report, CommandError> {
    // Asked before the first step rather than in the middle.
    let context = env.connect(Start::default(), Intent::Change).await?;
    require_no_lab(&context).await?;
    steps(env).await.map_err(|error| {
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

async fn steps(env: &CommandEnv) -> Result<Report, CommandError> {
    let say = |text: &str| env.events.note(format!("\n{text}"));
    let mut whole = Report::good().with("steps", Map::new());
    say(
        "1. Build the lab: two queues, a table, two functions with their roles, and the trigger between them.",
    );
    let built = up(&UpArgs::default(), env).await?.into_json()?;
    require(&built, "up", env)?;
    join(&mut whole, "up", built, false);
    say(
        "2. Send 20 orders, about one in ten of them bad, and follow each: a bad one fails three times and is then dead-lettered.",
    );
    let run = simulate(&SimulateArgs::demo(), env).await?;
    join(&mut whole, "simulate", run, true);
    say("3. Look into the dead-letter queue: which orders are bad, and why?");
    let inspected = dlq(&DlqArgs::default(), env).await?.into_json()?;
    join(&mut whole, "dlq", inspected, true);
    say(
        "4. Account for every order: is each one stored or dead-lettered, and only the bad ones dead-lettered?",
    );
    let mut audit = settled_audit(env).await?;
    for round in 1..=REDRIVES {
        let Some(good) = good_but_dead(&audit) else {
            break;
        };
        let report = summary::report(&audit, &env.globals);
        join(&mut whole, &format!("audit_{round}"), report, true);
        say(&format!(
            "   These orders are good, and were dead-lettered all the same: {good}. A message that is received three times and never deleted ends there, whatever the cause. Send the dead letters again."
        ));
        let again = redrive(&RedriveArgs::default(), env).await?;
        join(&mut whole, &format!("redrive_{round}"), again, true);
        audit = settled_audit(env).await?;
    }
    let report = summary::report(&audit, &env.globals);
    require(&report, "audit", env)?;
    join(&mut whole, "audit", report, true);
    say("5. Remove everything, and verify that it is gone.");
    let removed = down(&DownArgs::default(), false, env).await?.into_json()?;
    require(&removed, "down", env)?;
    join(&mut whole, "down", removed, true);
    Ok(whole)
}

/// The audit of all runs once every order is stored or dead-lettered.
async fn settled_audit(env: &CommandEnv) -> Result<RunAudit, CommandError> {
    let mut poller = LabPoller::new(Lab::connect(env, Intent::Read).await?);
    audit_until_settled(&mut poller, TIMEOUT).await
}

/// The good orders that were dead-lettered, by their numbers.
fn good_but_dead(audit: &RunAudit) -> Option<String> {
    let orders = &audit.dead_lettered_good.orders;
    (!orders.is_empty()).then(|| orders.join(", "))
}

/// Ends the demo where a step did not pass.
fn require(step: &Report, name: &str, env: &CommandEnv) -> Result<(), CommandError> {
    if step.ok {
        return Ok(());
    }
    let message = format!("the demo's step {name} failed");
    let error = CommandError::new(ErrorKind::Incomplete, message);
    let globals = &env.globals;
    Err(error.hint(format!(
        "{} shows why.",
        globals.command(&globals.lab, name)
    )))
}

/// Adds a step's report.
fn join(whole: &mut Report, name: &str, step: Report, show: bool) {
    if let Some(Value::Object(steps)) = whole.data.get_mut("steps") {
        steps.insert(name.to_owned(), Value::Object(step.data));
    }
    // What to do next is done by the next step.
    let shown = step
        .text
        .into_iter()
        .filter(|block| show && !block.is_next_step());
    whole.text.extend(shown);
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
