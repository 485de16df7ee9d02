//! Operations on groups and streams.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{LogsService, invalid, limit};
use crate::error::AwsError;
use crate::logs::engine::{Group, LogStore, Stream};
use crate::protocol::page_token;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupInput {
    log_group_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    kms_key_id: Option<String>,
    log_group_class: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamInput {
    log_group_name: String,
    log_stream_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionInput {
    log_group_name: String,
    retention_in_days: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeGroupsInput {
    #[serde(default)]
    log_group_name_prefix: String,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeStreamsInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_name_prefix: String,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagsInput {
    resource_arn: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl LogsService {
    pub(super) async fn create_group(&self, input: GroupInput) -> Result<(), AwsError> {
        let class = input.log_group_class.as_deref();
        if input.kms_key_id.is_some() || class.is_some_and(|class| class != "STANDARD") {
            return Err(invalid(
                "This local cloud has log groups of class STANDARD without keys only.",
            ));
        }
        let create = self
            .logs
            .change(|store, now| store.create_group(&input.log_group_name, &input.tags, now));
        create.await
    }

    pub(super) async fn delete_group(&self, input: GroupInput) -> Result<(), AwsError> {
        let delete = self
            .logs
            .change(|store, _| store.delete_group(&input.log_group_name));
        delete.await
    }

    pub(super) fn describe_groups(&self, input: DescribeGroupsInput) -> Result<Value, AwsError> {
        let most = limit(input.limit, 50, 50)?;
        let pattern = input
            .log_group_name_pattern
            .unwrap_or_default()
            .to_lowercase();
        if !pattern.is_empty() && !input.log_group_name_prefix.is_empty() {
            return Err(invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let after = input.next_token.as_deref().map(decode).transpose()?;
        self.logs.read(|store, _| {
            let wanted = store.groups().filter(|group| {
                group.name.starts_with(&input.log_group_name_prefix)
                    && group.name.to_lowercase().contains(&pattern)
                    && after.as_ref().is_none_or(|after| group.name > *after)
            });
            let groups: Vec<&Group> = wanted.take(most + 1).collect();
            let page = groups.get(..most).unwrap_or(&groups);
            let texts: Vec<Value> = page
                .iter()
                .map(|group| describe_group(store, group))
                .collect();
            let more = groups.len() > most;
            let next = page
                .last()
                .filter(|_| more)
                .map(|last| page_token::write(&last.name));
            Ok(compact(json!({ "logGroups": texts, "nextToken": next })))
        })
    }

    pub(super) async fn create_stream(&self, input: StreamInput) -> Result<(), AwsError> {
        let StreamInput {
            log_group_name,
            log_stream_name,
        } = input;
        let create = self
            .logs
            .change(|store, now| store.create_stream(&log_group_name, &log_stream_name, now));
        create.await
    }

    pub(super) async fn delete_stream(&self, input: StreamInput) -> Result<(), AwsError> {
        let StreamInput {
            log_group_name,
            log_stream_name,
        } = input;
        let delete = self
            .logs
            .change(|store, _| store.delete_stream(&log_group_name, &log_stream_name));
        delete.await
    }

    pub(super) fn describe_streams(&self, input: DescribeStreamsInput) -> Result<Value, AwsError> {
        let most = limit(input.limit, 50, 50)?;
        let by_time = match input.order_by.as_deref() {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") if input.log_stream_name_prefix.is_empty() => true,
            Some("LastEventTime") => {
                return Err(invalid(
                    "Cannot order by LastEventTime with a logStreamNamePrefix.",
                ));
            }
            Some(_) => return Err(invalid("orderBy is LogStreamName or LastEventTime")),
        };
        let after = input.next_token.as_deref().map(decode_key).transpose()?;
        self.logs.read(|store, _| {
            let name = group_name(
                store,
                input.log_group_name.as_deref(),
                input.log_group_identifier.as_deref(),
            )?;
            let named = store.group(name)?.streams.iter();
            let key = |name: &str, stream: &Stream| {
                let time = stream
                    .span()
                    .filter(|_| by_time)
                    .map_or(0, |(_, last)| last.0);
                (time, name.to_owned())
            };
            let mut streams: Vec<_> = named
                .filter(|(name, _)| name.starts_with(&input.log_stream_name_prefix))
                .map(|(name, stream)| (key(name, stream), stream))
                .collect();
            streams.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            if input.descending {
                streams.reverse();
            }
            let is_later = |key: &(u64, String)| match &after {
                Some(after) if input.descending => key < after,
                Some(after) => key > after,
                None => true,
            };
            streams.retain(|(key, _)| is_later(key));
            let page = streams.get(..most).unwrap_or(&streams);
            let arn = store.arn(name);
            let texts: Vec<Value> = page
                .iter()
                .map(|((_, name), stream)| describe_stream(&arn, name, stream))
                .collect();
            let more = streams.len() > most;
            let next = page
                .last()
                .filter(|_| more)
                .map(|((time, name), _)| page_token::write(&format!("{time}/{name}")));
            Ok(compact(json!({ "logStreams": texts, "nextToken": next })))
        })
    }

    pub(super) async fn put_retention(&self, input: RetentionInput) -> Result<(), AwsError> {
        let days = Some(input.retention_in_days);
        let set = self
            .logs
            .change(|store, now| store.set_retention(&input.log_group_name, days, now));
        set.await
    }

    pub(super) async fn delete_retention(&self, input: GroupInput) -> Result<(), AwsError> {
        let set = self
            .logs
            .change(|store, now| store.set_retention(&input.log_group_name, None, now));
        set.await
    }

    pub(super) async fn tag(&self, input: TagsInput) -> Result<(), AwsError> {
        let tag = self.logs.change(|store, _| {
            let name = store.name_of(&input.resource_arn)?;
            store.tag(name, input.tags)
        });
        tag.await
    }

    pub(super) async fn untag(&self, input: TagsInput) -> Result<(), AwsError> {
        let untag = self.logs.change(|store, _| {
            let name = store.name_of(&input.resource_arn)?;
            store.untag(name, &input.tag_keys)
        });
        untag.await
    }

    pub(super) fn list_tags(&self, input: TagsInput) -> Result<Value, AwsError> {
        self.logs.read(|store, _| {
            let group = store.group(store.name_of(&input.resource_arn)?)?;
            Ok(json!({ "tags": group.tags }))
        })
    }

    pub(super) fn list_group_tags(&self, input: GroupInput) -> Result<Value, AwsError> {
        self.logs
            .read(|store, _| Ok(json!({ "tags": store.group(&input.log_group_name)?.tags })))
    }
}

/// The group that an input names, by its name or by an identifier: a name or an ARN.
pub(super) fn group_name<'a>(
    store: &LogStore,
    name: Option<&'a str>,
    identifier: Option<&'a str>,
) -> Result<&'a str, AwsError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(arn)) if arn.starts_with("arn:") => store.name_of(arn),
        (None, Some(name)) => Ok(name),
        _ => Err(invalid(
            "Exactly one of logGroupName and logGroupIdentifier is needed.",
        )),
    }
}

/// Leaves out the members of an object that are null, as AWS's replies do.
pub(super) fn compact(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

fn describe_group(store: &LogStore, group: &Group) -> Value {
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

fn describe_stream(group_arn: &str, name: &str, stream: &Stream) -> Value {
    let span = stream.span();
    compact(json!({
        "logStreamName": name,
        "creationTime": stream.created,
        "firstEventTimestamp": span.map(|(first, _)| first),
        "lastEventTimestamp": span.map(|(_, last)| last),
        "lastIngestionTime": stream.last_ingestion,
        "uploadSequenceToken": "0",
        "arn": format!("{group_arn}:log-stream:{name}"),
        "storedBytes": 0,
    }))
}

fn decode(token: &str) -> Result<String, AwsError> {
    page_token::read(token).ok_or_else(|| invalid("The specified nextToken is invalid."))
}

fn decode_key(token: &str) -> Result<(u64, String), AwsError> {
    let text = decode(token)?;
    text.split_once('/')
        .and_then(|(time, name)| Some((time.parse().ok()?, name.to_owned())))
        .ok_or_else(|| invalid("The specified nextToken is invalid."))
}
