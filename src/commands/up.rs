//! `up`: creates the lab, or completes it.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::context::{Intent, Surroundings};
use crate::error::CommandError;
use crate::host::Start;
use crate::provision::{Direction, Finished, run, stack};
use crate::ui::{Report, Table};

/// Why a resource was skipped.
const NOT_BEGUN: &str = "what comes before it did not succeed";

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
    let context = surroundings.connect(start, Intent::Change).await?;
    let stack = stack::stack(&context, Direction::Up)
        .map_err(|error| CommandError::environment("the handlers cannot be had").because(error))?;
    context.remember_target()?;
    let finished = run(&stack, Direction::Up, context.events(), context.cancel()).await;
    stop_if_interrupted(&finished, context.cancel().is_cancelled(), "up")?;
    let report = report(&finished, "up");
    Ok(if report.ok {
        report.text("The lab is ready. Next: `orders-lab simulate --count 20`.")
    } else {
        report
    })
}

/// An error that says what is not done, where the user's interruption is why.
pub(super) fn stop_if_interrupted(
    finished: &[Finished],
    interrupted: bool,
    command: &str,
) -> Result<(), CommandError> {
    let open: Vec<String> = finished
        .iter()
        .filter(|end| !matches!(end.outcome, Some(Ok(_))))
        .map(Finished::id)
        .collect();
    if !interrupted || open.is_empty() {
        return Ok(());
    }
    let stands = format!("interrupted; not finished: {}", open.join(", "));
    Err(CommandError::interrupted(stands)
        .hint(format!("`orders-lab {command}` again goes on from here.")))
}

/// What was done to each resource, and why where it was not; not good unless all of it was.
pub(super) fn report(finished: &[Finished], command: &str) -> Report {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources: Vec<Value> = Vec::new();
    let mut reasons = Vec::new();
    for end in finished {
        let (outcome, reason) = match &end.outcome {
            Some(Ok(outcome)) => (outcome.name(), None),
            Some(Err(problem)) => ("failed", Some(problem.to_string())),
            None => ("skipped", Some(NOT_BEGUN.to_owned())),
        };
        let seconds = Duration::from_millis(end.milliseconds).as_secs_f64();
        table.row([
            end.kind.replace('_', " "),
            end.name.clone(),
            outcome.to_owned(),
            format!("{seconds:.1}"),
        ]);
        let mut resource =
            json!({"kind": end.kind, "name": end.name, "outcome": outcome, "seconds": seconds});
        if let (Some(reason), Some(members)) = (reason, resource.as_object_mut()) {
            reasons.push(format!("{} {outcome}: {reason}.", end.id()));
            members.insert("reason".to_owned(), reason.into());
        }
        resources.push(resource);
    }
    let report = Report::good()
        .passed(reasons.is_empty())
        .with("resources", resources)
        .table(table);
    if reasons.is_empty() {
        return report;
    }
    report.text(reasons.join("\n")).text(format!(
        "Only part was done. `orders-lab {command}` again goes on from here."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::provision::{Outcome, Problem};

    fn ends() -> Vec<Finished> {
        let end = |kind, outcome| Finished {
            kind,
            name: "one".to_owned(),
            outcome,
            milliseconds: 1500,
        };
        vec![
            end("queue", Some(Ok(Outcome::Created))),
            end("log_group", Some(Err(Problem::Foreign))),
            end("function", None),
        ]
    }

    #[test]
    fn a_part_that_failed_is_reported_with_what_was_done() {
        let report = report(&ends(), "up");
        assert!(!report.ok);
        assert_eq!(
            report.data["resources"],
            json!([
                {"kind": "queue", "name": "one", "outcome": "created", "seconds": 1.5},
                {"kind": "log_group", "name": "one", "outcome": "failed", "seconds": 1.5,
                    "reason": Problem::Foreign.to_string()},
                {"kind": "function", "name": "one", "outcome": "skipped", "seconds": 1.5,
                    "reason": NOT_BEGUN},
            ])
        );
    }

    #[test]
    fn only_an_interruption_that_left_work_is_an_error() {
        assert!(stop_if_interrupted(&ends(), false, "up").is_ok());
        assert!(stop_if_interrupted(&ends()[..1], true, "up").is_ok());
        let error = stop_if_interrupted(&ends(), true, "up").expect_err("work is left");
        assert_eq!(error.kind, ErrorKind::Interrupted);
        assert!(error.message.contains("log group one, function one"));
    }
}
