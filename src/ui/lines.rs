//! Progress as plain lines, for logs, pipes and dumb terminals.

use std::time::{Duration, Instant};

use super::human::{complain, print};
use super::table::printable;
use super::wrap::wrap;
use super::{Count, Event, Style, TaskState, View};

/// The shortest time between two lines of counts.
const COUNTS_EVERY: Duration = Duration::from_secs(1);

/// Writes a line per event.
pub(super) struct Lines {
    style: Style,
    only_warnings: bool,
    last_counts: Vec<Count>,
    unsaid: bool,
    said_at: Option<Instant>,
}

impl Lines {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            only_warnings: false,
            last_counts: Vec::new(),
            unsaid: false,
            said_at: None,
        }
    }

    /// Shows warnings, whose account is acted on, and nothing else.
    pub(super) fn only_warnings(style: Style) -> Self {
        Self {
            only_warnings: true,
            ..Self::new(style)
        }
    }

    fn say(&self, text: &str) {
        let text = wrap(&printable(text), 0, self.style.stderr_wrap);
        complain(&format!("{text}\n"));
    }

    fn counts(&mut self, counts: Vec<Count>) {
        if counts == self.last_counts {
            return;
        }
        self.last_counts = counts;
        self.unsaid = true;
        if self.said_at.is_none_or(|at| at.elapsed() >= COUNTS_EVERY) {
            self.say_counts();
        }
    }

    fn say_counts(&mut self) {
        if self.unsaid {
            let parts: Vec<String> = self
                .last_counts
                .iter()
                .map(|count| format!("{} {}/{}", count.label, count.done, count.of))
                .collect();
            complain(&format!("{}\n", parts.join(", ")));
            self.said_at = Some(Instant::now());
            self.unsaid = false;
        }
    }
}

impl View for Lines {
    fn event(&mut self, event: Event) {
        match event {
            Event::Warning(text) => complain(&warning(&text, self.style)),
            Event::Data(line) => print(&format!("{line}\n")),
            Event::Account(text) => self.say(&text),
            _ if self.only_warnings => {}
            Event::Counts(counts) => self.counts(counts),
            Event::Target(text) | Event::Note(text) => self.say(&text),
            Event::Task { name, state } => self.say(&format!("{name}: {}", describe(&state))),
        }
    }

    fn finish(&mut self) {
        if !self.only_warnings {
            self.say_counts();
        }
    }
}

/// A warning's line.
pub(super) fn warning(text: &str, style: Style) -> String {
    let (yellow, plain) = if style.stderr_color {
        ("\x1b[33;1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let text = wrap(&printable(text), "warning: ".len(), style.stderr_wrap);
    format!("{yellow}warning:{plain} {text}\n")
}

/// A piece of work's state in words.
pub(super) fn describe(state: &TaskState) -> String {
    match state {
        TaskState::Working(what) => what.clone(),
        TaskState::Waiting { reason, at_most } => {
            format!("waiting: {reason} (at most {} s)", at_most.as_secs())
        }
        TaskState::Done(outcome) => outcome.clone(),
        TaskState::Failed(reason) => format!("failed: {reason}"),
        TaskState::Skipped(reason) => format!("not done: {reason}"),
    }
}
