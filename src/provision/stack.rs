//! The lab's list of resources, with their values.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

use super::resources::{Function, LogGroup, Mapping, Queue, Role, Table, Tags};
use super::{Resource, policy};
use crate::artifact::{self, Artifact, ArtifactError, HANDLERS_VARIABLE, Handler, Source};
use crate::context::Context;
use crate::naming::{Names, TAG_CREATED, TAG_LAB, TAG_VERSION};
use crate::world;

/// How often an order is received before it is a dead letter.
const MAX_RECEIVE_COUNT: u32 = 3;

/// The lab's resources; each after what it depends on.
///
/// # Errors
/// When a handler's build cannot be had.
pub fn stack(context: &Context<'_>) -> Result<Vec<Box<dyn Resource>>, ArtifactError> {
    let source = std::env::var_os(HANDLERS_VARIABLE)
        .filter(|folder| !folder.is_empty())
        .map_or(Source::Embedded, |folder| Source::Folder(folder.into()));
    let simulator = artifact::load(Handler::Simulator, &source)?;
    let processor = artifact::load(Handler::Processor, &source)?;
    let names = &context.names;
    let mut stack = plain(context);
    stack.push(function(context, &names.simulator(), simulator));
    stack.push(function(context, &names.processor(), processor));
    stack.push(Box::new(Mapping {
        client: context.clients.lambda.clone(),
        queue: names.orders_queue(),
        queue_arn: names.queue_arn(&names.orders_queue()),
        function: names.processor(),
        tags: tags(names),
    }));
    Ok(stack)
}

/// Queues, table, roles and log groups.
fn plain(context: &Context<'_>) -> Vec<Box<dyn Resource>> {
    let (names, clients) = (&context.names, &context.clients);
    let redrive = json!({
        "deadLetterTargetArn": names.queue_arn(&names.dead_letter_queue()),
        "maxReceiveCount": MAX_RECEIVE_COUNT,
    });
    let attributes = HashMap::from([
        (QueueAttributeName::VisibilityTimeout, "30".to_owned()),
        (QueueAttributeName::RedrivePolicy, redrive.to_string()),
    ]);
    let queue = |name, attributes, after| -> Box<dyn Resource> {
        let (client, tags) = (clients.sqs.clone(), tags(names));
        Box::new(Queue {
            client,
            name,
            attributes,
            after,
            tags,
        })
    };
    let role = |name, policy| -> Box<dyn Resource> {
        Box::new(Role {
            client: clients.iam.clone(),
            name,
            policy,
            tags: tags(names),
        })
    };
    let log_group = |function: String| -> Box<dyn Resource> {
        let name = Names::log_group(&function);
        let arn = names.log_group_arn(&name);
        Box::new(LogGroup {
            client: clients.logs.clone(),
            name,
            arn,
            tags: tags(names),
        })
    };
    let dead = format!("queue {}", names.dead_letter_queue());
    vec![
        log_group(names.simulator()),
        log_group(names.processor()),
        role(names.simulator_role(), policy::simulator(names)),
        role(names.processor_role(), policy::processor(names)),
        queue(names.dead_letter_queue(), HashMap::new(), Vec::new()),
        queue(names.orders_queue(), attributes, vec![dead]),
        Box::new(Table {
            client: clients.dynamodb.clone(),
            name: names.table(),
            tags: tags(names),
        }),
    ]
}

fn function(context: &Context<'_>, name: &str, artifact: Artifact) -> Box<dyn Resource> {
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
