//! What `up` would do, as a shell script of AWS CLI commands: the calls of a dry run.

use super::stack::{Packages, stack};
use super::{ApplyReport, Direction, Inspected, LabSettings, dry_run};
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::{Event, Events, Signal, TaskState};

/// A shell function in the place of the CLI. Version 1 does not read `AWS_ENDPOINT_URL` for SQS, and
/// version 2 would page its output.
const AWS: &str = r#"
# AWS finishes some changes seconds after it has answered: a role that was just created cannot be
# assumed yet, a function is not active yet. So a command that fails is tried again for a minute.
aws() {
    tries=12
    until command aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 5
    done
}
export AWS_PAGER=
"#;

/// The script that does what `up` would do after this inspection of the lab's stack.
///
/// # Errors
/// When a read that the changes depend on fails, the functions' packages cannot be written, or the
/// user interrupts.
pub(crate) async fn script(
    context: &Context<'_>,
    settings: &LabSettings,
    packages: Packages,
    found: &[Inspected],
    adopt: bool,
) -> Result<String, CommandError> {
    let (events, shown) = Events::channel();
    let stack = stack(&context.dry_run(&events), settings, Some(packages));
    let direction = Direction::Up { found, adopt };
    require_done(dry_run(&stack, direction, &events, context.cancel()).await)?;
    let mut script = beginning(context);
    for signal in shown.try_iter() {
        match signal {
            Signal::Show(Event::Task {
                name,
                state: TaskState::Working(step),
            }) => script.push_str(&format!("\n# {name}: {step}\n")),
            Signal::Show(Event::Detail(command)) => script.push_str(&format!("{command}\n")),
            _ => {}
        }
    }
    Ok(script)
}

fn require_done(report: ApplyReport) -> Result<(), CommandError> {
    for result in report.resources {
        match result.outcome {
            Some(Ok(_)) => {}
            Some(Err(problem)) => return Err(problem.into()),
            None => return Err(CommandError::interrupted("interrupted")),
        }
    }
    Ok(())
}

/// What comes before the commands: the target, and the check that it is this one. The commands
/// contain its account, region and endpoint.
fn beginning(context: &Context<'_>) -> String {
    let account = &context.target.account;
    let up = context.again("up", &[]);
    let env = context.command("env");
    let env = env.trim_matches('`');
    format!(
        r#"#!/bin/sh
# Does what {up} would do, with the AWS CLI:
# lab {}, {}.
set -eu
eval "$({env} --quiet)"
{AWS}
[ "$(aws sts get-caller-identity --query Account --output text)" = {account} ] || {{
    echo "This script is for account {account}." >&2
    exit 1
}}
"#,
        context.names.lab(),
        context.target,
    )
}
