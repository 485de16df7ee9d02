//! `logs`: what the functions printed.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::Start;
use crate::lab::{LabReader, does_not_exist};
use crate::naming::Names;
use crate::system;
use crate::ui::{Event, Report, nobody_reads};

/// The pause between two looks with `--follow`.
const PAUSE: Duration = Duration::from_secs(1);
/// How far back `--follow` looks each time, because lines may arrive late.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Function {
    Simulator,
    Processor,
}

/// A line of a function's log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    timestamp: u64,
    function: &'static str,
    id: String,
    message: String,
}

impl Line {
    fn json(&self) -> Value {
        json!({ "timestamp": self.timestamp, "function": self.function, "message": self.message })
    }

    fn text(&self) -> String {
        let time = system::at(self.timestamp).strftime("%H:%M:%S%.3f");
        format!("{time} {} {}", self.function, self.message.trim_end())
    }
}

pub(super) async fn logs(args: &LogsArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let since = args.since.map_or(0, |since| {
        system::now_ms().saturating_sub(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    });
    let lines = lines(args, &context, since).await?;
    if args.follow {
        return follow(args, &context, since, lines).await;
    }
    let events: Vec<Value> = lines.iter().map(Line::json).collect();
    let report = Report::good().with("events", events);
    if lines.is_empty() {
        return Ok(report.text("The functions have printed nothing."));
    }
    Ok(lines
        .iter()
        .fold(report, |report, line| report.raw(line.text() + "\n")))
}

/// The lines of a lab that is there.
async fn lines(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Vec<Line>, CommandError> {
    match read(args, context, since).await? {
        Some(lines) => Ok(lines),
        // A lab has its log groups from the beginning, but somebody may have removed them.
        None if LabReader::find(context).await?.is_none() => Err(does_not_exist(context)),
        None => Ok(Vec::new()),
    }
}

/// Shows lines as they come, until the user interrupts or nobody reads them any more.
async fn follow(
    args: &LogsArgs,
    context: &Context<'_>,
    mut since: u64,
    mut lines: Vec<Line>,
) -> Result<Report, CommandError> {
    let mut shown: Vec<Line> = Vec::new();
    while !context.cancel().is_cancelled() && !nobody_reads() {
        for line in lines {
            if !shown.contains(&line) {
                let json = context.env.globals.json;
                let text = if json {
                    line.json().to_string()
                } else {
                    line.text()
                };
                context.events().send(Event::Data(text));
                shown.push(line);
            }
        }
        since = since.max(
            shown
                .iter()
                .map(|line| line.timestamp)
                .max()
                .unwrap_or(0)
                .saturating_sub(LATENESS_MS),
        );
        shown.retain(|line| line.timestamp >= since);
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => break,
        }
        lines = read(args, context, since).await?.unwrap_or_default();
    }
    Ok(Report::good())
}

/// The lines of the functions asked for, in the order of their times; `None` where none of their
/// log groups is there.
async fn read(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Option<Vec<Line>>, AwsFailure> {
    let names = &context.names;
    let all = [
        ("simulator", Function::Simulator, names.simulator()),
        ("processor", Function::Processor, names.processor()),
    ];
    let mut all_lines = None;
    for (short, function, name) in all {
        if args.function.is_none_or(|asked| asked == function)
            && let Some(lines) = read_group(context, short, &Names::log_group(&name), since).await?
        {
            all_lines.get_or_insert_with(Vec::new).extend(lines);
        }
    }
    if let Some(lines) = &mut all_lines {
        lines.sort_by_key(|line: &Line| line.timestamp);
    }
    Ok(all_lines)
}

/// The lines of a log group; `None` where it is not there.
async fn read_group(
    context: &Context<'_>,
    function: &'static str,
    group: &str,
    since: u64,
) -> Result<Option<Vec<Line>>, AwsFailure> {
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

fn line(function: &'static str, event: &FilteredLogEvent) -> Line {
    Line {
        timestamp: event
            .timestamp()
            .and_then(|ms| u64::try_from(ms).ok())
            .unwrap_or_default(),
        function,
        id: event.event_id().unwrap_or_default().to_owned(),
        message: event.message().unwrap_or_default().to_owned(),
    }
}
