//! An SQS standard queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Map, Value};

use super::compare::{Tags, about};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::wait::{Confirmations, WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};

const CREATING: WaitReason =
    WaitReason::new("SQS has not propagated the new queue everywhere yet", 60);
/// Changes take up to 60 s, that of the retention 15 minutes. Source: SetQueueAttributes.
const CHANGING: WaitReason =
    WaitReason::new("SQS has not propagated the new settings everywhere yet", 90);
const SLOW: QueueAttributeName = QueueAttributeName::MessageRetentionPeriod;
/// DeleteQueue may take 60 s, says its API reference; Terraform waits three minutes.
const DELETING: WaitReason = WaitReason::new("SQS still lists the deleted queue", 180);

pub(in crate::provision) struct Queue {
    pub(in crate::provision) client: aws_sdk_sqs::Client,
    pub(in crate::provision) name: String,
    /// The attributes that are compared. An empty value means that there is to be none, as in
    /// `SetQueueAttributes`.
    pub(in crate::provision) attributes: HashMap<QueueAttributeName, String>,
    pub(in crate::provision) after: Vec<String>,
    pub(in crate::provision) tags: Tags,
    /// How often a change must be visible before it counts as propagated.
    pub(in crate::provision) confirmations: Confirmations,
}

impl Queue {
    async fn url(&self) -> Result<Option<String>, AwsFailure> {
        let call = self.client.get_queue_url().queue_name(&self.name);
        let found = call
            .send()
            .await
            .of_call("sqs:GetQueueUrl")
            .unless_absent()?;
        Ok(found.and_then(|found| found.queue_url))
    }

    /// The URL of a queue that must exist.
    async fn existing_url(&self) -> Result<String, Problem> {
        self.url().await?.ok_or(Problem::Answer("sqs:GetQueueUrl"))
    }

    /// The attributes that differ; `None` where the queue does not exist.
    async fn differences(&self, url: &str) -> Result<Option<Vec<Difference>>, AwsFailure> {
        let call = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::All);
        let found = call
            .send()
            .await
            .of_call("sqs:GetQueueAttributes")
            .unless_absent()?;
        Ok(found.map(|found| differences(&self.attributes, &found.attributes.unwrap_or_default())))
    }

    /// Whether the queue is visible with these attributes as wanted.
    async fn is_as_wanted(&self, attributes: &[QueueAttributeName]) -> Result<bool, Problem> {
        let Some(url) = self.url().await? else {
            return Ok(false);
        };
        let found = self.differences(&url).await?;
        Ok(found.is_some_and(|found| !attributes.iter().any(|one| about(&found, one.as_str()))))
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let attributes = self.attributes.clone();
        let given = attributes
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let call = self
            .client
            .create_queue()
            .queue_name(&self.name)
            .set_attributes(Some(given))
            .set_tags(Some(self.tags.map()));
        call.send().await.of_call("sqs:CreateQueue").map(drop)
    }

    async fn set(
        &self,
        url: &str,
        attributes: HashMap<QueueAttributeName, String>,
    ) -> Result<(), AwsFailure> {
        let call = self.client.set_queue_attributes().queue_url(url);
        let answer = call.set_attributes(Some(attributes)).send().await;
        answer.of_call("sqs:SetQueueAttributes").map(drop)
    }
}

/// The attributes that are not as wanted, sorted.
fn differences(
    wanted: &HashMap<QueueAttributeName, String>,
    found: &HashMap<QueueAttributeName, String>,
) -> Vec<Difference> {
    let mut differences: Vec<Difference> = wanted
        .iter()
        .filter_map(|(name, wanted)| {
            let found = found.get(name).map_or("", String::as_str);
            let (found, wanted) = difference(found, wanted)?;
            Some(Difference::new(name.as_str(), found, wanted))
        })
        .collect();
    differences.sort_by(|one, other| one.setting.cmp(&other.setting));
    differences
}

