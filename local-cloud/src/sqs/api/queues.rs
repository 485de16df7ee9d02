//! Operations on queues.

use serde::Deserialize;
use serde_json::{Value, json};

use super::SqsService;
use crate::error::AwsError;
use crate::sqs::engine::{Attributes, error};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateInput {
    #[serde(default)]
    queue_name: String,
    attributes: Option<Attributes>,
    #[serde(rename = "tags", alias = "Tags")]
    tags: Option<Attributes>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UrlInput {
    #[serde(default)]
    queue_url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NameInput {
    #[serde(default)]
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInput {
    #[serde(default)]
    queue_name_prefix: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SourcesInput {
    #[serde(default)]
    queue_url: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetInput {
    #[serde(default)]
    queue_url: String,
    attribute_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetInput {
    #[serde(default)]
    queue_url: String,
    attributes: Attributes,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    #[serde(default)]
    queue_url: String,
    tags: Attributes,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagInput {
    #[serde(default)]
    queue_url: String,
    tag_keys: Vec<String>,
}

impl SqsService {
    pub(super) async fn create(&self, input: CreateInput) -> Result<Value, AwsError> {
        if input.queue_name.is_empty() {
            return Err(error::missing("QueueName"));
        }
        let attributes = input.attributes.unwrap_or_default();
        let tags = input.tags.unwrap_or_default();
        let name = &input.queue_name;
        let url = self
            .queues
            .run(|engine, tx| {
                engine.create_queue(name, &attributes, tags, tx)?;
                Ok(self.url(engine.account(), name))
            })
            .await?;
        Ok(json!({"QueueUrl": url}))
    }

    pub(super) async fn delete_queue(&self, input: UrlInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues
            .run(|engine, tx| engine.delete_queue(engine.by_name(name)?, tx))
            .await
    }

    pub(super) fn get_url(&self, input: NameInput) -> Result<Value, AwsError> {
        if input.queue_name.is_empty() {
            return Err(error::missing("QueueName"));
        }
        self.queues.see(|engine, view| {
            let account = engine.account();
            if input.owner.is_some_and(|owner| owner != account) {
                return Err(error::no_queue());
            }
            if !view.still_has(&input.queue_name) {
                engine.seen(&input.queue_name, view)?;
            }
            Ok(json!({"QueueUrl": self.url(account, &input.queue_name)}))
        })
    }

    pub(super) fn list(&self, input: ListInput) -> Result<Value, AwsError> {
        self.queues.look(|engine| {
            let names = engine.names(&input.queue_name_prefix, input.next_token.as_deref());
            let page = page(names, input.max_results)?;
            Ok(self.urls("QueueUrls", engine.account(), page))
        })
    }

    pub(super) fn list_sources(&self, input: SourcesInput) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues.see(|engine, view| {
            let after = input.next_token.as_deref();
            let sources = engine.dead_letter_sources(engine.seen(name, view)?)?;
            let sources = sources.into_iter().filter(|name| after < Some(*name));
            let page = page(sources, input.max_results)?;
            Ok(self.urls("queueUrls", engine.account(), page))
        })
    }

    pub(super) async fn get_attributes(&self, input: GetInput) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let names = input.attribute_names.unwrap_or_default();
        let attributes = self
            .queues
            .run(|engine, tx| {
                let id = engine.seen(name, &tx.view)?;
                let attributes = engine.attributes(id, &names, tx)?;
                Ok(self.counts.settle(id, attributes, tx.now.lab))
            })
            .await?;
        if attributes.is_empty() {
            return Ok(json!({}));
        }
        Ok(json!({"Attributes": attributes}))
    }

    pub(super) async fn set_attributes(&self, input: SetInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues
            .run(|engine, tx| engine.set_attributes(engine.by_name(name)?, &input.attributes, tx))
            .await
    }

    pub(super) async fn purge(&self, input: UrlInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues
            .run(|engine, tx| engine.purge(engine.by_name(name)?, tx))
            .await
    }

    pub(super) async fn tag(&self, input: TagInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues
            .run(|engine, tx| engine.tag(engine.by_name(name)?, input.tags, tx))
            .await
    }

    pub(super) async fn untag(&self, input: UntagInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues
            .run(|engine, tx| engine.untag(engine.by_name(name)?, &input.tag_keys, tx))
            .await
    }

    pub(super) fn list_tags(&self, input: UrlInput) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        self.queues.see(|engine, view| {
            let tags = engine.tags(engine.seen(name, view)?)?;
            Ok(if tags.is_empty() {
                json!({})
            } else {
                json!({"Tags": tags})
            })
        })
    }

    fn url(&self, account: &str, name: &str) -> String {
        format!("{}/{account}/{name}", self.endpoint)
    }

    fn urls(&self, member: &str, account: &str, (names, next): Page<'_>) -> Value {
        let urls: Vec<_> = names.iter().map(|name| self.url(account, name)).collect();
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

/// Names, and the last of them where more follow.
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
    // Without a size AWS lists a thousand at most and gives no token.
    let more = asked.is_some() && names.next().is_some();
    let next = page.last().copied().filter(|_| more);
    Ok((page, next))
}
