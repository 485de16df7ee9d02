//! `demo`: the whole lab in one go.

use serde_json::{Map, Value};

use super::audit::{describe, settled_audit};
use super::dlq::{DlqArgs, dlq};
use super::down::{DownArgs, down};
use super::redrive::{RedriveArgs, redrive};
use super::simulate::{SimulateArgs, simulate};
use super::status::status;
use super::up::{UpArgs, up};
use crate::context::{Intent, Surroundings};
use crate::drive::audit::Account;
use crate::error::{CommandError, ErrorKind};
use crate::host::Start;
use crate::ui::Report;

/// How often the dead letters are sent again for the sake of good orders among them.
const REDRIVES: usize = 8;

pub(super) async fn demo(surroundings: &Surroundings) -> Result<Report, CommandError> {
    // Asked before the first step rather than in the middle.
    surroundings
        .connect(Start::default(), Intent::Change)
        .await?;
    let there = status(surroundings).await?;
    if there
        .data
        .get("queues")
        .and_then(Value::as_array)
        .is_some_and(|queues| !queues.is_empty())
    {
        let message = format!(
            "the lab {} is there already, and the demo ends by removing it",
            surroundings.globals.lab
        );
        return Err(CommandError::new(ErrorKind::Refused, message)
            .hint("Run the demo in a lab of its own: `orders-lab demo --lab demo`.")
            .hint("Or remove this lab first: `orders-lab down`."));
    }
    let shown = steps(surroundings).await.map_err(|error| {
        error.hint(
            "What was built stands; `orders-lab status` shows it, `orders-lab down` removes it.",
        )
    })?;
    Ok(shown)
}

async fn steps(surroundings: &Surroundings) -> Result<Report, CommandError> {
    let say = |text: &str| surroundings.events.note(format!("\n{text}"));
    let mut whole = Report::good().with("steps", Map::new());
    say(
        "1. Build the lab: two queues, a table, two functions with their roles, and the trigger between them.",
    );
    let built = up(&UpArgs::default(), surroundings).await?;
    insist(&built, "up")?;
    join(&mut whole, "up", built, false);
    say(
        "2. Send 20 orders, about one in ten of them bad, and follow each: a bad one fails three times and is then dead-lettered.",
    );
    let run = simulate(&SimulateArgs::lab(), surroundings).await?;
    join(&mut whole, "simulate", run, true);
    say("3. Look into the dead-letter queue: which orders are bad, and why?");
    let letters = dlq(&DlqArgs::default(), surroundings).await?;
    join(&mut whole, "dlq", letters, true);
    say(
        "4. Account for every order: is each one stored or dead-lettered, and only the bad ones dead-lettered?",
    );
    let mut account = settled_audit(surroundings).await?;
    for round in 1..=REDRIVES {
        let Some(good) = good_but_dead(&account) else {
            break;
        };
        let report = describe(&account, &surroundings.globals);
        join(&mut whole, &format!("audit_{round}"), report, true);
        say(&format!(
            "   These orders are good, and were dead-lettered all the same: {good}. A message that is received three times and never dealt with ends there, whatever is wrong. Send the dead letters again."
        ));
        let again = redrive(&RedriveArgs::default(), surroundings).await?;
        join(&mut whole, &format!("redrive_{round}"), again, true);
        account = settled_audit(surroundings).await?;
    }
    let report = describe(&account, &surroundings.globals);
    insist(&report, "audit")?;
    join(&mut whole, "audit", report, true);
    say("5. Remove everything, and look that it is gone.");
    let removed = down(&DownArgs::default(), false, surroundings).await?;
    insist(&removed, "down")?;
    join(&mut whole, "down", removed, true);
    Ok(whole)
}

/// The good orders that were dead-lettered, by their numbers.
fn good_but_dead(account: &Account) -> Option<String> {
    let orders = &account.dead_lettered_good.orders;
    (!orders.is_empty()).then(|| orders.join(", "))
}

/// A step that did not end well ends the demo.
fn insist(step: &Report, name: &str) -> Result<(), CommandError> {
    if step.ok {
        return Ok(());
    }
    let message = format!("the demo's step {name} did not end well");
    let error = CommandError::new(ErrorKind::Incomplete, message);
    Err(error.hint(format!("`orders-lab {name}` shows more.")))
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
        let mut account = Account::default();
        assert_eq!(good_but_dead(&account), None);
        account.dead_lettered_good = Listing {
            count: 2,
            orders: vec!["161377036249".to_owned(), "a-message-id".to_owned()],
        };
        let named = good_but_dead(&account);
        assert_eq!(named.as_deref(), Some("161377036249, a-message-id"));
    }
}
