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
        let mut differ: Vec<String> = self
            .attributes
            .iter()
            .filter(|(name, wanted)| {
                !same(found.attributes().and_then(|all| all.get(name)), wanted)
            })
            .map(|(name, _)| name.as_str().to_owned())
            .collect();
        differ.sort();
        Ok(drifted(differ))
    }
}

/// Attributes that hold JSON are the same if they mean the same.
fn same(found: Option<&String>, wanted: &str) -> bool {
    found.is_some_and(|found| {
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
                    let call = call.set_attributes(Some(self.attributes.clone()));
                    let sent = call.set_tags(Some(self.tags.map())).send().await;
                    sent.map_err(|error| failure("sqs:CreateQueue", error))
                };
                return patience.call(create).await.map(drop);
            }
            let url = self
                .url()
                .await?
                .ok_or(Problem::Answer("sqs:GetQueueUrl"))?;
            let call = self.client.set_queue_attributes().queue_url(url);
            let sent = call
                .set_attributes(Some(self.attributes.clone()))
                .send()
                .await;
            sent.map_err(|error| failure("sqs:SetQueueAttributes", error))?;
            Ok(())
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
