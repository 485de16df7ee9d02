//! An SQS standard queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::{Tags, about};
use crate::aws::{Class, failure};
use crate::provision::wait::{Patience, Wait};
use crate::provision::{Difference, Observed, Problem, Resource};

/// DeleteQueue may take 60 s; source: its API reference.
const DELETING: Wait = Wait::new("SQS still lists the deleted queue", 75);

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
        let Some(mut differ) = self.tags.differences(&tags.tags.unwrap_or_default()) else {
            return Ok(Observed::Foreign);
        };
        let found = self.client.get_queue_attributes().queue_url(&url);
        let found = found.attribute_names(QueueAttributeName::All).send().await;
        let found = found.map_err(|error| failure("sqs:GetQueueAttributes", error))?;
        let found = found.attributes.unwrap_or_default();
        differ.extend(differing(&self.attributes, &found));
        Ok(Observed::ours(differ))
    }

    /// The address of a queue that is there.
    async fn address(&self) -> Result<String, Problem> {
        self.url().await?.ok_or(Problem::Answer("sqs:GetQueueUrl"))
    }
}

/// The attributes that are not as wanted, sorted. Wanted empty is wanted absent, as
/// `SetQueueAttributes` means it.
fn differing(
    wanted: &HashMap<QueueAttributeName, String>,
    found: &HashMap<QueueAttributeName, String>,
) -> Vec<Difference> {
    let differ = wanted.iter().filter_map(|(name, wanted)| {
        let found = found.get(name).map_or("", String::as_str);
        let (found, wanted) = unlike(found, wanted)?;
        Some(Difference::new(name.as_str(), found, wanted))
    });
    let mut differ: Vec<Difference> = differ.collect();
    differ.sort_by(|one, other| one.setting.cmp(&other.setting));
    differ
}

/// In what two values of an attribute are unlike. JSON objects are compared member by member,
/// and of a member only what it says counts: SQS takes `3` and `"3"`.
fn unlike(found: &str, wanted: &str) -> Option<(String, String)> {
    let members = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (Some(mut one), Some(mut other)) = (members(found), members(wanted)) else {
        return (found != wanted).then(|| (found.to_owned(), wanted.to_owned()));
    };
    let said = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let alike = |name: &String, theirs: &Map<String, Value>, value: &Value| {
        theirs
            .get(name)
            .is_some_and(|their| said(their) == said(value))
    };
    let all = other.clone();
    other.retain(|name, value| !alike(name, &one, value));
    one.retain(|name, value| !alike(name, &all, value));
    let same = one.is_empty() && other.is_empty();
    (!same).then(|| {
        (
            Value::Object(one).to_string(),
            Value::Object(other).to_string(),
        )
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

    fn create<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let create = || async {
                let call = self.client.create_queue().queue_name(&self.name);
                let given = self.attributes.clone().into_iter();
                let given = given.filter(|(_, value)| !value.is_empty()).collect();
                let call = call.set_attributes(Some(given));
                let sent = call.set_tags(Some(self.tags.map())).send().await;
                sent.map_err(|error| failure("sqs:CreateQueue", error))
            };
            patience.call(create).await.map(drop)
        })
    }

    fn mend<'a>(
        &'a self,
        differences: &'a [Difference],
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let url = self.address().await?;
            let wanted = self.attributes.iter();
            let differ = wanted.filter(|(name, _)| about(differences, name.as_str()));
            let differ: HashMap<_, _> = differ
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let set = || async {
                let call = self.client.set_queue_attributes().queue_url(&url);
                let sent = call.set_attributes(Some(differ.clone())).send().await;
                sent.map_err(|error| failure("sqs:SetQueueAttributes", error))
            };
            patience.call(set).await.map(drop)
        })
    }

    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let url = self.address().await?;
            let tag = || async {
                let call = self.client.tag_queue().queue_url(&url);
                let sent = call.set_tags(Some(tags.clone())).send().await;
                sent.map_err(|error| failure("sqs:TagQueue", error))
            };
            patience.call(tag).await.map(drop)
        })
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let Some(url) = self.url().await? else {
                return Ok(());
            };
            let delete = || async {
                let sent = self.client.delete_queue().queue_url(&url).send().await;
                sent.map_err(|error| failure("sqs:DeleteQueue", error))
            };
            patience.call(delete).await?;
            let gone = || async { Ok(self.url().await?.is_none()) };
            patience.until(&DELETING, gone).await
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
            (RedrivePolicy, r#"{ "maxReceiveCount": "3", "a": "b" }"#),
            (VisibilityTimeout, "7"),
        ]);
        assert_eq!(differing(&wanted, &same), []);
        let other = attributes([(DelaySeconds, "9")]);
        assert_eq!(
            differing(&wanted, &other),
            [
                Difference::new("DelaySeconds", "9", "0"),
                Difference::new("RedrivePolicy", "", r#"{"a":"b","maxReceiveCount":3}"#),
            ]
        );
    }

    #[test]
    fn of_two_policies_only_what_differs_is_told() {
        let told = unlike(r#"{"a":"b","n":3}"#, r#"{"a":"b","n":5}"#);
        assert_eq!(
            told,
            Some((r#"{"n":3}"#.to_owned(), r#"{"n":5}"#.to_owned()))
        );
    }

    #[test]
    fn wanted_empty_is_wanted_absent() {
        let wanted = attributes([(QueueAttributeName::RedrivePolicy, "")]);
        assert_eq!(differing(&wanted, &attributes([])), []);
        let found = attributes([(QueueAttributeName::RedrivePolicy, "{}")]);
        assert_eq!(
            differing(&wanted, &found),
            [Difference::new("RedrivePolicy", "{}", "")]
        );
    }
}
