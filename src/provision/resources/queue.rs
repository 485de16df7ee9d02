//! An SQS standard queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Tags, drifted};
use crate::aws::{Class, failure};
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource};

pub(in crate::provision) struct Queue {
    pub(in crate::provision) client: aws_sdk_sqs::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) attributes: HashMap<QueueAttributeName, String>,
    pub(in crate::provision) after: Vec<String>,
    pub(in crate::provision) tags: Tags,
}

impl Queue {
    async fn url(&self) -> Result<Option<String>, Problem> {
        let answer = self
            .client
            .get_queue_url()
            .queue_name(&self.name)
            .send()
            .await;
        match answer.map_err(|error| failure("sqs:GetQueueUrl", error)) {
            Ok(answer) => Ok(answer.queue_url),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn look(&self) -> Result<Observed, Problem> {
        let Some(url) = self.url().await? else {
            return Ok(Observed::Absent);
        };
        let tags = self.client.list_queue_tags().queue_url(&url).send().await;
        let tags = tags.map_err(|error| failure("sqs:ListQueueTags", error))?;
        if !tags.tags().is_some_and(|tags| self.tags.are_in(tags)) {
            return Ok(Observed::Foreign);
        }
        let found = self.client.get_queue_attributes().queue_url(&url);
        let found = found.attribute_names(QueueAttributeName::All).send().await;
        let found = found.map_err(|error| failure("sqs:GetQueueAttributes", error))?;
        let found = found.attributes.unwrap_or_default();
        Ok(drifted(differing(&self.attributes, &found)))
    }
}

/// The names of the attributes that are not as wanted, sorted. Wanted empty is wanted absent, as
/// `SetQueueAttributes` means it.
fn differing(
    wanted: &HashMap<QueueAttributeName, String>,
    found: &HashMap<QueueAttributeName, String>,
) -> Vec<String> {
    let differ = wanted.iter().filter(|(name, wanted)| {
        let found = found.get(name).filter(|found| !found.is_empty());
        !same(found, wanted)
    });
    let mut names: Vec<String> = differ.map(|(name, _)| name.as_str().to_owned()).collect();
    names.sort();
    names
}

/// Attributes that hold JSON are the same if they mean the same.
fn same(found: Option<&String>, wanted: &str) -> bool {
    found.map_or(wanted.is_empty(), |found| {
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
        found == wanted || parse(found).is_some_and(|value| Some(value) == parse(wanted))
    })
}

impl Resource for Queue {
    fn kind(&self) -> &'static str {
        "queue"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn dependencies(&self) -> Vec<String> {
        self.after.clone()
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            if *observed == Observed::Absent {
                let create = || async {
                    let call = self.client.create_queue().queue_name(&self.name);
                    let given = self.attributes.clone().into_iter();
                    let given = given.filter(|(_, value)| !value.is_empty()).collect();
                    let call = call.set_attributes(Some(given));
                    let sent = call.set_tags(Some(self.tags.map())).send().await;
                    sent.map_err(|error| failure("sqs:CreateQueue", error))
                };
                return patience.call(create).await.map(drop);
            }
            let Observed::Drifted(differ) = observed else {
                return Ok(());
            };
            let url = self
                .url()
                .await?
                .ok_or(Problem::Answer("sqs:GetQueueUrl"))?;
            let given = self.attributes.clone().into_iter();
            let given = given.filter(|(name, _)| differ.iter().any(|one| one == name.as_str()));
            let call = self.client.set_queue_attributes().queue_url(url);
            let sent = call.set_attributes(Some(given.collect())).send().await;
            sent.map(drop)
                .map_err(|error| failure("sqs:SetQueueAttributes", error).into())
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let Some(url) = self.url().await? else {
                return Ok(());
            };
            let sent = self.client.delete_queue().queue_url(url).send().await;
            sent.map_err(|error| failure("sqs:DeleteQueue", error))?;
            let gone = || async { Ok(self.url().await?.is_none()) };
            patience
                .until("SQS still lists the deleted queue", gone)
                .await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes<const N: usize>(
        all: [(QueueAttributeName, &str); N],
    ) -> HashMap<QueueAttributeName, String> {
        all.map(|(name, value)| (name, value.to_owned())).into()
    }

    #[test]
    fn attributes_differ_by_meaning() {
        use QueueAttributeName::{DelaySeconds, RedrivePolicy, VisibilityTimeout};
        let wanted = attributes([
            (DelaySeconds, "0"),
            (RedrivePolicy, r#"{"a":"b","maxReceiveCount":3}"#),
        ]);
        let same = attributes([
            (DelaySeconds, "0"),
            (RedrivePolicy, r#"{ "maxReceiveCount": 3, "a": "b" }"#),
            (VisibilityTimeout, "7"),
        ]);
        assert_eq!(differing(&wanted, &same), [""; 0]);
        let other = attributes([(DelaySeconds, "9")]);
        assert_eq!(
            differing(&wanted, &other),
            ["DelaySeconds", "RedrivePolicy"]
        );
    }

    #[test]
    fn wanted_empty_is_wanted_absent() {
        let wanted = attributes([(QueueAttributeName::RedrivePolicy, "")]);
        assert_eq!(differing(&wanted, &attributes([])), [""; 0]);
        let found = attributes([(QueueAttributeName::RedrivePolicy, "{}")]);
        assert_eq!(differing(&wanted, &found), ["RedrivePolicy"]);
    }
}
