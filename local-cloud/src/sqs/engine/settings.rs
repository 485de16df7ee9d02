//! A queue's settable attributes: names, ranges, defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error;
use crate::error::AwsError;

/// Attributes or tags by name, as clients write them.
pub type Attributes = BTreeMap<String, String>;

/// The settings of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds for which a received message stays invisible.
    pub visibility_timeout: u32,
    /// Seconds after which a sent message becomes visible.
    pub delay: u32,
    /// The limit on a message's bytes.
    pub max_bytes: u32,
    /// Seconds for which messages are kept.
    pub retention: u32,
    /// Seconds for which a receive waits.
    pub wait: u32,
    /// The dead-letter queue, and when messages go there.
    pub redrive: Option<RedrivePolicy>,
    /// Which queues may name this one as their dead-letter queue.
    pub allow: Option<RedriveAllow>,
    /// Only returned; nothing is encrypted here.
    pub managed_sse: bool,
}

/// `RedrivePolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedrivePolicy {
    /// The dead-letter queue's ARN.
    pub target: String,
    /// How often a message is received before it moves there.
    pub max_receives: u32,
}

/// `RedriveAllowPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedriveAllow {
    /// Every queue.
    All,
    /// None.
    None,
    /// Those with these ARNs.
    Queues(Vec<String>),
}

/// The attributes that can be set, in the order in which they are reported.
pub(super) const SETTABLE: [&str; 8] = [
    "VisibilityTimeout",
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility_timeout: 30,
            delay: 0,
            max_bytes: 1 << 20,
            retention: 345_600,
            wait: 0,
            redrive: None,
            allow: None,
            managed_sse: true,
        }
    }
}

impl Settings {
    /// Sets the named attributes.
    ///
    /// # Errors
    /// `InvalidAttributeName`, `InvalidAttributeValue`, and `UnsupportedOperation` for attributes that
    /// this cloud does not have.
    pub(super) fn set(&mut self, attributes: &Attributes) -> Result<(), AwsError> {
        for (name, value) in attributes {
            let number = |from, to| number(name, value, from, to);
            match name.as_str() {
                "VisibilityTimeout" => self.visibility_timeout = number(0, 43_200)?,
                "DelaySeconds" => self.delay = number(0, 900)?,
                "MaximumMessageSize" => self.max_bytes = number(1024, 1 << 20)?,
                "MessageRetentionPeriod" => self.retention = number(60, 1_209_600)?,
                "ReceiveMessageWaitTimeSeconds" => self.wait = number(0, 20)?,
                "RedrivePolicy" => self.redrive = redrive(value)?,
                "RedriveAllowPolicy" => self.allow = allow(value)?,
                "SqsManagedSseEnabled" => self.managed_sse = boolean(name, value)?,
                "FifoQueue"
                | "ContentBasedDeduplication"
                | "DeduplicationScope"
                | "FifoThroughputLimit" => return Err(no_fifo()),
                "Policy" | "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" => {
                    return Err(error::unsupported(format!(
                        "The attribute {name} does not exist in this local cloud."
                    )));
                }
                other => return Err(error::unknown_attribute(other)),
            }
        }
        Ok(())
    }

    /// An attribute as clients see it; `None` where it is not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match name {
            "VisibilityTimeout" => Some(self.visibility_timeout.to_string()),
            "DelaySeconds" => Some(self.delay.to_string()),
            "MaximumMessageSize" => Some(self.max_bytes.to_string()),
            "MessageRetentionPeriod" => Some(self.retention.to_string()),
            "ReceiveMessageWaitTimeSeconds" => Some(self.wait.to_string()),
            "SqsManagedSseEnabled" => Some(self.managed_sse.to_string()),
            "RedrivePolicy" => self.redrive.as_ref().map(|policy| {
                json!({
                    "deadLetterTargetArn": policy.target,
                    "maxReceiveCount": policy.max_receives,
                })
                .to_string()
            }),
            "RedriveAllowPolicy" => self.allow.as_ref().map(|allow| {
                let value = match allow {
                    RedriveAllow::All => json!({"redrivePermission": "allowAll"}),
                    RedriveAllow::None => json!({"redrivePermission": "denyAll"}),
                    RedriveAllow::Queues(arns) => {
                        json!({"redrivePermission": "byQueue", "sourceQueueArns": arns})
                    }
                };
                value.to_string()
            }),
            _ => None,
        }
    }

    /// Whether the queue with this ARN may use this one as its dead-letter queue.
    pub(super) fn allows(&self, source_arn: &str) -> bool {
        match &self.allow {
            None | Some(RedriveAllow::All) => true,
            Some(RedriveAllow::None) => false,
            Some(RedriveAllow::Queues(arns)) => arns.iter().any(|arn| arn == source_arn),
        }
    }
}

/// The error for FIFO queues.
pub(super) fn no_fifo() -> AwsError {
    error::unsupported("FIFO queues are not there in this local cloud: it has standard queues.")
}

fn number(name: &str, value: &str, from: u32, to: u32) -> Result<u32, AwsError> {
    let number = value.parse().ok();
    number
        .filter(|number| (from..=to).contains(number))
        .ok_or_else(|| error::attribute_value(name))
}

fn boolean(name: &str, value: &str) -> Result<bool, AwsError> {
    let lower = value.to_ascii_lowercase();
    lower.parse().map_err(|_| error::attribute_value(name))
}

fn redrive(value: &str) -> Result<Option<RedrivePolicy>, AwsError> {
    if value.is_empty() {
        return Ok(None);
    }
    let wrong = |reason| error::invalid_value(value, "RedrivePolicy", reason);
    let policy: Value = serde_json::from_str(value)
        .map_err(|_| wrong("Redrive policy is not a valid JSON map."))?;
    let target = policy["deadLetterTargetArn"].as_str().ok_or_else(|| {
        wrong("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
    })?;
    let count = match &policy["maxReceiveCount"] {
        Value::Null => {
            let reason = "Redrive policy does not contain mandatory attribute: maxReceiveCount.";
            return Err(wrong(reason));
        }
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let max_receives = count
        .and_then(|count: u64| u32::try_from(count).ok())
        .filter(|count| (1..=1000).contains(count))
        .ok_or_else(|| wrong("Invalid value for maxReceiveCount: must be between 1 and 1000."))?;
    Ok(Some(RedrivePolicy {
        target: target.to_owned(),
        max_receives,
    }))
}

fn allow(value: &str) -> Result<Option<RedriveAllow>, AwsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Policy {
        redrive_permission: String,
        source_queue_arns: Option<Vec<String>>,
    }
    if value.is_empty() {
        return Ok(None);
    }
    let wrong = || error::attribute_value("RedriveAllowPolicy");
    let policy: Policy = serde_json::from_str(value).map_err(|_| wrong())?;
    match (policy.redrive_permission.as_str(), policy.source_queue_arns) {
        ("allowAll", None) => Ok(Some(RedriveAllow::All)),
        ("denyAll", None) => Ok(Some(RedriveAllow::None)),
        ("byQueue", Some(arns)) if (1..=10).contains(&arns.len()) => {
            Ok(Some(RedriveAllow::Queues(arns)))
        }
        _ => Err(wrong()),
    }
}
