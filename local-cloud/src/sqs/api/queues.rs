//! Operations on queues.

use serde::Deserialize;
use serde_json::{Value, json};

use super::permissions::{arn_of, on_arn, on_name, on_url};
use super::service::{SqsService, queue_name};
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};
use crate::sqs::engine::{Attributes, Sqs, Transaction, error};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueue {
    #[serde(default)]
    queue_name: String,
    attributes: Option<Attributes>,
    #[serde(default, rename = "tags", alias = "Tags")]
    tags: Option<Attributes>,
}

impl Operation<SqsService> for CreateQueue {
    const NAME: &'static str = "CreateQueue";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        let arn = arn_of(service, &self.queue_name)?;
        let tags = self.tags.as_ref().filter(|tags| !tags.is_empty());
        let mut required = vec![with_tags(on_arn(Self::NAME, &arn), self.tags.as_ref())];
        required.extend(tags.map(|tags| with_tags(on_arn(TagQueue::NAME, &arn), Some(tags))));
        Ok(required)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        if self.queue_name.is_empty() {
            return Err(error::missing("QueueName"));
        }
        let attributes = self.attributes.unwrap_or_default();
        let tags = self.tags.unwrap_or_default();
        let create = service
            .queues
            .run(|engine, tx| engine.create_queue(&self.queue_name, &attributes, tags, tx));
        create.await?;
        Ok(json!({"QueueUrl": service.url(&self.queue_name)}))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteQueue {
    #[serde(default)]
    queue_url: String,
}

impl Operation<SqsService> for DeleteQueue {
    const NAME: &'static str = "DeleteQueue";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let delete = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.delete_queue(engine.by_name(name)?, tx)
        };
        service.queues.run(delete).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    #[serde(default)]
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

impl Operation<SqsService> for GetQueueUrl {
    const NAME: &'static str = "GetQueueUrl";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_name(service, Self::NAME, &self.queue_name)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        if self.queue_name.is_empty() {
            return Err(error::missing("QueueName"));
        }
        service.queues.read_as_seen(|engine, view| {
            let is_other = |owner: &String| *owner != service.location.account;
            if self.owner.as_ref().is_some_and(is_other) {
                return Err(error::no_queue());
            }
            if !view.still_has(&self.queue_name) {
                engine.seen(&self.queue_name, view)?;
            }
            Ok(json!({"QueueUrl": service.url(&self.queue_name)}))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

impl Operation<SqsService> for ListQueues {
    const NAME: &'static str = "ListQueues";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        Ok(vec![on_arn(Self::NAME, &service.location.arn("sqs", ""))])
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        service.queues.read(|engine| {
            let names = engine.names(&self.queue_name_prefix, self.next_token.as_deref());
            let page = page(names, self.max_results)?;
            Ok(service.urls("QueueUrls", page))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListDeadLetterSourceQueues {
    #[serde(default)]
    queue_url: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

impl Operation<SqsService> for ListDeadLetterSourceQueues {
    const NAME: &'static str = "ListDeadLetterSourceQueues";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let name = queue_name(&self.queue_url)?;
        service.queues.read_as_seen(|engine, view| {
            let after = self.next_token.as_deref();
            let sources = engine.dead_letter_sources(engine.seen(name, view)?)?;
            let rest = sources.into_iter().filter(|name| after < Some(*name));
            Ok(service.urls("queueUrls", page(rest, self.max_results)?))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    #[serde(default)]
    queue_url: String,
    attribute_names: Option<Vec<String>>,
}

impl Operation<SqsService> for GetQueueAttributes {
    const NAME: &'static str = "GetQueueAttributes";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let name = queue_name(&self.queue_url)?;
        let names = self.attribute_names.unwrap_or_default();
        let attributes = service.queues.attributes(name, &names).await?;
        if attributes.is_empty() {
            return Ok(json!({}));
        }
        Ok(json!({"Attributes": attributes}))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributes {
    #[serde(default)]
    queue_url: String,
    attributes: Attributes,
}

impl Operation<SqsService> for SetQueueAttributes {
    const NAME: &'static str = "SetQueueAttributes";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let set = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.set_attributes(engine.by_name(name)?, &self.attributes, tx)
        };
        service.queues.run(set).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PurgeQueue {
    #[serde(default)]
    queue_url: String,
}

impl Operation<SqsService> for PurgeQueue {
    const NAME: &'static str = "PurgeQueue";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let purge =
            |engine: &mut Sqs, tx: &mut Transaction<'_>| engine.purge(engine.by_name(name)?, tx);
        service.queues.run(purge).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagQueue {
    #[serde(default)]
    queue_url: String,
    tags: Attributes,
}

impl Operation<SqsService> for TagQueue {
    const NAME: &'static str = "TagQueue";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        let required = on_url(service, Self::NAME, &self.queue_url)?.into_iter();
        Ok(required
            .map(|one| with_tags(one, Some(&self.tags)))
            .collect())
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let tag = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.tag(engine.by_name(name)?, self.tags, tx)
        };
        service.queues.run(tag).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagQueue {
    #[serde(default)]
    queue_url: String,
    tag_keys: Vec<String>,
}

impl Operation<SqsService> for UntagQueue {
    const NAME: &'static str = "UntagQueue";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        let required = on_url(service, Self::NAME, &self.queue_url)?.into_iter();
        let with_keys = |one: RequiredPermission| one.with_tag_keys(self.tag_keys.iter());
        Ok(required.map(with_keys).collect())
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let untag = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.untag(engine.by_name(name)?, &self.tag_keys, tx)
        };
        service.queues.run(untag).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueueTags {
    #[serde(default)]
    queue_url: String,
}

impl Operation<SqsService> for ListQueueTags {
    const NAME: &'static str = "ListQueueTags";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let name = queue_name(&self.queue_url)?;
        service.queues.read_as_seen(|engine, view| {
            let tags = engine.tags(engine.seen(name, view)?)?;
            Ok(if tags.is_empty() {
                json!({})
            } else {
                json!({"Tags": tags})
            })
        })
    }
}

/// The permission of a request that sets these tags, or none.
fn with_tags(permission: RequiredPermission, tags: Option<&Attributes>) -> RequiredPermission {
    let tags = tags.into_iter().flatten();
    permission.with_tags(tags.map(|(key, value)| (&**key, &**value)))
}

impl SqsService {
    fn url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.endpoint, self.location.account)
    }

    fn urls(&self, member: &str, (names, next): Page<'_>) -> Value {
        let urls: Vec<_> = names.iter().map(|name| self.url(name)).collect();
        let mut reply = json!({});
        // The list of sources is a required member, the list of queues is not.
        if !urls.is_empty() || member == "queueUrls" {
            reply[member] = json!(urls);
        }
        if let Some(next) = next {
            reply["NextToken"] = json!(next);
        }
        reply
    }
}

/// Names, and the last of them if more follow.
type Page<'a> = (Vec<&'a str>, Option<&'a str>);

fn page<'a>(
    mut names: impl Iterator<Item = &'a str>,
    asked: Option<i64>,
) -> Result<Page<'a>, AwsError> {
    let size = match asked {
        None => 1000,
        Some(asked) => usize::try_from(asked)
            .ok()
            .filter(|size| (1..=1000).contains(size))
            .ok_or_else(|| {
                error::invalid_value(
                    asked,
                    "MaxResults",
                    "Must be between 1 and 1000, if provided.",
                )
            })?,
    };
    let page: Vec<_> = names.by_ref().take(size).collect();
    // Without a size AWS lists at most a thousand and returns no token.
    let more = asked.is_some() && names.next().is_some();
    let next = page.last().copied().filter(|_| more);
    Ok((page, next))
}
