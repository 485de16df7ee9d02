//! Progress as plain lines, for logs, pipes and terminals without cursor control.

use std::time::{Duration, Instant};

use super::calls::Calls;
use super::cell::printable;
use super::human::{blocks, write_stderr};
use super::repeats::Repeats;
use super::stdout::{write_line, write_stdout};
use super::waits::Waits;
use super::wrap::wrap;
use super::{Event, Live, Style, TaskState, View};

/// The shortest time between two lines about what is followed, where something has changed.
const NEWS_EVERY: Duration = Duration::from_secs(1);
/// The longest time between two lines about what is followed.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Writes a line per event.
pub(super) struct Lines {
    style: Style,
    only_warnings: bool,
    waits: Waits,
    calls: Calls,
    repeats: Repeats,
    live: Option<Followed>,
}

/// What is followed, and what of it was printed.
struct Followed {
    began: Instant,
    live: Live,
    printed: Option<(Live, Instant)>,
}

impl Followed {
    /// The line to print at this time, if one is due.
    fn line(&mut self, is_last: bool) -> Option<String> {
        let is_due = self.printed.as_ref().is_none_or(|(printed, at)| {
            let is_news = self.live.is_news(printed);
            match is_last {
                true => is_news,
                false if is_news => at.elapsed() >= NEWS_EVERY,
                false => at.elapsed() >= LINE_EVERY,
            }
        });
        if !is_due {
            return None;
        }
        self.printed = Some((self.live.clone(), Instant::now()));
        let waits: Vec<String> = self.live.waits.iter().map(|wait| wait.sentence()).collect();
        let parts: Vec<String> = std::iter::once(self.live.counts()).chain(waits).collect();
        Some(format!(
            "{} s: {}.",
            self.began.elapsed().as_secs(),
            parts.join(". ")
        ))
    }
}

impl Lines {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            only_warnings: false,
            waits: Waits::default(),
            calls: Calls::default(),
            repeats: Repeats::default(),
            live: None,
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

    /// Prints what takes long and what goes wrong; the rest only if details are wanted.
    fn task(&mut self, name: &str, state: &TaskState) {
        let text = match state {
            TaskState::Waiting { reason, at_most } => {
                let wait = self.waits.add(name, reason, *at_most);
                format!("waiting: {reason} ({})", wait.words())
            }
            TaskState::Working(_) | TaskState::Done(_) => {
                self.waits.end(name);
                if !self.style.verbose {
                    return;
                }
                describe(state)
            }
            TaskState::Failed(_) | TaskState::Skipped(_) => {
                self.waits.end(name);
                describe(state)
            }
        };
        self.print(&format!("{name}: {text}"));
    }

    fn live(&mut self, live: Live) {
        match &mut self.live {
            Some(followed) => followed.live = live,
            None => {
                self.live = Some(Followed {
                    began: Instant::now(),
                    live,
                    printed: None,
                });
            }
        }
        self.print_live(false);
    }

    fn print_live(&mut self, is_last: bool) {
        let line = self.live.as_mut().and_then(|live| live.line(is_last));
        line.into_iter().for_each(|line| self.print(&line));
    }

    fn end_live(&mut self) {
        self.print_live(true);
        self.live = None;
    }
}

impl View for Lines {
    fn event(&mut self, event: Event) {
        if !event.is_passing() {
            print_calls(&self.calls.counts());
        }
        match event {
            Event::Warning(text) => write_stderr(&warning(&text, self.style)),
            Event::Line(line) => write_line(line, self.style),
            Event::Raw(text) => write_stdout(&text),
            Event::Result(result) => write_stdout(&blocks(&result, self.style)),
            Event::Detail(lines) => write_stderr(&format!("{}\n", printable(&lines))),
            Event::Call(attempt) => print_calls(&self.calls.add(attempt)),
            Event::Account(text) => self.print(&text),
            _ if self.only_warnings => {}
            Event::Heading(text) => write_stderr(&format!("{}\n", heading(&text, self.style))),
            Event::Target(text) => write_stderr(&format!("{}\n", target(&text, self.style))),
            Event::Live(live) => self.live(live),
            Event::LiveEnded => self.end_live(),
            Event::Note(text) => self.print(&text),
            Event::Retry(failure) => {
                if let Some(text) = self.repeats.add(failure) {
                    self.print(&text);
                }
            }
            Event::Task { name, state } => self.task(&name, &state),
        }
    }

    fn finish(&mut self) {
        print_calls(&self.calls.counts());
        if !self.only_warnings {
            self.end_live();
            for text in self.repeats.summary() {
                self.print(&text);
            }
        }
    }
}

fn print_calls(lines: &[String]) {
    for line in lines {
        write_stderr(&format!("{}\n", printable(line)));
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

/// The beginning of a step as text: an empty line, and the heading.
pub(super) fn heading(text: &str, style: Style) -> String {
    format!("\n{}", styled("\x1b[1m", text, style))
}

/// Which target is acted on, as text.
pub(super) fn target(text: &str, style: Style) -> String {
    styled("\x1b[2m", text, style)
}

/// Text whose lines each have a style.
fn styled(code: &str, text: &str, style: Style) -> String {
    let text = wrap(&printable(text), 0, style.stderr_wrap);
    if !style.stderr_color {
        return text;
    }
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("{code}{line}\x1b[0m"))
        .collect();
    lines.join("\n")
}

/// The state of a piece of work in words.
pub(super) fn describe(state: &TaskState) -> String {
    match state {
        TaskState::Working(what) => what.clone(),
        TaskState::Waiting { reason, .. } => format!("waiting: {reason}"),
        TaskState::Done(outcome) => outcome.clone(),
        TaskState::Failed(reason) => format!("failed: {reason}"),
        TaskState::Skipped(reason) => format!("not done: {reason}"),
    }
}
