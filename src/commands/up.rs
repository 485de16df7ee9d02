//! `up`: creates the lab, or completes it.

use clap::Args;
use serde_json::{Value, json};

use crate::context::Surroundings;
use crate::error::{CommandError, ErrorKind};
use crate::host::Start;
use crate::provision::{Direction, Finished, run, stack};
use crate::ui::{Report, Table};

/// Flags of `up`.
#[derive(Debug, Default, Args)]
pub struct UpArgs {
    /// How many times quicker than on AWS the local queues' waits pass: 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    speed: Option<u32>,
}

pub(super) async fn up(args: &UpArgs, surroundings: &Surroundings) -> Result<Report, CommandError> {
    let start = Start {
        speed: args.speed,
        ..Start::default()
    };
    let context = surroundings.connect(start).await?;
    let stack = stack::stack(&context)
        .map_err(|error| CommandError::environment("the handlers cannot be had").because(error))?;
    context.remember_target()?;
    let finished = run(&stack, Direction::Up, context.events(), context.cancel()).await;
    complete(&finished, context.cancel().is_cancelled(), "up")?;
    Ok(report(&finished).text("The lab is ready. Next: `orders-lab simulate --count 20`."))
}

/// An error that names what did not end well, if anything.
pub(super) fn complete(
    finished: &[Finished],
    interrupted: bool,
    command: &str,
) -> Result<(), CommandError> {
    let failed: Vec<String> = finished
        .iter()
        .filter_map(|end| match &end.outcome {
            Some(Ok(_)) => None,
            Some(Err(problem)) => Some(format!("{} {}: {problem}", end.kind, end.name)),
            None => Some(format!("{} {}: not begun", end.kind, end.name)),
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let kind = if interrupted {
        ErrorKind::Interrupted
    } else {
        ErrorKind::Incomplete
    };
    Err(
        CommandError::new(kind, format!("only part was done; {}", failed.join("; ")))
            .hint(format!("`orders-lab {command}` again goes on from here.")),
    )
}

/// What was done to each resource.
pub(super) fn report(finished: &[Finished]) -> Report {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources: Vec<Value> = Vec::new();
    for end in finished {
        let outcome = match &end.outcome {
            Some(Ok(outcome)) => outcome.name(),
            Some(Err(_)) => "failed",
            None => "skipped",
        };
        let seconds = std::time::Duration::from_millis(end.milliseconds).as_secs_f64();
        table.row([
            end.kind.to_owned(),
            end.name.clone(),
            outcome.to_owned(),
            format!("{seconds:.1}"),
        ]);
        resources.push(
            json!({"kind": end.kind, "name": end.name, "outcome": outcome, "seconds": seconds}),
        );
    }
    Report::good().with("resources", resources).table(table)
}
