//! A line of a function's log, as a person and as a program reads it.

use clap::ValueEnum;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use schemars::JsonSchema;
use serde::Serialize;

use super::meaning::{Meaning, words};
use crate::lab::LogLine;
use crate::system;
use crate::ui::{Cell, Time, Tone};

/// One of the lab's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Function {
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

/// A line of a function's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct LogEvent {
    /// When the function printed it.
    pub(super) timestamp: Time,
    /// The function.
    function: Function,
    /// The text.
    message: String,
    /// Whether something went wrong.
    is_error: bool,
    /// The number of the order that was not stored; `null` where the line is not about one.
    order_number: Option<u64>,
    /// Which attempt at the order failed, from 1; `null` where the line does not say so.
    attempt: Option<u64>,
    /// Why the order was not stored, for example `price_err`, or DynamoDB's error code; `null` where
    /// the line is not about an order.
    reason: Option<String>,
    /// What was wrong with it, as a sentence; `null` where the line is not about an order.
    detail: Option<String>,
    #[serde(skip)]
    meaning: Meaning,
    /// What tells apart lines that are alike.
    #[serde(skip)]
    id: String,
}

impl LogEvent {
    pub(super) fn new(function: Function, line: LogLine) -> Self {
        let meaning = Meaning::of(&line.message);
        let failure = meaning.failure();
        Self {
            timestamp: Time(system::at(line.time)),
            function,
            is_error: meaning.is_error(),
            order_number: failure.and_then(|failure| failure.order_number),
            attempt: failure.and_then(|failure| failure.attempt),
            reason: failure.map(|failure| failure.reason.clone()),
            detail: failure.map(|failure| failure.detail.clone()),
            message: line.message,
            meaning,
            id: line.id,
        }
    }

    pub(super) fn is_error(&self) -> bool {
        self.is_error
    }

    pub(super) fn is_about(&self, order: u64) -> bool {
        self.order_number == Some(order)
    }

    /// The line as CloudWatch has it, with its time and function.
    pub(super) fn raw(&self) -> String {
        let (time, function) = (self.timestamp.0, self.function.name());
        format!("{time} {function} {}\n", self.message.trim_end())
    }

    /// The line as a JSON object, on a line.
    pub(super) fn json(&self) -> String {
        let text = serde_json::to_string(self).expect("a struct of strings can be written as JSON");
        text + "\n"
    }

    /// The line in words: time, function, and what it says; `None` where it says nothing about the
    /// lab. `now` says which time zone the reader is in, and which day it is there.
    pub(super) fn readable(&self, now: &ZonedDateTime) -> Option<[Cell; 3]> {
        let words = match &self.meaning {
            Meaning::Platform => return None,
            Meaning::Failure(failure) => Cell::new(words(failure), Tone::Bad),
            Meaning::Problem(problem) => Cell::new(problem.clone(), Tone::Bad),
            Meaning::Ended(words) => Cell::new(words.clone(), Tone::Dim),
            Meaning::Text => Cell::from(self.message.trim_end()),
        };
        let time = Cell::new(local_time(self.timestamp.0, now), Tone::Dim);
        Some([time, Cell::from(self.function.name()), words])
    }
}

/// The time and its zone, with the date where that is not today's: `18:26:42.123 CET`.
fn local_time(time: Timestamp, now: &ZonedDateTime) -> String {
    let local = time.to_zoned_datetime(now.time_zone().clone());
    let date = if local.date() == now.date() {
        ""
    } else {
        "%Y-%m-%d "
    };
    local
        .strftime(&format!("{date}%H:%M:%S%.3f %Z"))
        .to_string()
}

/// The time in the zone of the person who reads.
pub(super) fn now() -> ZonedDateTime {
    system::now().to_zoned_datetime(TimeZone::system())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_their_zone() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        let noon: Timestamp = "2026-11-27T11:00:00Z".parse().expect("a time");
        let now = noon.to_zoned_datetime(zone);
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(
            local_time(time("2026-11-27T08:59:59.123Z"), &now),
            "09:59:59.123 CET"
        );
        assert_eq!(
            local_time(time("2026-11-26T22:00:00Z"), &now),
            "2026-11-26 23:00:00.000 CET"
        );
    }
}
