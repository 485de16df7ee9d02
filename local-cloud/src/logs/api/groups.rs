//! Operations on groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::permissions::{on_all_groups, on_stream, with_tags};
use super::service::LogsService;
use super::wire::{compact, invalid, limit, read_token};
use crate::error::AwsError;
use crate::logs::engine::{Group, LogStore};
use crate::protocol::http::Caller;
use crate::protocol::page_token;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateLogGroup {
    log_group_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    kms_key_id: Option<String>,
    log_group_class: Option<String>,
}

impl Operation<LogsService> for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let on_group = |operation| {
            let permission = on_stream(service, operation, &self.log_group_name, "")?;
            Ok::<_, AwsError>(with_tags(permission, &self.tags))
        };
        let mut required = vec![on_group(Self::NAME)?];
        if !self.tags.is_empty() {
            required.push(on_group("TagResource")?);
        }
        Ok(required)
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let class = self.log_group_class.as_deref();
        if self.kms_key_id.is_some() || class.is_some_and(|class| class != "STANDARD") {
            return Err(invalid(
                "This local cloud supports only log groups of class STANDARD without a KMS key.",
            ));
        }
        let create = service
            .logs
            .change(|store, now| store.create_group(&self.log_group_name, &self.tags, now));
        create.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteLogGroup {
    log_group_name: String,
}

impl Operation<LogsService> for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        Ok(vec![on_stream(
            service,
            Self::NAME,
            &self.log_group_name,
            "",
        )?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let delete = service
            .logs
            .change(|store, _| store.delete_group(&self.log_group_name));
        delete.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeLogGroups {
    #[serde(default)]
    log_group_name_prefix: String,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

impl Operation<LogsService> for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        on_all_groups(service, Self::NAME)
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        let limit = limit(self.limit, 50, 50)?;
        let pattern = self
            .log_group_name_pattern
            .unwrap_or_default()
            .to_lowercase();
        if !pattern.is_empty() && !self.log_group_name_prefix.is_empty() {
            return Err(invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let after = self.next_token.as_deref().map(read_token).transpose()?;
        service.logs.read(|store, _| {
            let selected = store.groups().filter(|group| {
                group.name.starts_with(&self.log_group_name_prefix)
                    && group.name.to_lowercase().contains(&pattern)
                    && after.as_ref().is_none_or(|after| group.name > *after)
            });
            let groups: Vec<&Group> = selected.take(limit + 1).collect();
            let page = groups.get(..limit).unwrap_or(&groups);
            let texts: Vec<Value> = page.iter().map(|group| describe(store, group)).collect();
            let has_more = groups.len() > limit;
            let next = page
                .last()
                .filter(|_| has_more)
                .map(|last| page_token::write(&last.name));
            Ok(compact(json!({ "logGroups": texts, "nextToken": next })))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutRetentionPolicy {
    log_group_name: String,
    retention_in_days: i64,
}

impl Operation<LogsService> for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        Ok(vec![on_stream(
            service,
            Self::NAME,
            &self.log_group_name,
            "",
        )?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        // No number of days is refused like one that is no number of days.
        let days = Some(u32::try_from(self.retention_in_days).unwrap_or(0));
        let set = service
            .logs
            .change(|store, now| store.set_retention(&self.log_group_name, days, now));
        set.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteRetentionPolicy {
    log_group_name: String,
}

impl Operation<LogsService> for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        Ok(vec![on_stream(
            service,
            Self::NAME,
            &self.log_group_name,
            "",
        )?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let set = service
            .logs
            .change(|store, now| store.set_retention(&self.log_group_name, None, now));
        set.await
    }
}

fn describe(store: &LogStore, group: &Group) -> Value {
    let arn = store.arn(&group.name);
    compact(json!({
        "logGroupName": group.name,
        "creationTime": group.created,
        "retentionInDays": group.retention_days,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.bytes,
        "logGroupClass": "STANDARD",
    }))
}
