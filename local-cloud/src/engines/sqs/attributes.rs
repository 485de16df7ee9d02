//! A queue's attributes: names, ranges, defaults, and the text form that the API uses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{invalid_attribute, invalid_parameter, unknown_attribute};
use super::message::LARGEST;
use crate::error::AwsError;

/// What can be set on a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attributes {
    /// Seconds of lab time for which a received message is hidden: 0 to 43 200.
    pub(super) visibility_timeout: u32,
    /// Seconds of lab time for which a sent message is hidden: 0 to 900.
    pub(super) delay: u32,
    /// The largest message in bytes: 1 024 to 1 048 576.
    pub(super) largest: u32,
    /// Seconds of wall time for which messages are kept: 60 to 1 209 600.
    pub(super) retention: u32,
    /// Seconds of wall time for which a receive waits by default: 0 to 20.
    pub(super) wait: u32,
    /// Where messages go that were received too often.
    pub(super) redrive: Option<Redrive>,
    /// Which queues may use this one for that.
    pub(super) redrive_allow: Option<RedriveAllow>,
    /// An access policy; stored and returned.
    pub(super) policy: Option<String>,
    /// Whether messages are encrypted with SQS's own keys; stored and returned.
    pub(super) managed_sse: bool,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            visibility_timeout: 30,
            delay: 0,
            largest: 1_048_576,
            retention: 345_600,
            wait: 0,
            redrive: None,
            redrive_allow: None,
            policy: None,
            managed_sse: true,
        }
    }
}

/// A redrive policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Redrive {
    /// The dead-letter queue's ARN.
    pub(super) target: String,
    /// How many receives a message gets: 1 to 1 000.
    pub(super) max_receives: u32,
}

/// A redrive allow policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RedriveAllow {
    /// Every queue of the account may.
    All,
    /// None may.
    None,
    /// These may, by ARN.
    Queues(Vec<String>),
}

impl RedriveAllow {
    /// Whether the queue with this ARN may use the owner of this policy for its dead letters.
    pub(super) fn allows(&self, source: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Queues(arns) => arns.iter().any(|arn| arn == source),
        }
    }
}

impl Attributes {
    /// Sets one attribute from its text.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), AwsError> {
        let number = |least: u32, most: u32| {
            let parsed: Option<u32> = value.parse().ok();
            parsed
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| invalid_attribute(name))
        };
        let largest = u32::try_from(LARGEST).unwrap_or(u32::MAX);
        match name {
            "VisibilityTimeout" => self.visibility_timeout = number(0, 43_200)?,
            "DelaySeconds" => self.delay = number(0, 900)?,
            "MaximumMessageSize" => self.largest = number(1024, largest)?,
            "MessageRetentionPeriod" => self.retention = number(60, 1_209_600)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait = number(0, 20)?,
            "RedrivePolicy" => self.redrive = redrive(value)?,
            "RedriveAllowPolicy" => self.redrive_allow = redrive_allow(value)?,
            "Policy" => self.policy = Some(value.to_owned()).filter(|policy| !policy.is_empty()),
            "SqsManagedSseEnabled" => {
                self.managed_sse = value.parse().map_err(|_| invalid_attribute(name))?;
            }
            "FifoQueue"
            | "ContentBasedDeduplication"
            | "DeduplicationScope"
            | "FifoThroughputLimit" => {
                return Err(super::error::unsupported(
                    "FIFO queues are not there in this local cloud.",
                ));
            }
            _ => return Err(unknown_attribute(name)),
        }
        Ok(())
    }

    /// All attributes as text.
    pub(super) fn texts(&self) -> BTreeMap<&'static str, String> {
        let mut texts = BTreeMap::from([
            ("VisibilityTimeout", self.visibility_timeout.to_string()),
            ("DelaySeconds", self.delay.to_string()),
            ("MaximumMessageSize", self.largest.to_string()),
            ("MessageRetentionPeriod", self.retention.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait.to_string()),
            ("SqsManagedSseEnabled", self.managed_sse.to_string()),
        ]);
        if let Some(redrive) = &self.redrive {
            let value = serde_json::json!({
                "deadLetterTargetArn": redrive.target, "maxReceiveCount": redrive.max_receives,
            });
            texts.insert("RedrivePolicy", value.to_string());
        }
        if let Some(allow) = &self.redrive_allow {
            let value = match allow {
                RedriveAllow::All => serde_json::json!({ "redrivePermission": "allowAll" }),
                RedriveAllow::None => serde_json::json!({ "redrivePermission": "denyAll" }),
                RedriveAllow::Queues(arns) => {
                    serde_json::json!({ "redrivePermission": "byQueue", "sourceQueueArns": arns })
                }
            };
            texts.insert("RedriveAllowPolicy", value.to_string());
        }
        if let Some(policy) = &self.policy {
            texts.insert("Policy", policy.clone());
        }
        texts
    }
}

fn redrive(text: &str) -> Result<Option<Redrive>, AwsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = |reason: &str| {
        invalid_parameter(format!(
            "Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}"
        ))
    };
    let value: Value = serde_json::from_str(text)
        .map_err(|_| invalid("Redrive policy is not a valid JSON map."))?;
    let (Some(target), Some(most)) = (
        value.get("deadLetterTargetArn"),
        value.get("maxReceiveCount"),
    ) else {
        return Err(invalid(
            "Redrive policy does not contain mandatory attribute: maxReceiveCount or deadLetterTargetArn.",
        ));
    };
    let target = target.as_str().filter(|arn| arn.starts_with("arn:"));
    let target = target.ok_or_else(|| invalid("Invalid value for deadLetterTargetArn."))?;
    let most = most
        .as_u64()
        .or_else(|| most.as_str()?.parse().ok())
        .and_then(|most| u32::try_from(most).ok());
    let max_receives = most
        .filter(|most| (1..=1000).contains(most))
        .ok_or_else(|| invalid("Invalid value for maxReceiveCount, valid values are from 1 to 1000 both inclusive."))?;
    Ok(Some(Redrive {
        target: target.to_owned(),
        max_receives,
    }))
}

fn redrive_allow(text: &str) -> Result<Option<RedriveAllow>, AwsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = || invalid_attribute("RedriveAllowPolicy");
    let value: Value = serde_json::from_str(text).map_err(|_| invalid())?;
    let arns: Option<Vec<String>> = match value.get("sourceQueueArns") {
        None => None,
        Some(arns) => Some(serde_json::from_value(arns.clone()).map_err(|_| invalid())?),
    };
    match (value.get("redrivePermission").and_then(Value::as_str), arns) {
        (Some("allowAll"), None) => Ok(Some(RedriveAllow::All)),
        (Some("denyAll"), None) => Ok(Some(RedriveAllow::None)),
        (Some("byQueue"), Some(arns)) if (1..=10).contains(&arns.len()) => {
            Ok(Some(RedriveAllow::Queues(arns)))
        }
        _ => Err(invalid()),
    }
}
