//! `demo`: the whole lab in one go.

use serde_json::{Map, Value};

use super::audit::{AuditArgs, audit};
use super::dlq::{DlqArgs, dlq};
use super::down::{DownArgs, down};
use super::simulate::{SimulateArgs, simulate};
use super::status::status;
use super::up::{UpArgs, up};
use crate::context::Surroundings;
use crate::error::{CommandError, ErrorKind};
use crate::ui::Report;

pub(super) async fn demo(surroundings: &Surroundings) -> Result<Report, CommandError> {
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
    join(
        &mut whole,
        "up",
        up(&UpArgs::default(), surroundings).await?,
        false,
    )?;
    say(
        "2. Send 20 orders, about one in ten of them bad, and follow each: a bad one fails three times and is then dead-lettered.",
    );
    join(
        &mut whole,
        "simulate",
        simulate(&SimulateArgs::lab(), surroundings).await?,
        true,
    )?;
    say("3. Look into the dead-letter queue: which orders are bad, and why?");
    join(
        &mut whole,
        "dlq",
        dlq(&DlqArgs::default(), surroundings).await?,
        true,
    )?;
    say(
        "4. Account for every order: is each one stored or dead-lettered, and only the bad ones dead-lettered?",
    );
    join(
        &mut whole,
        "audit",
        audit(&AuditArgs::default(), surroundings).await?,
        true,
    )?;
    say("5. Remove everything, and look that it is gone.");
    join(
        &mut whole,
        "down",
        down(&DownArgs::without_asking(), surroundings).await?,
        true,
    )?;
    Ok(whole)
}

/// Adds a step's report; one that failed ends the demo.
fn join(whole: &mut Report, name: &str, step: Report, show: bool) -> Result<(), CommandError> {
    if !step.ok {
        return Err(CommandError::new(
            ErrorKind::Incomplete,
            format!("the demo's step {name} did not end well"),
        )
        .hint(format!("`orders-lab {name}` shows more.")));
    }
    if let Some(Value::Object(steps)) = whole.data.get_mut("steps") {
        steps.insert(name.to_owned(), Value::Object(step.data));
    }
    // What to do next is said by the step after it.
    let text = step.text.into_iter().filter(|block| !block.is_next_step());
    whole.text.extend(text.filter(|_| show));
    Ok(())
}
