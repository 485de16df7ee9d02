//! `status`: what the lab holds, and what to do next.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde_json::{Value, json};

use super::local::weather_words;
use crate::aws::{AwsFailure, Class, failure};
use crate::context::{Context, Intent, Surroundings};
use crate::drive::look::{Depth, Look};
use crate::error::CommandError;
use crate::host::Start;
use crate::ui::{Report, Table};

pub(super) async fn status(surroundings: &Surroundings) -> Result<Report, CommandError> {
    let context = surroundings.connect(Start::default(), Intent::Read).await?;
    let look = match Look::at(&context).await {
        Ok(look) => look,
        Err(error)
            if error
                .hints
                .iter()
                .any(|hint| hint.contains("orders-lab up")) =>
        {
            return Ok(nothing(&context, &error));
        }
        Err(error) => return Err(error),
    };
    let names = &context.names;
    let orders = look.depth(&look.orders_url).await?;
    let dead = look.depth(&look.dead_url).await?;
    let items = match look.count_items().await {
        Err(problem) if problem.class == Class::NotFound => None,
        counted => Some(counted?),
    };
    let functions = [
        function(&context, &names.simulator()).await?,
        function(&context, &names.processor()).await?,
    ];
    let trigger = trigger(&context).await?;
    let mut table = resources(&context, [orders, dead], items, &functions, &trigger);
    let weather = weather(&context).await;
    if let Some(weather) = weather.as_ref().filter(|weather| weather["name"] != "calm") {
        table.row([
            "weather".to_owned(),
            "local cloud".to_owned(),
            weather_words(weather),
        ]);
    }
    let whole = items.is_some()
        && functions.iter().all(|(_, state)| state == "Active")
        && trigger == "Enabled";
    let functions: Vec<Value> = functions
        .iter()
        .map(|(name, state)| json!({ "name": name, "state": state }))
        .collect();
    Ok(Report::good()
        .with("up", whole)
        .with(
            "queues",
            [
                depth_json(&names.orders_queue(), orders),
                depth_json(&names.dead_letter_queue(), dead),
            ],
        )
        .with("table", json!({ "name": names.table(), "items": items }))
        .with("functions", functions)
        .with("trigger", json!({ "state": trigger }))
        .with("weather", weather)
        .table(table)
        .text(next(whole, orders, dead, items.unwrap_or_default())))
}

fn resources(
    context: &Context<'_>,
    [orders, dead]: [Depth; 2],
    items: Option<u64>,
    functions: &[(String, String)],
    trigger: &str,
) -> Table {
    let names = &context.names;
    let mut table = Table::new(["What", "Name", "State"]);
    table.row(["queue".to_owned(), names.orders_queue(), depth_text(orders)]);
    table.row([
        "queue".to_owned(),
        names.dead_letter_queue(),
        depth_text(dead),
    ]);
    let stored = items.map_or_else(|| "missing".to_owned(), |count| format!("{count} orders"));
    table.row(["table".to_owned(), names.table(), stored]);
    for (name, state) in functions {
        table.row(["function".to_owned(), name.clone(), state.clone()]);
    }
    table.row([
        "trigger".to_owned(),
        format!("{} → {}", names.orders_queue(), names.processor()),
        trigger.to_owned(),
    ]);
    table
}

/// The local cloud's weather; AWS keeps its own to itself.
async fn weather(context: &Context<'_>) -> Option<Value> {
    let status = context.local.as_ref()?.control().status().await.ok()?;
    status.get("weather").cloned()
}

fn nothing(context: &Context<'_>, error: &CommandError) -> Report {
    let none: [Value; 0] = [];
    Report::good()
        .with("up", false)
        .with("queues", none.clone())
        .with("table", Value::Null)
        .with("functions", none)
        .with("trigger", Value::Null)
        .text(format!(
            "The lab {} is not there. {}",
            context.names.lab(),
            error.hints.join(" ")
        ))
}

fn depth_text(depth: Depth) -> String {
    format!(
        "{} visible, {} in flight, {} delayed",
        depth.visible, depth.in_flight, depth.delayed
    )
}

fn depth_json(name: &str, depth: Depth) -> Value {
    json!({ "name": name, "visible": depth.visible, "in_flight": depth.in_flight, "delayed": depth.delayed })
}

/// A function's name and state.
async fn function(context: &Context<'_>, name: &str) -> Result<(String, String), AwsFailure> {
    let reply = context
        .clients
        .lambda
        .get_function_configuration()
        .function_name(name)
        .send()
        .await;
    let state = match reply.map_err(|error| failure("lambda:GetFunctionConfiguration", error)) {
        Ok(reply) => reply
            .state
            .map_or_else(|| "Unknown".to_owned(), |state| state.as_str().to_owned()),
        Err(problem) if problem.class == Class::NotFound => "missing".to_owned(),
        Err(problem) => return Err(problem),
    };
    Ok((name.to_owned(), state))
}

async fn trigger(context: &Context<'_>) -> Result<String, AwsFailure> {
    let names = &context.names;
    let request = context.clients.lambda.list_event_source_mappings();
    let reply = request
        .function_name(names.processor())
        .event_source_arn(names.queue_arn(&names.orders_queue()))
        .send()
        .await;
    let mappings = match reply.map_err(|error| failure("lambda:ListEventSourceMappings", error)) {
        Ok(reply) => reply.event_source_mappings.unwrap_or_default(),
        Err(problem) if problem.class == Class::NotFound => Vec::new(),
        Err(problem) => return Err(problem),
    };
    let state = mappings
        .first()
        .and_then(EventSourceMappingConfiguration::state);
    Ok(state.unwrap_or("missing").to_owned())
}

fn next(whole: bool, orders: Depth, dead: Depth, items: u64) -> &'static str {
    if !whole {
        "Next: parts of the lab are missing or not ready; `orders-lab up` completes it."
    } else if orders.total() > 0 {
        "Next: orders are on their way; `orders-lab audit` tells where each is."
    } else if dead.total() > 0 {
        "Next: `orders-lab dlq` shows the dead letters."
    } else if items == 0 {
        "Next: `orders-lab simulate --count 20` sends orders."
    } else {
        "Next: `orders-lab audit` accounts for every order; `orders-lab down` removes the lab."
    }
}
