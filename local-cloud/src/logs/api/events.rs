//! Operations on events.

use serde::Deserialize;
use serde_json::{Value, json};

use super::permissions::{on_identified, on_stream};
use super::service::LogsService;
use super::wire::{compact, group_name, invalid, invalid_token, limit, time};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::logs::engine::pattern::Pattern;
use crate::logs::engine::{Direction, Event, Filter, Position, Rejected, Window};
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<EventInput>,
}

#[derive(Debug, Deserialize)]
struct EventInput {
    timestamp: i64,
    message: String,
}

impl Operation<LogsService> for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        Ok(vec![on_stream(service, Self::NAME, group, stream)?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        let (group, stream) = (&self.log_group_name, &self.log_stream_name);
        let events = self
            .log_events
            .into_iter()
            .enumerate()
            .map(|(index, event)| {
                let member = format!("logEvents.{}.member.timestamp", index + 1);
                Ok((time(event.timestamp, &member)?, event.message))
            })
            .collect::<Result<_, AwsError>>()?;
        let put = service
            .logs
            .change(|store, now| store.put_events(group, stream, events, now));
        let rejected = put.await?;
        let info = compact(json!({
            "tooNewLogEventStartIndex": rejected.too_new_start,
            "tooOldLogEventEndIndex": rejected.too_old_end,
            "expiredLogEventEndIndex": rejected.expired_end,
        }));
        let has_rejected = rejected != Rejected::default();
        Ok(compact(json!({
            "nextSequenceToken": "0",
            "rejectedLogEventsInfo": has_rejected.then_some(info),
        })))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
}

impl Operation<LogsService> for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        on_identified(service, Self::NAME, self.group(), &self.log_stream_name)
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        let limit = limit(self.limit, 10_000, 10_000)?;
        let (from, until) = window(self.start_time, self.end_time)?;
        let window = Window { from, until };
        let direction = match self.next_token.as_deref() {
            Some(token) => direction(token)?,
            None if self.start_from_head => Direction::Forward(Position::at(from)),
            None => Direction::Backward(Position::at(window.until)),
        };
        service.logs.read(|store, now| {
            let (name, identifier) = self.group();
            let group = group_name(store, name, identifier)?;
            let stream = &self.log_stream_name;
            let page = store.get_events(group, stream, window, direction, limit, now)?;
            let events = page.events.iter().map(|(at, event)| {
                json!({
                    "timestamp": at.time,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                })
            });
            Ok(json!({
                "events": events.collect::<Vec<Value>>(),
                "nextForwardToken": format!("f/{}", token(page.end)),
                "nextBackwardToken": format!("b/{}", token(page.start)),
            }))
        })
    }
}

/// The times that a request asks for; all where it names none.
fn window(start: Option<i64>, end: Option<i64>) -> Result<(WallMs, WallMs), AwsError> {
    let start = start.map(|start| time(start, "startTime")).transpose()?;
    let end = end.map(|end| time(end, "endTime")).transpose()?;
    Ok((start.unwrap_or_default(), end.unwrap_or(WallMs(u64::MAX))))
}

impl GetLogEvents {
    fn group(&self) -> (Option<&str>, Option<&str>) {
        let (name, identifier) = (&self.log_group_name, &self.log_group_identifier);
        (name.as_deref(), identifier.as_deref())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    #[serde(default)]
    log_stream_name_prefix: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    #[serde(default)]
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<i64>,
}

impl Operation<LogsService> for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        on_identified(service, Self::NAME, self.group(), "")
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        let pattern = Pattern::parse(&self.filter_pattern)?;
        if self.log_stream_names.is_some() && !self.log_stream_name_prefix.is_empty() {
            return Err(invalid(
                "logStreamNames and logStreamNamePrefix exclude each other.",
            ));
        }
        let (from, until) = window(self.start_time, self.end_time)?;
        let filter = Filter {
            streams: self.log_stream_names.as_deref(),
            stream_prefix: &self.log_stream_name_prefix,
            pattern: &pattern,
            window: Window {
                from,
                until: WallMs(until.0.saturating_add(1)),
            },
            from: match self.next_token.as_deref() {
                Some(token) => position(token)?,
                None => Position::at(from),
            },
            limit: limit(self.limit, 10_000, 10_000)?,
        };
        service.logs.read(|store, now| {
            let (name, identifier) = self.group();
            let group = group_name(store, name, identifier)?;
            let (events, next) = store.filter_events(group, &filter, now)?;
            let events: Vec<Value> = events.iter().map(|(at, event)| found(*at, event)).collect();
            Ok(compact(json!({
                "events": events,
                "searchedLogStreams": [],
                "nextToken": next.map(token),
            })))
        })
    }
}

impl FilterLogEvents {
    fn group(&self) -> (Option<&str>, Option<&str>) {
        let (name, identifier) = (&self.log_group_name, &self.log_group_identifier);
        (name.as_deref(), identifier.as_deref())
    }
}

fn found(at: Position, event: &Event) -> Value {
    json!({
        "logStreamName": &*event.stream,
        "timestamp": at.time,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": format!("{:026}{:030}", at.time.0, at.sequence),
    })
}

fn token(at: Position) -> String {
    format!("{:016x}{:016x}", at.time.0, at.sequence)
}

pub(super) fn position(token: &str) -> Result<Position, AwsError> {
    let parse = || {
        let (time, sequence) = token.split_at_checked(16)?;
        Some(Position {
            time: WallMs(u64::from_str_radix(time, 16).ok()?),
            sequence: u64::from_str_radix(sequence, 16).ok()?,
        })
    };
    parse().ok_or_else(invalid_token)
}

pub(super) fn direction(token: &str) -> Result<Direction, AwsError> {
    match (token.strip_prefix("f/"), token.strip_prefix("b/")) {
        (Some(token), _) => Ok(Direction::Forward(position(token)?)),
        (_, Some(token)) => Ok(Direction::Backward(position(token)?)),
        _ => Err(invalid_token()),
    }
}
