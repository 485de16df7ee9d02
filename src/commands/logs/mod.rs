//! `logs`: what the functions printed.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::Context;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::lab::{LabReader, does_not_exist};
use crate::naming::Names;
use crate::system;
use crate::ui::{Event, Report, Time, is_stdout_closed};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab logs                        of both functions, in order of time
  orders-lab logs processor --since 10m
  orders-lab logs --follow               keep showing new ones; Ctrl-C ends it";

/// With `--follow`: the pause between two reads.
const PAUSE: Duration = Duration::from_secs(1);
/// With `--follow`: how far back each read goes, because lines may arrive late.
const LATENESS_MS: u64 = 10_000;

/// Flags of `logs`.
#[derive(Debug, Default, Args)]
pub struct LogsArgs {
    /// Whose logs (default: both functions)
    function: Option<Function>,
    /// Keep showing new lines until interrupted
    #[arg(long, short)]
    follow: bool,
    /// Only lines from the last TIME, for example 10m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    since: Option<Duration>,
}

/// One of the lab's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Function {
    Simulator,
    Processor,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Processor => "processor",
        }
    }
}

/// The functions' logs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogsReport {
    /// The lines, in order of time. Empty with `--follow`, which prints each line as an object of
    /// its own, on a line of its own, before the document.
    events: Vec<LogEvent>,
}

/// A line of a function's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
struct LogEvent {
    /// When the function printed it.
    timestamp: Time,
    /// The function.
    function: Function,
    /// The text.
    message: String,
    /// What tells apart lines that are alike.
    #[serde(skip)]
    id: String,
}

impl LogEvent {
    fn text(&self) -> String {
        let time = self.timestamp.0.strftime("%H:%M:%S%.3f");
        format!(
            "{time} {} {}",
            self.function.name(),
            self.message.trim_end()
        )
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("a struct of strings can be written as JSON")
    }
}

pub(super) async fn logs(
    args: &LogsArgs,
    context: Context<'_>,
) -> Result<Report<LogsReport>, CommandError> {
    let since = args.since.map_or(0, |since| {
        system::now_ms().saturating_sub(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    });
    let lines = lines(args, &context, since).await?;
    if args.follow {
        return follow(args, &context, since, lines).await;
    }
    let text: String = lines.iter().map(|line| line.text() + "\n").collect();
    let report = Report::new(LogsReport { events: lines });
    Ok(if text.is_empty() {
        report.text("The functions have printed nothing.")
    } else {
        report.raw(text)
    })
}

/// The lines of a lab that must exist.
async fn lines(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Vec<LogEvent>, CommandError> {
    match read(args, context, since).await? {
        Some(lines) => Ok(lines),
        // `up` creates the log groups, but somebody may have removed them.
        None if LabReader::find(context).await?.is_none() => Err(does_not_exist(context)),
        None => Ok(Vec::new()),
    }
}

/// Shows lines as they arrive, until the user interrupts or closes stdout.
async fn follow(
    args: &LogsArgs,
    context: &Context<'_>,
    mut since: u64,
    mut lines: Vec<LogEvent>,
) -> Result<Report<LogsReport>, CommandError> {
    let mut shown: Vec<LogEvent> = Vec::new();
    while !context.cancel().is_cancelled() && !is_stdout_closed() {
        for line in lines {
            if !shown.contains(&line) {
                let json = context.env.globals.json;
                let text = if json { line.json() } else { line.text() };
                context.events().send(Event::Data(text));
                shown.push(line);
            }
        }
        let newest = shown.iter().map(|line| line.timestamp.0).max();
        let newest_ms = newest.map_or(0, system::ms);
        since = since.max(newest_ms.saturating_sub(LATENESS_MS));
        shown.retain(|line| system::ms(line.timestamp.0) >= since);
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => break,
        }
        lines = read(args, context, since).await?.unwrap_or_default();
    }
    Ok(Report::new(LogsReport { events: Vec::new() }))
}

/// The lines of the functions asked for, in order of time, from `since` in milliseconds since the
/// Unix epoch; `None` where none of their log groups exists.
async fn read(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Option<Vec<LogEvent>>, AwsFailure> {
    let names = &context.names;
    let all = [
        (Function::Simulator, names.simulator()),
        (Function::Processor, names.processor()),
    ];
    let mut all_lines = None;
    for (function, name) in all {
        if args.function.is_none_or(|asked| asked == function)
            && let Some(lines) =
                read_group(context, function, &Names::log_group(&name), since).await?
        {
            all_lines.get_or_insert_with(Vec::new).extend(lines);
        }
    }
    if let Some(lines) = &mut all_lines {
        lines.sort_by_key(|line: &LogEvent| line.timestamp);
    }
    Ok(all_lines)
}

/// The lines of a log group; `None` where it does not exist.
async fn read_group(
    context: &Context<'_>,
    function: Function,
    group: &str,
    since: u64,
) -> Result<Option<Vec<LogEvent>>, AwsFailure> {
    let request = context
        .clients
        .logs
        .filter_log_events()
        .log_group_name(group);
    let mut pages = request
        .start_time(i64::try_from(since).unwrap_or(i64::MAX))
        .into_paginator()
        .send();
    let mut lines = Vec::new();
    while let Some(page) = pages.next().await {
        match page.of_call("logs:FilterLogEvents") {
            Ok(page) => lines.extend(page.events().iter().map(|event| line(function, event))),
            Err(problem) if problem.class == Class::NotFound => return Ok(None),
            Err(problem) => return Err(problem),
        }
    }
    Ok(Some(lines))
}

fn line(function: Function, event: &FilteredLogEvent) -> LogEvent {
    let ms = event.timestamp().and_then(|ms| u64::try_from(ms).ok());
    LogEvent {
        timestamp: Time(system::at(ms.unwrap_or_default())),
        function,
        id: event.event_id().unwrap_or_default().to_owned(),
        message: event.message().unwrap_or_default().to_owned(),
    }
}
