//! `down`: removes the lab, and looks afterwards that it is gone.

use super::up::{report, stop_if_interrupted};
use crate::context::{Context, Intent, Surroundings};
use crate::error::{CommandError, ErrorKind};
use crate::host::{self, Start};
use crate::provision::{Direction, Observed, Resource, run, stack};
use crate::ui::{Report, confirm};

pub(super) async fn down(asks: bool, surroundings: &Surroundings) -> Result<Report, CommandError> {
    let context = surroundings
        .connect(Start::default(), Intent::Change)
        .await?;
    let question = format!("Remove the lab {} and all its orders?", context.names.lab());
    if asks
        && !surroundings.globals.yes
        && !context.target.is_local()
        && !confirm(&question, context.events(), context.cancel()).await?
    {
        return Ok(Report::good().text("Nothing was removed."));
    }
    let stack = stack::stack(&context, Direction::Down)
        .map_err(|error| CommandError::environment("the handlers cannot be had").because(error))?;
    let finished = run(&stack, Direction::Down, context.events(), context.cancel()).await;
    stop_if_interrupted(&finished, context.cancel().is_cancelled(), "down")?;
    let report = report(&finished, "down");
    if !report.ok {
        return Ok(report);
    }
    look_again(&stack).await?;
    context.forget()?;
    let report = report.text("Looked again: nothing of the lab is left.");
    if context.target.is_local() && is_empty(&context).await? {
        host::stop(&surroundings.home, false).await?;
        return Ok(report.text("Nothing is left in the local cloud; it has stopped."));
    }
    Ok(report)
}

async fn look_again(stack: &[Box<dyn Resource>]) -> Result<(), CommandError> {
    let mut left = Vec::new();
    for resource in stack {
        match resource.inspect().await {
            Ok(Observed::Absent) => {}
            Ok(_) => left.push(format!("{} is still there", resource.id())),
            Err(problem) => left.push(format!("{}: {problem}", resource.id())),
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let message = format!("not everything is gone: {}", left.join("; "));
    Err(CommandError::new(ErrorKind::Incomplete, message)
        .hint("`orders-lab down` again goes on from here."))
}

/// Whether nothing is left in the cloud, of any lab.
async fn is_empty(context: &Context<'_>) -> Result<bool, CommandError> {
    use crate::aws::failure;
    let clients = &context.clients;
    let queues = clients.sqs.list_queues().send().await;
    let queues = queues.map_err(|error| failure("sqs:ListQueues", error))?;
    let tables = clients.dynamodb.list_tables().send().await;
    let tables = tables.map_err(|error| failure("dynamodb:ListTables", error))?;
    let functions = clients.lambda.list_functions().send().await;
    let functions = functions.map_err(|error| failure("lambda:ListFunctions", error))?;
    let roles = clients.iam.list_roles().send().await;
    let roles = roles.map_err(|error| failure("iam:ListRoles", error))?;
    Ok(queues.queue_urls().is_empty()
        && tables.table_names().is_empty()
        && functions.functions().is_empty()
        && roles.roles().is_empty())
}
