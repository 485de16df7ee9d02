//! Operations on events.

use serde::Deserialize;
use serde_json::{Value, json};

use super::groups::{compact, group_name};
use super::{LogsService, invalid, limit};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::logs::engine::pattern::Pattern;
use crate::logs::engine::{Direction, Event, Filter, Position, Window};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutInput {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<EventInput>,
}

#[derive(Debug, Deserialize)]
struct EventInput {
    timestamp: WallMs,
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<WallMs>,
    end_time: Option<WallMs>,
    next_token: Option<String>,
    limit: Option<u32>,
    #[serde(default)]
    start_from_head: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilterInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    #[serde(default)]
    log_stream_name_prefix: String,
    start_time: Option<WallMs>,
    end_time: Option<WallMs>,
    #[serde(default)]
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<u32>,
}

impl LogsService {
    pub(super) async fn put_events(&self, input: PutInput) -> Result<Value, AwsError> {
        let events = input
            .log_events
            .into_iter()
            .map(|event| (event.timestamp, event.message));
        let events = events.collect();
        let put = self.logs.change(|store, now| {
            store.put_events(&input.log_group_name, &input.log_stream_name, events, now)
        });
        let rejected = put.await?;
        let info = compact(json!({
            "tooNewLogEventStartIndex": rejected.too_new_start,
            "tooOldLogEventEndIndex": rejected.too_old_end,
            "expiredLogEventEndIndex": rejected.expired_end,
        }));
        let any = rejected != Default::default();
        Ok(compact(json!({
            "nextSequenceToken": "0",
            "rejectedLogEventsInfo": any.then_some(info),
        })))
    }

    pub(super) fn get_events(&self, input: GetInput) -> Result<Value, AwsError> {
        let most = limit(input.limit, 10_000, 10_000)?;
        let from = input.start_time.unwrap_or_default();
        let window = Window {
            from,
            until: input.end_time.unwrap_or(WallMs(u64::MAX)),
        };
        let direction = match input.next_token.as_deref() {
            Some(token) => direction(token)?,
            None if input.start_from_head => Direction::Forward(Position::at(from)),
            None => Direction::Backward(Position::at(window.until)),
        };
        self.logs.read(|store, now| {
            let group = group_name(
                store,
                input.log_group_name.as_deref(),
                input.log_group_identifier.as_deref(),
            )?;
            let page =
                store.get_events(group, &input.log_stream_name, window, direction, most, now)?;
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

    pub(super) fn filter_events(&self, input: FilterInput) -> Result<Value, AwsError> {
        let pattern = Pattern::parse(&input.filter_pattern)?;
        if input.log_stream_names.is_some() && !input.log_stream_name_prefix.is_empty() {
            return Err(invalid(
                "logStreamNames and logStreamNamePrefix exclude each other.",
            ));
        }
        let from = input.start_time.unwrap_or_default();
        let last = input
            .end_time
            .map_or(u64::MAX, |end| end.0.saturating_add(1));
        let filter = Filter {
            streams: input.log_stream_names.as_deref(),
            stream_prefix: &input.log_stream_name_prefix,
            pattern: &pattern,
            window: Window {
                from,
                until: WallMs(last),
            },
            from: match input.next_token.as_deref() {
                Some(token) => position(token)?,
                None => Position::at(from),
            },
            limit: limit(input.limit, 10_000, 10_000)?,
        };
        self.logs.read(|store, now| {
            let group = group_name(
                store,
                input.log_group_name.as_deref(),
                input.log_group_identifier.as_deref(),
            )?;
            let (events, next) = store.filter_events(group, &filter, now)?;
            let events: Vec<Value> = events.iter().map(|(at, event)| found(*at, event)).collect();
            let next = next.map(token);
            Ok(compact(json!({
                "events": events,
                "searchedLogStreams": [],
                "nextToken": next,
            })))
        })
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
    parse().ok_or_else(|| invalid("The specified nextToken is invalid."))
}

pub(super) fn direction(token: &str) -> Result<Direction, AwsError> {
    match (token.strip_prefix("f/"), token.strip_prefix("b/")) {
        (Some(token), _) => Ok(Direction::Forward(position(token)?)),
        (_, Some(token)) => Ok(Direction::Backward(position(token)?)),
        _ => Err(invalid("The specified nextToken is invalid.")),
    }
}
