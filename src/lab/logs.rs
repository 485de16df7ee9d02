//! What the lab's functions printed, as CloudWatch has it.

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::Context;
use crate::naming::Names;

/// A line of a function's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// CloudWatch's id of the line.
    pub id: String,
    /// When the function printed it, in milliseconds since the Unix epoch.
    pub time: u64,
    /// The text.
    pub message: String,
}

/// The lines of a function from `since` on, in milliseconds since the Unix epoch, of which `pattern`
/// selects some; an empty one selects all. `None` where the function has no log group.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(crate) async fn log_lines(
    context: &Context<'_>,
    function: &str,
    since: u64,
    pattern: &str,
) -> Result<Option<Vec<LogLine>>, AwsFailure> {
    let logs = &context.clients.logs;
    let request = logs
        .filter_log_events()
        .log_group_name(Names::log_group(function))
        .start_time(i64::try_from(since).unwrap_or(i64::MAX))
        .set_filter_pattern(Some(pattern.to_owned()).filter(|pattern| !pattern.is_empty()));
    let mut pages = request.into_paginator().send();
    let mut lines = Vec::new();
    while let Some(page) = pages.next().await {
        let page = match page.of_call("logs:FilterLogEvents") {
            Ok(page) => page,
            Err(problem) if problem.class == Class::NotFound => return Ok(None),
            Err(problem) => return Err(problem),
        };
        lines.extend(page.events().iter().map(|event| {
            LogLine {
                id: event.event_id().unwrap_or_default().to_owned(),
                time: event
                    .timestamp()
                    .and_then(|ms| u64::try_from(ms).ok())
                    .unwrap_or_default(),
                message: event.message().unwrap_or_default().to_owned(),
            }
        }));
    }
    Ok(Some(lines))
}
