//! An SQS standard queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Map, Value};

use super::{Tags, about};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::wait::{Confirmations, WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};

const CREATING: WaitReason =
    WaitReason::new("SQS has not made the new queue known everywhere yet", 60);
/// Changes take up to 60 s, that of the retention 15 minutes; source: SetQueueAttributes.
const CHANGING: WaitReason =
    WaitReason::new("SQS has not made the new settings known everywhere yet", 90);
const SLOW: QueueAttributeName = QueueAttributeName::MessageRetentionPeriod;
/// DeleteQueue may take 60 s, says its API reference; Terraform gives it three minutes.
const DELETING: WaitReason = WaitReason::new("SQS still lists the deleted queue", 180);

pub(in crate::provision) struct Queue {
    pub(in crate::provision) client: aws_sdk_sqs::Client,
    pub(in crate::provision) name: String,
    /// Those that are compared. Wanted empty is wanted absent, as `SetQueueAttributes` means it.
    pub(in crate::provision) attributes: HashMap<QueueAttributeName, String>,
    pub(in crate::provision) after: Vec<String>,
    pub(in crate::provision) tags: Tags,
    /// How often the queue must be seen as it should be before that is believed.
    pub(in crate::provision) confirmations: Confirmations,
}

impl Queue {
    async fn url(&self) -> Result<Option<String>, AwsFailure> {
        let answer = self.client.get_queue_url().queue_name(&self.name);
        let answer = answer.send().await.of_call("sqs:GetQueueUrl");
        Ok(answer.unless_absent()?.and_then(|answer| answer.queue_url))
    }

    /// The address of a queue that is there.
    async fn address(&self) -> Result<String, Problem> {
        self.url().await?.ok_or(Problem::Answer("sqs:GetQueueUrl"))
    }

    /// What differs about the attributes; `None` where there is no queue.
    async fn differing(&self, url: &str) -> Result<Option<Vec<Difference>>, AwsFailure> {
        let call = self.client.get_queue_attributes().queue_url(url);
        let call = call.attribute_names(QueueAttributeName::All).send().await;
        let found = call.of_call("sqs:GetQueueAttributes").unless_absent()?;
        Ok(found.map(|found| differing(&self.attributes, &found.attributes.unwrap_or_default())))
    }

    /// Whether the queue is seen, with these attributes as they should be.
    async fn is_as_wanted(&self, attributes: &[QueueAttributeName]) -> Result<bool, Problem> {
        let Some(url) = self.url().await? else {
            return Ok(false);
        };
        let found = self.differing(&url).await?;
        Ok(found.is_some_and(|differ| !attributes.iter().any(|one| about(&differ, one.as_str()))))
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let given = self.attributes.clone().into_iter();
        let given = given.filter(|(_, value)| !value.is_empty()).collect();
        let call = self.client.create_queue().queue_name(&self.name);
        let call = call
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
        let tags = self.client.list_queue_tags().queue_url(&url).send().await;
        let tags = tags.of_call("sqs:ListQueueTags")?.tags.unwrap_or_default();
        let Some(differ) = self.differing(&url).await? else {
            return Ok(Observed::Absent);
        };
        Ok(self.tags.classify(&tags, differ, Observed::ours))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        let seen = || self.is_as_wanted(&[]);
        waiter
            .until_steady(&CREATING, self.confirmations, seen)
            .await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        let wanted = self.attributes.iter();
        let differ = wanted.filter(|(name, _)| about(differences, name.as_str()));
        let differ: HashMap<_, _> = differ
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let url = waiter.call(|| self.address()).await?;
        waiter.call(|| self.set(&url, differ.clone())).await?;
        let soon = differ.into_keys().filter(|name| *name != SLOW);
        let soon: Vec<QueueAttributeName> = soon.collect();
        let seen = || self.is_as_wanted(&soon);
        waiter
            .until_steady(&CHANGING, self.confirmations, seen)
            .await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let url = waiter.call(|| self.address()).await?;
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
        let gone = || async { Ok(self.url().await?.is_none()) };
        waiter
            .until_steady(&DELETING, self.confirmations, gone)
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
