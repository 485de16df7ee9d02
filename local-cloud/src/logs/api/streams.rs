//! Operations on streams.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::permissions::{on_identified, on_stream};
use super::service::LogsService;
use super::wire::{compact, group_name, invalid, invalid_token, limit, read_token};
use crate::error::AwsError;
use crate::logs::engine::Stream;
use crate::protocol::http::Caller;
use crate::protocol::page_token;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation<LogsService> for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        Ok(vec![on_stream(service, Self::NAME, group, stream)?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        let create = service
            .logs
            .change(|store, now| store.create_stream(group, stream, now));
        create.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation<LogsService> for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        Ok(vec![on_stream(service, Self::NAME, group, stream)?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        let delete = service
            .logs
            .change(|store, _| store.delete_stream(group, stream));
        delete.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_name_prefix: String,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// What streams are ordered by: the time of their last event, or nothing, then their name.
type Key = (u64, String);

impl Operation<LogsService> for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        on_identified(service, Self::NAME, self.group(), "")
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        let limit = limit(self.limit, 50, 50)?;
        let by_time = self.orders_by_time()?;
        let after = self.next_token.as_deref().map(read_key).transpose()?;
        service.logs.read(|store, _| {
            let (name, identifier) = self.group();
            let group = group_name(store, name, identifier)?;
            let streams = self.select(&store.group(group)?.streams, by_time, after.as_ref());
            let page = streams.get(..limit).unwrap_or(&streams);
            let arn = store.arn(group);
            let texts: Vec<Value> = page
                .iter()
                .map(|((_, name), stream)| describe(&arn, name, stream))
                .collect();
            let has_more = streams.len() > limit;
            let next = page
                .last()
                .filter(|_| has_more)
                .map(|((time, name), _)| page_token::write(&format!("{time}/{name}")));
            Ok(compact(json!({ "logStreams": texts, "nextToken": next })))
        })
    }
}

impl DescribeLogStreams {
    fn group(&self) -> (Option<&str>, Option<&str>) {
        let (name, identifier) = (&self.log_group_name, &self.log_group_identifier);
        (name.as_deref(), identifier.as_deref())
    }

    /// Whether streams are ordered by the time of their last event rather than by name.
    fn orders_by_time(&self) -> Result<bool, AwsError> {
        match self.order_by.as_deref() {
            None | Some("LogStreamName") => Ok(false),
            Some("LastEventTime") if self.log_stream_name_prefix.is_empty() => Ok(true),
            Some("LastEventTime") => Err(invalid(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            )),
            Some(_) => Err(invalid("orderBy is LogStreamName or LastEventTime")),
        }
    }

    /// The streams that are listed after this key, in order.
    fn select<'a>(
        &self,
        streams: &'a BTreeMap<String, Stream>,
        by_time: bool,
        after: Option<&Key>,
    ) -> Vec<(Key, &'a Stream)> {
        let key = |name: &str, stream: &Stream| {
            let last = stream.span().filter(|_| by_time).map(|(_, last)| last.0);
            (last.unwrap_or(0), name.to_owned())
        };
        let is_later = |key: &Key| match after {
            Some(after) if self.descending => key < after,
            Some(after) => key > after,
            None => true,
        };
        let mut selected: Vec<_> = streams
            .iter()
            .filter(|(name, _)| name.starts_with(&self.log_stream_name_prefix))
            .map(|(name, stream)| (key(name, stream), stream))
            .filter(|(key, _)| is_later(key))
            .collect();
        selected.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if self.descending {
            selected.reverse();
        }
        selected
    }
}

fn describe(group_arn: &str, name: &str, stream: &Stream) -> Value {
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

fn read_key(token: &str) -> Result<Key, AwsError> {
    let text = read_token(token)?;
    text.split_once('/')
        .and_then(|(time, name)| Some((time.parse().ok()?, name.to_owned())))
        .ok_or_else(invalid_token)
}
