//! The lab's list of resources, with their values.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

use super::resources::{Function, LogGroup, Mapping, Queue, Role, Table, Tags};
use super::{Direction, Resource, policy};
use crate::artifact::{self, Artifact, ArtifactError, HANDLERS_VARIABLE, Handler, Source};
use crate::context::Context;
use crate::naming::{Names, TAG_CREATED, TAG_LAB, TAG_VERSION};
use crate::world;

/// How often an order is received before it is a dead letter.
const MAX_RECEIVE_COUNT: u32 = 3;

/// The lab's resources, in the order in which a reader thinks of them. Only the way up needs the
/// handlers' builds.
///
/// # Errors
/// When a handler's build cannot be had.
pub fn stack(
    context: &Context<'_>,
    direction: Direction,
) -> Result<Vec<Box<dyn Resource>>, ArtifactError> {
    let names = &context.names;
    let mut stack = queues(context);
    stack.push(Box::new(Table {
        client: context.clients.dynamodb.clone(),
        name: names.table(),
        tags: tags(names),
    }));
    stack.extend(roles(context));
    for (handler, name) in [
        (Handler::Simulator, names.simulator()),
        (Handler::Processor, names.processor()),
    ] {
        let artifact = match direction {
            Direction::Up => Some(artifact::load(handler, &source())?),
            Direction::Down => None,
        };
        stack.push(function(context, &name, artifact));
    }
    stack.push(Box::new(Mapping {
        client: context.clients.lambda.clone(),
        queue: names.orders_queue(),
        queue_arn: names.queue_arn(&names.orders_queue()),
        function: names.processor(),
        tags: tags(names),
    }));
    stack.extend(log_groups(context));
    Ok(stack)
}

/// Where the handlers' builds are.
fn source() -> Source {
    std::env::var_os(HANDLERS_VARIABLE)
        .filter(|folder| !folder.is_empty())
        .map_or(Source::Embedded, |folder| Source::Folder(folder.into()))
}

fn queues(context: &Context<'_>) -> Vec<Box<dyn Resource>> {
    let names = &context.names;
    let redrive = json!({
        "deadLetterTargetArn": names.queue_arn(&names.dead_letter_queue()),
        "maxReceiveCount": MAX_RECEIVE_COUNT,
    });
    let queue = |name, redrive: String, after| -> Box<dyn Resource> {
        Box::new(Queue {
            client: context.clients.sqs.clone(),
            name,
            attributes: queue_attributes(redrive),
            after,
            tags: tags(names),
        })
    };
    let dead = format!("queue {}", names.dead_letter_queue());
    vec![
        queue(names.orders_queue(), redrive.to_string(), vec![dead]),
        queue(names.dead_letter_queue(), String::new(), Vec::new()),
    ]
}

/// A queue's settings: SQS's defaults, said so that a change of them is noticed, and where
/// messages go that are received too often; an empty text means nowhere.
fn queue_attributes(redrive: String) -> HashMap<QueueAttributeName, String> {
    HashMap::from([
        (QueueAttributeName::VisibilityTimeout, "30".to_owned()),
        (QueueAttributeName::DelaySeconds, "0".to_owned()),
        (
            QueueAttributeName::ReceiveMessageWaitTimeSeconds,
            "0".to_owned(),
        ),
        // Four days.
        (
            QueueAttributeName::MessageRetentionPeriod,
            "345600".to_owned(),
        ),
        (QueueAttributeName::RedrivePolicy, redrive),
    ])
}

fn roles(context: &Context<'_>) -> Vec<Box<dyn Resource>> {
    let names = &context.names;
    let role = |name, policy| -> Box<dyn Resource> {
        Box::new(Role {
            client: context.clients.iam.clone(),
            name,
            policy,
            tags: tags(names),
        })
    };
    vec![
        role(names.simulator_role(), policy::simulator(names)),
        role(names.processor_role(), policy::processor(names)),
    ]
}

fn log_groups(context: &Context<'_>) -> Vec<Box<dyn Resource>> {
    let names = &context.names;
    let log_group = |function: String| -> Box<dyn Resource> {
        let name = Names::log_group(&function);
        let arn = names.log_group_arn(&name);
        Box::new(LogGroup {
            client: context.clients.logs.clone(),
            name,
            arn,
            tags: tags(names),
        })
    };
    vec![log_group(names.simulator()), log_group(names.processor())]
}

fn function(context: &Context<'_>, name: &str, artifact: Option<Artifact>) -> Box<dyn Resource> {
    let names = &context.names;
    let simulator = name == names.simulator();
    let (role, timeout_seconds, variable, value, uses) = if simulator {
        let queue = names.orders_queue();
        let uses = format!("queue {queue}");
        (
            names.simulator_role(),
            60,
            "ORDERS_QUEUE_URL",
            queue_url(context, &queue),
            uses,
        )
    } else {
        let table = names.table();
        let uses = format!("table {table}");
        // A sixth of the queue's visibility timeout, as AWS advises.
        (
            names.processor_role(),
            5,
            "DYNAMODB_ORDERS_TABLE",
            table,
            uses,
        )
    };
    Box::new(Function {
        client: context.clients.lambda.clone(),
        name: name.to_owned(),
        role_arn: names.role_arn(&role),
        artifact,
        timeout_seconds,
        environment: HashMap::from([(variable.to_owned(), value)]),
        after: vec![
            format!("role {role}"),
            format!("log group {}", Names::log_group(name)),
            uses,
        ],
        tags: tags(names),
    })
}

/// A queue's address, known before the queue is there.
fn queue_url(context: &Context<'_>, queue: &str) -> String {
    let names = &context.names;
    let host = context.target.endpoint.clone().unwrap_or_else(|| {
        let china = if names.region().starts_with("cn-") {
            ".cn"
        } else {
            ""
        };
        format!("https://sqs.{}.amazonaws.com{china}", names.region())
    });
    format!("{}/{}/{queue}", host.trim_end_matches('/'), names.account())
}

fn tags(names: &Names) -> Tags {
    let now = i64::try_from(world::now_ms()).unwrap_or(i64::MAX);
    let created = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    Tags(HashMap::from([
        (TAG_LAB.to_owned(), names.lab().to_string()),
        (TAG_VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        (TAG_CREATED.to_owned(), created.to_string()),
    ]))
}
