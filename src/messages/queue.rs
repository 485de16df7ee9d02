//! A queue that the user names: by name, URL or ARN. It must be a standard queue of the account and
//! region that the command acts on.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::Serialize;

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::Context;
use crate::error::CommandError;

/// The end of the name of every FIFO queue.
const FIFO: &str = ".fifo";

/// A queue as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueName {
    name: String,
    /// The account that a URL or an ARN names.
    account: Option<String>,
    /// The region that an ARN or a URL of AWS names.
    region: Option<String>,
}

impl FromStr for QueueName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            "give a queue's name, URL or ARN, as in orders-queue or arn:aws:sqs:us-east-1:123456789012:orders-queue"
                .to_owned()
        };
        let parsed = if text.starts_with("arn:") {
            of_arn(text)
        } else if text.contains("://") {
            of_url(text)
        } else {
            Some(Self {
                name: text.to_owned(),
                account: None,
                region: None,
            })
        };
        let parsed = parsed.ok_or_else(invalid)?;
        let plain = parsed.name.strip_suffix(FIFO).unwrap_or(&parsed.name);
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if plain.is_empty() || parsed.name.len() > 80 || !plain.bytes().all(is_legal) {
            return Err(invalid());
        }
        Ok(parsed)
    }
}

/// `arn:aws:sqs:REGION:ACCOUNT:NAME`
fn of_arn(text: &str) -> Option<QueueName> {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", _, "sqs", region, account, name] = parts[..] else {
        return None;
    };
    Some(QueueName {
        name: name.to_owned(),
        account: Some(account.to_owned()),
        region: Some(region.to_owned()),
    })
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`; the host of another endpoint names no region.
fn of_url(text: &str) -> Option<QueueName> {
    let (_, rest) = text.split_once("://")?;
    let mut segments = rest.split('/');
    let host = segments.next()?;
    let (name, account) = (segments.next_back()?, segments.next_back()?);
    let region = host
        .strip_prefix("sqs.")
        .and_then(|rest| rest.split_once(".amazonaws."))
        .map(|(region, _)| region.to_owned());
    Some(QueueName {
        name: name.to_owned(),
        account: Some(account.to_owned()),
        region,
    })
}

impl QueueName {
    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Refuses queues that the tool cannot work with here.
    fn check(&self, account: &str, region: &str) -> Result<(), CommandError> {
        let Self { name, .. } = self;
        if let Some(other) = self.region.as_deref().filter(|named| *named != region) {
            return Err(CommandError::usage(format!(
                "the queue {name} is in the region {other}, and this command acts in {region}"
            ))
            .hint(format!("Pass --region {other}.")));
        }
        if let Some(other) = self.account.as_deref().filter(|named| *named != account) {
            return Err(CommandError::usage(format!(
                "the queue {name} belongs to the account {other}, and this command acts in {account}"
            ))
            .hint("Use credentials of that account, for example with --profile."));
        }
        if name.ends_with(FIFO) {
            return Err(CommandError::usage(format!(
                "{name} is a FIFO queue; FIFO queues are not supported yet"
            )));
        }
        Ok(())
    }
}

/// How many messages a queue holds. On AWS the counts may lag by a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct QueueDepth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that has not ended.
    pub delayed: u64,
}

impl QueueDepth {
    /// All of them.
    pub(crate) fn total(self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }

    fn of(attributes: &HashMap<QueueAttributeName, String>) -> Self {
        let [visible, in_flight, delayed] = COUNTS.map(|name| {
            let count = attributes.get(&name);
            count.and_then(|text| text.parse().ok()).unwrap_or_default()
        });
        Self {
            visible,
            in_flight,
            delayed,
        }
    }
}

const COUNTS: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::ApproximateNumberOfMessagesDelayed,
];

/// When SQS moves a queue's messages on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    /// The name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// How often a message is received before it is moved.
    pub max_receives: u32,
}

/// A queue that exists.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    /// The name.
    pub name: String,
    /// The URL.
    pub url: String,
    /// The ARN.
    pub arn: String,
    /// When SQS moves its messages on; `None` where it keeps them.
    pub redrive: Option<RedrivePolicy>,
    /// How many messages it held when it was found.
    pub depth: QueueDepth,
}

impl Queue {
    /// Finds a queue.
    ///
    /// # Errors
    /// When it does not exist, or is a FIFO queue, or belongs to another account or region.
    pub(crate) async fn find(
        context: &Context<'_>,
        wanted: &QueueName,
    ) -> Result<Self, CommandError> {
        wanted.check(&context.target.account, &context.target.region)?;
        let sqs = &context.clients.sqs;
        let name = wanted.name.clone();
        let reply = sqs.get_queue_url().queue_name(&name).send().await;
        let url = match reply.of_call("sqs:GetQueueUrl") {
            Ok(found) => found.queue_url.unwrap_or_default(),
            Err(failure) if failure.class == Class::NotFound => {
                return Err(CommandError::not_found(format!(
                    "the queue {name} does not exist, in {}",
                    context.target
                )));
            }
            Err(failure) => return Err(failure.into()),
        };
        Ok(Self::at(context, name, url).await?)
    }

    /// The queue with this name and URL.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn at(
        context: &Context<'_>,
        name: String,
        url: String,
    ) -> Result<Self, AwsFailure> {
        let more = [
            QueueAttributeName::QueueArn,
            QueueAttributeName::RedrivePolicy,
        ];
        let names = COUNTS.into_iter().chain(more).collect();
        let mut attributes = attributes(&context.clients.sqs, &url, names).await?;
        let arn = attributes.remove(&QueueAttributeName::QueueArn);
        let policy = attributes.get(&QueueAttributeName::RedrivePolicy);
        Ok(Self {
            arn: arn.unwrap_or_else(|| context.names.queue_arn(&name)),
            redrive: policy.and_then(|policy| redrive_policy(policy)),
            depth: QueueDepth::of(&attributes),
            name,
            url,
        })
    }

    /// The names of the queues that have this one as their dead-letter queue.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn sources(&self, sqs: &Client) -> Result<Vec<String>, AwsFailure> {
        let request = sqs.list_dead_letter_source_queues().queue_url(&self.url);
        let mut pages = request.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.of_call("sqs:ListDeadLetterSourceQueues")?;
            let urls = page.queue_urls.into_iter();
            names.extend(urls.filter_map(|url| Some(url.rsplit('/').next()?.to_owned())));
        }
        Ok(names)
    }
}

/// How many messages a queue holds.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(crate) async fn depth(sqs: &Client, url: &str) -> Result<QueueDepth, AwsFailure> {
    let attributes = attributes(sqs, url, COUNTS.to_vec()).await?;
    Ok(QueueDepth::of(&attributes))
}

async fn attributes(
    sqs: &Client,
    url: &str,
    names: Vec<QueueAttributeName>,
) -> Result<HashMap<QueueAttributeName, String>, AwsFailure> {
    let request = sqs.get_queue_attributes().queue_url(url);
    let reply = request.set_attribute_names(Some(names)).send().await;
    let attributes = reply.of_call("sqs:GetQueueAttributes")?.attributes;
    Ok(attributes.unwrap_or_default())
}

/// Reads a redrive policy; `None` where it is none. Servers write the count as a number or as text.
pub(crate) fn redrive_policy(policy: &str) -> Option<RedrivePolicy> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let count = policy.get("maxReceiveCount")?;
    let number = count.as_u64().and_then(|count| u32::try_from(count).ok());
    let arn = policy.get("deadLetterTargetArn")?.as_str()?;
    Some(RedrivePolicy {
        dead_letter_queue: arn.rsplit(':').next()?.to_owned(),
        max_receives: number.or_else(|| count.as_str()?.parse().ok())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "123456789012";

    fn checked(text: &str) -> Result<String, String> {
        let named: QueueName = text.parse()?;
        let checked = named.check(ACCOUNT, "eu-west-1");
        checked.map_err(|error| error.message)?;
        Ok(named.name)
    }

    #[test]
    fn a_queue_has_a_name_a_url_or_an_arn() {
        for text in [
            "q",
            "arn:aws:sqs:eu-west-1:123456789012:q",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
            "http://localhost:4566/123456789012/q",
            "http://localhost:4566/queue/eu-west-1/123456789012/q",
        ] {
            assert_eq!(checked(text).as_deref(), Ok("q"), "{text}");
        }
    }

    #[test]
    fn other_places_and_fifo_queues_are_refused() {
        for (text, part) in [
            ("arn:aws:sqs:us-east-1:123456789012:q", "region us-east-1"),
            (
                "https://sqs.us-east-1.amazonaws.com/123456789012/q",
                "region us-east-1",
            ),
            (
                "arn:aws:sqs:eu-west-1:210987654321:q",
                "account 210987654321",
            ),
            (
                "http://localhost:4566/210987654321/q",
                "account 210987654321",
            ),
            ("q.fifo", "not supported yet"),
            ("arn:aws:sns:eu-west-1:123456789012:q", "name, URL or ARN"),
            ("https://example.com", "name, URL or ARN"),
            ("a queue", "name, URL or ARN"),
            ("", "name, URL or ARN"),
        ] {
            let refused = checked(text).expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }

    #[test]
    fn policies_have_numbers_or_texts() {
        for count in ["3", "\"3\""] {
            let policy = format!(
                r#"{{"deadLetterTargetArn":"arn:aws:sqs:r:a:dead","maxReceiveCount":{count}}}"#
            );
            let read = redrive_policy(&policy).expect("a policy");
            assert_eq!(
                (read.dead_letter_queue.as_str(), read.max_receives),
                ("dead", 3)
            );
        }
        assert_eq!(redrive_policy(""), None);
    }
}
