//! The attempts at an order that failed, from the processor's log: when, in which invocation, and why.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use order::wire::OrderFailure;

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::Context;
use crate::naming::Names;

/// How long before a line its invocation may have begun, in milliseconds: more than the longest timeout
/// that the processor is given.
const LONGEST_INVOCATION_MS: i64 = 60_000;
/// The most attempts of which the invocations are looked up.
const MOST_ATTEMPTS: usize = 10;
/// How a function's log begins an invocation.
const START: &str = "START RequestId: ";

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Which attempt it was, from 1; `None` where the log does not say.
    pub number: Option<u64>,
    /// When the processor logged it, in milliseconds since the Unix epoch.
    pub at: u64,
    /// The id of the invocation; `None` where it is not in the log any more.
    pub request_id: Option<String>,
    /// Why it failed, for example `price_err`, or DynamoDB's error code.
    pub reason: String,
    /// The same as a sentence.
    pub detail: String,
}

/// The failed attempts at a message that was sent at this time, in milliseconds since the Unix epoch.
/// None where the log has no line about it: then the function crashed or ran out of time.
///
/// # Errors
/// When the log cannot be read.
pub(crate) async fn attempts(
    context: &Context<'_>,
    message_id: &str,
    sent_at: u64,
) -> Result<Vec<Attempt>, AwsFailure> {
    let since = i64::try_from(sent_at).unwrap_or(i64::MAX);
    let pattern = format!("\"{message_id}\"");
    let lines = events(context, &pattern, None, (since, None)).await?;
    let mut attempts = Vec::new();
    for line in lines.iter().take(MOST_ATTEMPTS) {
        let text = line.message().unwrap_or_default();
        let Ok(failure) = serde_json::from_str::<OrderFailure>(text) else {
            continue;
        };
        let at = line.timestamp().unwrap_or_default();
        attempts.push(Attempt {
            number: failure.attempt,
            at: u64::try_from(at).unwrap_or_default(),
            request_id: request_id(context, line, message_id).await?,
            reason: failure.reason,
            detail: failure.detail,
        });
    }
    Ok(attempts)
}

/// The id of the invocation that logged a line: that of the last one which began before it in its log
/// stream, since an environment runs one at a time.
async fn request_id(
    context: &Context<'_>,
    line: &FilteredLogEvent,
    message_id: &str,
) -> Result<Option<String>, AwsFailure> {
    let at = line.timestamp().unwrap_or_default();
    let pattern = format!("?\"START RequestId\" ?\"{message_id}\"");
    let window = (at.saturating_sub(LONGEST_INVOCATION_MS), Some(at + 1));
    let around = events(context, &pattern, line.log_stream_name(), window).await?;
    let before = around
        .iter()
        .take_while(|event| event.event_id() != line.event_id());
    let started = before.filter_map(|event| started(event.message()?));
    Ok(started.last().map(str::to_owned))
}

/// The id in a line such as `START RequestId: 1-2 Version: $LATEST`.
fn started(line: &str) -> Option<&str> {
    line.strip_prefix(START)?.split_whitespace().next()
}

/// The processor's lines that match, of one log stream or of all.
async fn events(
    context: &Context<'_>,
    pattern: &str,
    stream: Option<&str>,
    (since, until): (i64, Option<i64>),
) -> Result<Vec<FilteredLogEvent>, AwsFailure> {
    let group = Names::log_group(&context.names.processor());
    let request = context.clients.logs.filter_log_events();
    let request = request
        .log_group_name(group)
        .filter_pattern(pattern)
        .start_time(since)
        .set_end_time(until)
        .set_log_stream_names(stream.map(|stream| vec![stream.to_owned()]));
    let mut pages = request.into_paginator().send();
    let mut events = Vec::new();
    while let Some(page) = pages.next().await {
        match page.of_call("logs:FilterLogEvents") {
            Ok(page) => events.extend(page.events.unwrap_or_default()),
            Err(failure) if failure.class == Class::NotFound => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_begins_with_its_id() {
        assert_eq!(
            started("START RequestId: 1-2 Version: $LATEST\n"),
            Some("1-2")
        );
        assert_eq!(started("END RequestId: 1-2"), None);
    }
}
