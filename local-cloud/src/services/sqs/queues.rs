//! Operations on queues themselves, and move tasks.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{DIALECT, OneQueue, SqsService, Texts};
use crate::engines::sqs::{Task, TaskStatus, error};
use crate::error::AwsError;
use crate::protocol::http::Reply;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    queue_name: Option<String>,
    #[serde(default)]
    attributes: Texts,
    // The model spells this one in lower case.
    #[serde(default, rename = "tags")]
    tags: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    queue_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attributes {
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetAttributes {
    queue_url: Option<String>,
    attributes: Option<Texts>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    queue_url: Option<String>,
    tags: Option<Texts>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Untag {
    queue_url: Option<String>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sources {
    queue_url: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartTask {
    source_arn: Option<String>,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTasks {
    source_arn: Option<String>,
    max_results: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelTask {
    task_handle: Option<String>,
}

impl SqsService {
    pub(super) async fn create(&self, input: Create) -> Result<Reply, AwsError> {
        let name = input
            .queue_name
            .ok_or_else(|| error::missing_parameter("QueueName"))?;
        self.queues
            .run(|engine, now, _, changes| {
                engine.create(&name, &input.attributes, input.tags, now, changes)
            })
            .await?;
        Ok(DIALECT.output(&json!({ "QueueUrl": self.url(&name) })))
    }

    pub(super) async fn delete(&self, input: OneQueue) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        self.queues
            .run(|engine, now, _, changes| engine.delete(name, now, changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn url_of(&self, input: Named) -> Result<Reply, AwsError> {
        let name = input
            .queue_name
            .ok_or_else(|| error::missing_parameter("QueueName"))?;
        self.queues
            .run(|engine, _, _, _| engine.exists(&name))
            .await?;
        Ok(DIALECT.output(&json!({ "QueueUrl": self.url(&name) })))
    }

    pub(super) async fn list(&self, input: List) -> Result<Reply, AwsError> {
        let names: Vec<String> = self
            .queues
            .run(|engine, _, _, _| {
                let after = input.next_token.as_deref().unwrap_or_default();
                Ok(engine
                    .list(&input.queue_name_prefix, after)
                    .map(str::to_owned)
                    .collect())
            })
            .await?;
        self.page("QueueUrls", &names, input.max_results)
    }

    /// A page of queue URLs. Without MaxResults AWS gives up to 1 000 and no token.
    fn page(&self, member: &str, names: &[String], most: Option<i64>) -> Result<Reply, AwsError> {
        let size = match most {
            None => 1000,
            Some(most) => usize::try_from(most)
                .ok()
                .filter(|size| (1..=1000).contains(size))
                .ok_or_else(|| {
                    error::out_of_range(
                        "MaxResults",
                        most,
                        "Must be between 1 and 1000, if provided.",
                    )
                })?,
        };
        let page = names.get(..size).unwrap_or(names);
        let mut output = Map::new();
        if !page.is_empty() {
            output.insert(
                member.to_owned(),
                page.iter().map(|name| self.url(name)).collect(),
            );
        }
        if most.is_some() && names.len() > size {
            output.insert("NextToken".to_owned(), json!(page.last()));
        }
        Ok(DIALECT.output(&output))
    }

    pub(super) async fn attributes(&self, input: Attributes) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let all = self
            .queues
            .run(|engine, now, _, changes| engine.attributes(name, now, changes))
            .await?;
        let known = |wanted: &str| {
            wanted == "All" || all.contains_key(wanted) || OPTIONAL.contains(&wanted)
        };
        if let Some(unknown) = input.attribute_names.iter().find(|wanted| !known(wanted)) {
            let message = format!("Unknown Attribute {unknown}.");
            return Err(AwsError::new("InvalidAttributeName", 400, message));
        }
        let wanted = |name: &str| {
            input
                .attribute_names
                .iter()
                .any(|wanted| wanted == "All" || wanted == name)
        };
        let chosen: Map<String, Value> = all
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect();
        let output = if chosen.is_empty() {
            json!({})
        } else {
            json!({ "Attributes": chosen })
        };
        Ok(DIALECT.output(&output))
    }

    pub(super) async fn set_attributes(&self, input: SetAttributes) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let given = input
            .attributes
            .ok_or_else(|| error::missing_parameter("Attributes"))?;
        self.queues
            .run(|engine, now, _, changes| engine.set_attributes(name, &given, now, changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn purge(&self, input: OneQueue) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        self.queues
            .run(|engine, now, _, changes| engine.purge(name, now, changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn tag(&self, input: Tag) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let tags = input.tags.ok_or_else(|| error::missing_parameter("Tags"))?;
        self.queues
            .run(|engine, _, _, changes| engine.change_tags(name, tags, &[], changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn untag(&self, input: Untag) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let keys = input
            .tag_keys
            .ok_or_else(|| error::missing_parameter("TagKeys"))?;
        self.queues
            .run(|engine, _, _, changes| engine.change_tags(name, Texts::new(), &keys, changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn tags(&self, input: OneQueue) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let tags = self
            .queues
            .run(|engine, _, _, _| engine.tags(name).cloned())
            .await?;
        Ok(DIALECT.output(&if tags.is_empty() {
            json!({})
        } else {
            json!({ "Tags": tags })
        }))
    }

    pub(super) async fn sources(&self, input: Sources) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let mut names = self
            .queues
            .run(|engine, _, _, _| {
                engine.exists(name)?;
                Ok(engine.sources_of(&engine.arn(name)))
            })
            .await?;
        names.retain(|name| input.next_token.as_ref().is_none_or(|after| name > after));
        // This operation's member is spelled in lower case, and is there when it is empty too.
        if names.is_empty() {
            return Ok(DIALECT.output(&json!({ "queueUrls": [] })));
        }
        self.page("queueUrls", &names, input.max_results)
    }

    pub(super) async fn start_task(&self, input: StartTask) -> Result<Reply, AwsError> {
        let source = input
            .source_arn
            .ok_or_else(|| error::missing_parameter("SourceArn"))?;
        let rate = match input.max_number_of_messages_per_second {
            None => None,
            Some(rate) => {
                let fits = u32::try_from(rate)
                    .ok()
                    .filter(|rate| (1..=500).contains(rate));
                let range = "Must be between 1 and 500, if provided.";
                Some(fits.ok_or_else(|| {
                    error::out_of_range("MaxNumberOfMessagesPerSecond", rate, range)
                })?)
            }
        };
        let destination = input.destination_arn.as_deref();
        let handle = self
            .queues
            .run(|engine, now, ids, changes| {
                engine.start_task(&source, destination, rate, now, ids, changes)
            })
            .await?;
        Ok(DIALECT.output(&json!({ "TaskHandle": handle })))
    }

    pub(super) async fn list_tasks(&self, input: ListTasks) -> Result<Reply, AwsError> {
        let source = input
            .source_arn
            .ok_or_else(|| error::missing_parameter("SourceArn"))?;
        let most = input.max_results.unwrap_or(1);
        let size = usize::try_from(most)
            .ok()
            .filter(|size| (1..=10).contains(size))
            .ok_or_else(|| {
                error::out_of_range("MaxResults", most, "Must be between 1 and 10, if provided.")
            })?;
        let tasks = self
            .queues
            .run(|engine, _, _, _| engine.list_tasks(&source, size))
            .await?;
        let results: Vec<Value> = tasks.iter().map(task).collect();
        Ok(DIALECT.output(&json!({ "Results": results })))
    }

    pub(super) async fn cancel_task(&self, input: CancelTask) -> Result<Reply, AwsError> {
        let handle = input
            .task_handle
            .ok_or_else(|| error::missing_parameter("TaskHandle"))?;
        let moved = self
            .queues
            .run(|engine, _, _, changes| engine.cancel_task(&handle, changes))
            .await?;
        Ok(DIALECT.output(&json!({ "ApproximateNumberOfMessagesMoved": moved })))
    }
}

/// Attributes that a queue may have and that are asked for by name without error.
const OPTIONAL: [&str; 3] = ["RedrivePolicy", "RedriveAllowPolicy", "Policy"];

/// A move task as ListMessageMoveTasks shows it: the handle only while it runs.
fn task(task: &Task) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    if task.status == TaskStatus::Running {
        put("TaskHandle", json!(task.handle));
    }
    put("Status", json!(task.status));
    put("SourceArn", json!(task.source));
    if let Some(destination) = &task.destination {
        put("DestinationArn", json!(destination));
    }
    if let Some(rate) = task.rate {
        put("MaxNumberOfMessagesPerSecond", json!(rate));
    }
    put("ApproximateNumberOfMessagesMoved", json!(task.moved));
    put("ApproximateNumberOfMessagesToMove", json!(task.to_move));
    if let Some(reason) = &task.failure {
        put("FailureReason", json!(reason));
    }
    put("StartedTimestamp", json!(task.started));
    Value::Object(shown)
}
