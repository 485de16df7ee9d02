//! `logs`: what the functions printed, in words.

mod event;
mod meaning;

use std::time::Duration;

use clap::Args;
use order::{FIRST_NUMBER, LAST_NUMBER};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use self::event::{Function, LogEvent};
use crate::aws::AwsFailure;
use crate::backoff::Backoff;
use crate::context::Context;
use crate::error::CommandError;
use crate::globals::{parse_duration, parse_number};
use crate::lab::{LabReader, does_not_exist, log_lines};
use crate::poll::{Connection, NO_TIMEOUT, Next, Poller};
use crate::system;
use crate::ui::{Cell, Event, Report, Table, is_stdout_closed};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab logs                        of both functions, in order of time
  orders-lab logs processor --since 10m
  orders-lab logs --errors               only what went wrong
  orders-lab logs --follow               keep showing new ones; Ctrl-C ends it";

/// With `--follow`: the pause between two reads.
const PAUSE: Duration = Duration::from_secs(1);
/// With `--follow`: how far back each read goes, because lines may arrive late.
const LATENESS_MS: u64 = 10_000;

/// Flags of `logs`.
#[derive(Debug, Default, Args)]
pub struct LogsArgs {
    /// Whose logs [default: both functions']
    function: Option<Function>,
    /// Keep showing new lines until interrupted
    #[arg(long, short)]
    follow: bool,
    /// Only lines from the last TIME, for example 10m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    since: Option<Duration>,
    /// Only what went wrong: refused orders, errors and timeouts
    #[arg(long)]
    errors: bool,
    /// Only what concerns the order with this number
    #[arg(long, value_name = "N", value_parser = parse_number(FIRST_NUMBER..=LAST_NUMBER))]
    order: Option<u64>,
    /// The lines as CloudWatch has them, with the times in UTC
    #[arg(long)]
    raw: bool,
}

/// The functions' logs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogsReport {
    /// The lines, in order of time. Empty with `--follow`, which prints each line as an object of
    /// its own, on a line of its own, before the document.
    events: Vec<LogEvent>,
}

impl LogsArgs {
    /// Whether a line is asked for.
    fn selects(&self, event: &LogEvent) -> bool {
        (!self.errors || event.is_error()) && self.order.is_none_or(|order| event.is_about(order))
    }

    /// What to say where no line is shown.
    fn nothing(&self) -> &'static str {
        if self.order.is_some() {
            "Nothing is logged about this order: only orders that are not stored are."
        } else if self.errors {
            "Nothing went wrong, as far as the logs show."
        } else {
            "The functions have printed nothing."
        }
    }
}

pub(super) async fn logs(
    args: &LogsArgs,
    context: Context<'_>,
) -> Result<Report<LogsReport>, CommandError> {
    let since = args.since.map_or(0, |since| {
        system::now_ms().saturating_sub(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    });
    let events = read_existing(args, &context, since).await?;
    if args.follow {
        return follow(args, context, since, events).await;
    }
    Ok(report(args, events))
}

fn report(args: &LogsArgs, events: Vec<LogEvent>) -> Report<LogsReport> {
    if args.raw && !events.is_empty() {
        let lines: String = events.iter().map(LogEvent::raw).collect();
        return Report::new(LogsReport { events }).raw(lines);
    }
    let now = event::now();
    let lines: Vec<[Cell; 3]> = events
        .iter()
        .filter_map(|event| event.readable(&now))
        .collect();
    let report = Report::new(LogsReport { events });
    if lines.is_empty() {
        report.text(args.nothing())
    } else {
        report.table(Table::list(lines))
    }
}

/// The lines of a lab that must exist.
async fn read_existing(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Vec<LogEvent>, CommandError> {
    match read(args, context, since).await? {
        Some(events) => Ok(events),
        // `up` creates the log groups, but somebody may have removed them.
        None if LabReader::find(context).await?.is_none() => Err(does_not_exist(context)),
        None => Ok(Vec::new()),
    }
}

/// The connection over which lines are followed.
struct Following<'a>(Context<'a>);

impl Connection for Following<'_> {
    fn cancel(&self) -> &CancellationToken {
        self.0.cancel()
    }

    fn backoff(&self) -> Backoff {
        Backoff::tenth(PAUSE, PAUSE)
    }

    async fn reconnect(&self) -> Result<Self, CommandError> {
        Ok(Self(self.0.reconnect().await?))
    }
}

/// Shows lines as they arrive, from `first` on, until the user interrupts or closes stdout.
async fn follow(
    args: &LogsArgs,
    context: Context<'_>,
    mut since: u64,
    first: Vec<LogEvent>,
) -> Result<Report<LogsReport>, CommandError> {
    let mut first = Some(first);
    let mut shown: Vec<LogEvent> = Vec::new();
    Poller::new(Following(context))
        .until(NO_TIMEOUT, async |Following(context), tick| {
            let (events, is_begun) = match first.take() {
                Some(events) => (events, false),
                None => (read(args, context, since).await?.unwrap_or_default(), true),
            };
            for event in events {
                if !shown.contains(&event) {
                    show(args, context, &event);
                    shown.push(event);
                }
            }
            if !is_begun {
                let events = context.events();
                events.note("Waiting for what the functions print next; Ctrl-C ends it.");
            }
            let newest = shown.iter().map(|event| event.timestamp.0).max();
            let newest_ms = newest.map_or(0, system::ms);
            since = since.max(newest_ms.saturating_sub(LATENESS_MS));
            shown.retain(|event| system::ms(event.timestamp.0) >= since);
            Ok::<_, CommandError>(if is_stdout_closed() {
                Next::Done(())
            } else {
                Next::Again(tick.soon())
            })
        })
        .await?;
    Ok(Report::new(LogsReport { events: Vec::new() }))
}

fn show(args: &LogsArgs, context: &Context<'_>, event: &LogEvent) {
    let line = if context.env.globals.json {
        Some(Event::Raw(event.json()))
    } else if args.raw {
        Some(Event::Raw(event.raw()))
    } else {
        let line = event.readable(&event::now());
        line.map(|line| Event::Line(line.into()))
    };
    line.into_iter()
        .for_each(|line| context.events().send(line));
}

/// The lines asked for, in order of time, from `since` in milliseconds since the Unix epoch; `None`
/// where none of the functions' log groups exists.
async fn read(
    args: &LogsArgs,
    context: &Context<'_>,
    since: u64,
) -> Result<Option<Vec<LogEvent>>, AwsFailure> {
    let names = &context.names;
    let functions = [
        (Function::Simulator, names.simulator()),
        (Function::Processor, names.processor()),
    ];
    let pattern = args
        .order
        .map_or_else(String::new, |order| order.to_string());
    let mut all = None;
    for (function, name) in functions {
        if args.function.is_none_or(|asked| asked == function)
            && let Some(lines) = log_lines(context, &name, since, &pattern).await?
        {
            let events = lines.into_iter().map(|line| LogEvent::new(function, line));
            let selected = events.filter(|event| args.selects(event));
            all.get_or_insert_with(Vec::new).extend(selected);
        }
    }
    if let Some(events) = &mut all {
        events.sort_by_key(|event: &LogEvent| event.timestamp);
    }
    Ok(all)
}
