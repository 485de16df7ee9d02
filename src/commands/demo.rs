//! `demo`: the whole lab in one go.

use serde_json::{Map, Value};

use super::audit::{describe, settled_audit};
use super::dlq::{DlqArgs, dlq};
use super::down::{DownArgs, down};
use super::redrive::{RedriveArgs, redrive};
use super::simulate::{SimulateArgs, simulate};
use super::up::{UpArgs, up};
use crate::context::{CommandEnv, Context, Intent};
use crate::drive::audit::RunAudit;
use crate::error::{CommandError, ErrorKind};
use crate::host::Start;
use crate::naming::LabName;
use crate::provision::stack::stack;
use crate::provision::{Inspected, LabSettings, Observed, inspect_all};
use crate::ui::{Report, counted};

/// How often the dead letters are sent again for the sake of good orders among them.
const REDRIVES: usize = 8;

pub(super) async fn demo(env: &CommandEnv) -> Result<Report, CommandError> {
    // Asked before the first step rather than in the middle.
    let context = env.connect(Start::default(), Intent::Change).await?;
    insist_on_nothing(&context).await?;
    steps(env).await.map_err(|error| {
        error.hint(format!(
            "What was built stands; {} shows it, {} removes it.",
            context.command("status"),
            context.command("down")
        ))
    })
}

/// Refuses to begin where any part of the lab is there already: the demo ends by removing it.
///
/// # Errors
/// When there is such a part, or it is not known whether there is.
async fn insist_on_nothing(context: &Context<'_>) -> Result<(), CommandError> {
    // With the usual settings and no code, because what is there need not be as it should be.
    let stack = stack(context, &LabSettings::default(), None);
    let found = inspect_all(&stack, context.events(), context.cancel()).await;
    if let Some(problem) = found.iter().find_map(|found| found.observed.as_ref().err()) {
        return Err(problem.clone().into());
    }
    let there = found
        .iter()
        .filter(|found| !matches!(found.observed, Ok(Observed::Absent)));
    let there: Vec<String> = there.map(Inspected::id).collect();
    let Some(first) = there.first() else {
        return Ok(());
    };
    let lab = context.names.lab();
    let parts = match there.len() - 1 {
        0 => first.clone(),
        more => format!("{first} and {}", counted(more, "other part")),
    };
    let message =
        format!("the lab {lab} is there already ({parts}), and the demo ends by removing it");
    let error = CommandError::new(ErrorKind::Refused, message);
    let error = match "demo".parse::<LabName>() {
        Ok(other) if other != *lab => {
            let demo = context.env.globals.command(&other, "demo");
            error.hint(format!("Run the demo in a lab of its own: {demo}."))
        }
        _ => error,
    };
    Err(error.hint(format!(
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
    let built = up(&UpArgs::default(), env).await?;
    insist(&built, "up", env)?;
    join(&mut whole, "up", built, false);
    say(
        "2. Send 20 orders, about one in ten of them bad, and follow each: a bad one fails three times and is then dead-lettered.",
    );
    let run = simulate(&SimulateArgs::lab(), env).await?;
    join(&mut whole, "simulate", run, true);
    say("3. Look into the dead-letter queue: which orders are bad, and why?");
    let letters = dlq(&DlqArgs::default(), env).await?.into_json()?;
    join(&mut whole, "dlq", letters, true);
    say(
        "4. Account for every order: is each one stored or dead-lettered, and only the bad ones dead-lettered?",
    );
    let mut account = settled_audit(env).await?;
    for round in 1..=REDRIVES {
        let Some(good) = good_but_dead(&account) else {
            break;
        };
        let report = describe(&account, &env.globals);
        join(&mut whole, &format!("audit_{round}"), report, true);
        say(&format!(
            "   These orders are good, and were dead-lettered all the same: {good}. A message that is received three times and never dealt with ends there, whatever is wrong. Send the dead letters again."
        ));
        let again = redrive(&RedriveArgs::default(), env).await?;
        join(&mut whole, &format!("redrive_{round}"), again, true);
        account = settled_audit(env).await?;
    }
    let report = describe(&account, &env.globals);
    insist(&report, "audit", env)?;
    join(&mut whole, "audit", report, true);
    say("5. Remove everything, and verify that it is gone.");
    let removed = down(&DownArgs::default(), false, env).await?;
    insist(&removed, "down", env)?;
    join(&mut whole, "down", removed, true);
    Ok(whole)
}

/// The good orders that were dead-lettered, by their numbers.
fn good_but_dead(account: &RunAudit) -> Option<String> {
    let orders = &account.dead_lettered_good.orders;
    (!orders.is_empty()).then(|| orders.join(", "))
}

/// A step that did not end well ends the demo.
fn insist(step: &Report, name: &str, env: &CommandEnv) -> Result<(), CommandError> {
    if step.ok {
        return Ok(());
    }
    let message = format!("the demo's step {name} did not end well");
    let error = CommandError::new(ErrorKind::Incomplete, message);
    let globals = &env.globals;
    Err(error.hint(format!(
        "{} shows more.",
        globals.command(&globals.lab, name)
    )))
}

/// Adds a step's report.
fn join(whole: &mut Report, name: &str, step: Report, show: bool) {
    if let Some(Value::Object(steps)) = whole.data.get_mut("steps") {
        steps.insert(name.to_owned(), Value::Object(step.data));
    }
    // What to do next is said by the step after it.
    let text = step.text.into_iter().filter(|block| !block.is_next_step());
    whole.text.extend(text.filter(|_| show));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::audit::Listing;

    #[test]
    fn good_orders_among_the_dead_are_named() {
        let mut account = RunAudit::default();
        assert_eq!(good_but_dead(&account), None);
        account.dead_lettered_good = Listing {
            count: 2,
            orders: vec!["161377036249".to_owned(), "a-message-id".to_owned()],
        };
        let named = good_but_dead(&account);
        assert_eq!(named.as_deref(), Some("161377036249, a-message-id"));
    }
}