/// The parts in which two values of an attribute differ; `None` where they are equal. JSON objects
/// are compared member by member, and numbers equal their text: SQS takes `3` and `"3"`.
fn difference(found: &str, wanted: &str) -> Option<(String, String)> {
    let members = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (Some(found_members), Some(wanted_members)) = (members(found), members(wanted)) else {
        return (found != wanted).then(|| (found.to_owned(), wanted.to_owned()));
    };
    let rest = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let mut rest = one.clone();
        rest.retain(|name, value| other.get(name).map(text) != Some(text(value)));
        rest
    };
    let only_found = rest(&found_members, &wanted_members);
    let only_wanted = rest(&wanted_members, &found_members);
    let is_equal = only_found.is_empty() && only_wanted.is_empty();
    (!is_equal).then(|| {
        (
            Value::Object(only_found).to_string(),
            Value::Object(only_wanted).to_string(),
        )
    })
}

impl Described for Queue {
    fn kind(&self) -> &'static str {
        "queue"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn dependencies(&self) -> Vec<String> {
        self.after.clone()
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for Queue {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let Some(url) = self.url().await? else {
            return Ok(Observed::Absent);
        };
        let answer = self.client.list_queue_tags().queue_url(&url).send().await;
        let tags = answer
            .of_call("sqs:ListQueueTags")?
            .tags
            .unwrap_or_default();
        let Some(differences) = self.differences(&url).await? else {
            return Ok(Observed::Absent);
        };
        Ok(self.tags.classify(&tags, differences, Observed::ours))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        let is_visible = || self.is_as_wanted(&[]);
        waiter
            .until_confirmed(&CREATING, self.confirmations, is_visible)
            .await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        let changes: HashMap<_, _> = self
            .attributes
            .iter()
            .filter(|(name, _)| about(differences, name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let url = waiter.call(|| self.existing_url()).await?;
        waiter.call(|| self.set(&url, changes.clone())).await?;
        let fast: Vec<QueueAttributeName> =
            changes.into_keys().filter(|name| *name != SLOW).collect();
        let is_visible = || self.is_as_wanted(&fast);
        waiter
            .until_confirmed(&CHANGING, self.confirmations, is_visible)
            .await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let url = waiter.call(|| self.existing_url()).await?;
        let tag = || async {
            let call = self.client.tag_queue().queue_url(&url);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.of_call("sqs:TagQueue").map(drop)
        };
        waiter.call(tag).await
    }

    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        let Some(url) = waiter.call(|| self.url()).await? else {
            return Ok(());
        };
        let delete = || async {
            let call = self.client.delete_queue().queue_url(&url);
            call.send().await.of_call("sqs:DeleteQueue").map(drop)
        };
        waiter.call(delete).await?;
        let is_gone = || async { Ok(self.url().await?.is_none()) };
        waiter
            .until_confirmed(&DELETING, self.confirmations, is_gone)
            .await
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
    fn attributes_are_compared_by_meaning() {
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
        assert_eq!(differences(&wanted, &same), []);
        let other = attributes([(DelaySeconds, "9")]);
        assert_eq!(
            differences(&wanted, &other),
            [
                Difference::new("DelaySeconds", "9", "0"),
                Difference::new("RedrivePolicy", "", r#"{"a":"b","maxReceiveCount":3}"#),
            ]
        );
    }

    #[test]
    fn only_differing_members_are_shown() {
        assert_eq!(
            difference(r#"{"a":"b","n":3}"#, r#"{"a":"b","n":5}"#),
            Some((r#"{"n":3}"#.to_owned(), r#"{"n":5}"#.to_owned()))
        );
    }

    #[test]
    fn an_empty_value_means_absent() {
        let wanted = attributes([(QueueAttributeName::RedrivePolicy, "")]);
        assert_eq!(differences(&wanted, &attributes([])), []);
        let found = attributes([(QueueAttributeName::RedrivePolicy, "{}")]);
        assert_eq!(
            differences(&wanted, &found),
            [Difference::new("RedrivePolicy", "{}", "")]
        );
    }
}
