//! Progress as plain lines, for logs, pipes and terminals without cursor control.

use std::time::{Duration, Instant};

use super::human::{write_stderr, write_stdout};
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
    is_pending: bool,
    printed_at: Option<Instant>,
}

impl Lines {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            only_warnings: false,
            last_counts: Vec::new(),
            is_pending: false,
            printed_at: None,
        }
    }

    /// Shows warnings and which account is acted on, and nothing else.
    pub(super) fn only_warnings(style: Style) -> Self {
        Self {
            only_warnings: true,
            ..Self::new(style)
        }
    }

    fn print(&self, text: &str) {
        let text = wrap(&printable(text), 0, self.style.stderr_wrap);
        write_stderr(&format!("{text}\n"));
    }

    fn counts(&mut self, counts: Vec<Count>) {
        if counts == self.last_counts {
            return;
        }
        self.last_counts = counts;
        self.is_pending = true;
        if self
            .printed_at
            .is_none_or(|at| at.elapsed() >= COUNTS_EVERY)
        {
            self.print_counts();
        }
    }

    fn print_counts(&mut self) {
        if self.is_pending {
            let parts: Vec<String> = self
                .last_counts
                .iter()
                .map(|count| format!("{} {}/{}", count.label, count.done, count.of))
                .collect();
            write_stderr(&format!("{}\n", parts.join(", ")));
            self.printed_at = Some(Instant::now());
            self.is_pending = false;
        }
    }
}

impl View for Lines {
    fn event(&mut self, event: Event) {
        match event {
            Event::Warning(text) => write_stderr(&warning(&text, self.style)),
            Event::Data(line) => write_stdout(&format!("{line}\n")),
            Event::Detail(lines) => write_stderr(&format!("{}\n", printable(&lines))),
            Event::Account(text) => self.print(&text),
            _ if self.only_warnings => {}
            Event::Counts(counts) => self.counts(counts),
            Event::Target(text) | Event::Note(text) => self.print(&text),
            Event::Task { name, state } => self.print(&format!("{name}: {}", describe(&state))),
        }
    }

    fn finish(&mut self) {
        if !self.only_warnings {
            self.print_counts();
        }
    }
}

/// A warning as text, with its line break.
pub(super) fn warning(text: &str, style: Style) -> String {
    let (yellow, plain) = if style.stderr_color {
        ("\x1b[33;1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let text = wrap(&printable(text), "warning: ".len(), style.stderr_wrap);
    format!("{yellow}warning:{plain} {text}\n")
}

/// The state of a piece of work in words.
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
