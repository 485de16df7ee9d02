//! Progress for terminals: a spinner for each piece of work, a bar for each count.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::human::write_stdout;
use super::lines::{describe, warning};
use super::table::printable;
use super::terminal::NoEcho;
use super::wrap::wrap;
use super::{Count, Event, Style, TaskState, View};

const TICK: Duration = Duration::from_millis(100);

/// Spinners and bars on stderr.
pub(super) struct Bars {
    style: Style,
    _no_echo: NoEcho,
    screen: MultiProgress,
    tasks: HashMap<String, ProgressBar>,
    counts: HashMap<&'static str, ProgressBar>,
}

impl Bars {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            _no_echo: NoEcho::new(),
            screen: MultiProgress::new(),
            tasks: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    fn print(&self, text: &str) {
        let text = printable(text.trim_end_matches('\n'));
        let _ = self.screen.println(wrap(&text, 0, self.style.stderr_wrap));
    }

    fn task(&mut self, name: String, state: &TaskState) {
        let (green, red, plain) = if self.style.stderr_color {
            ("\x1b[32m", "\x1b[31m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let words = printable(&describe(state));
        let mark = match state {
            TaskState::Working(_) => {
                let spinner = self.spinner(name);
                spinner.set_style(style("{spinner} {prefix}: {msg} {elapsed:>}"));
                spinner.set_message(words);
                return;
            }
            TaskState::Waiting { reason, at_most } => {
                let spinner = self.spinner(name);
                spinner.reset_elapsed();
                spinner.set_style(waiting(at_most.as_secs()));
                spinner.set_message(printable(reason));
                return;
            }
            TaskState::Done(_) => format!("{green}✓{plain}"),
            TaskState::Failed(_) => format!("{red}✗{plain}"),
            TaskState::Skipped(_) => "-".to_owned(),
        };
        let line = wrap(&format!("{name}: {words}"), 2, self.style.stderr_wrap);
        if let Some(spinner) = self.tasks.remove(&name) {
            spinner.finish_and_clear();
        }
        let _ = self.screen.println(format!("{mark} {line}"));
    }

    fn spinner(&mut self, name: String) -> &ProgressBar {
        let screen = &self.screen;
        self.tasks.entry(name).or_insert_with_key(|name| {
            let spinner = screen.add(ProgressBar::new_spinner());
            spinner.set_prefix(name.clone());
            spinner.enable_steady_tick(TICK);
            spinner
        })
    }

    fn count(&mut self, count: &Count) {
        let screen = &self.screen;
        let template = if self.style.stderr_color {
            "{prefix:>13} {bar:30.cyan/dim} {human_pos}/{human_len}"
        } else {
            "{prefix:>13} {bar:30} {human_pos}/{human_len}"
        };
        let bar = self.counts.entry(count.label).or_insert_with(|| {
            let bar = screen.add(ProgressBar::new(count.of));
            bar.set_style(style(template).progress_chars("━╸─"));
            bar.set_prefix(count.label);
            bar
        });
        bar.set_length(count.of);
        bar.set_position(count.done);
    }
}

impl View for Bars {
    fn event(&mut self, event: Event) {
        match event {
            // `println` keeps escape codes, so the colours of the label stay.
            Event::Warning(text) => {
                let _ = self.screen.println(warning(&text, self.style).trim_end());
            }
            Event::Data(line) => self.screen.suspend(|| write_stdout(&format!("{line}\n"))),
            Event::Detail(lines) => {
                let _ = self.screen.println(printable(&lines));
            }
            Event::Target(text) | Event::Account(text) | Event::Note(text) => self.print(&text),
            Event::Task { name, state } => self.task(name, &state),
            Event::Counts(counts) => counts.iter().for_each(|count| self.count(count)),
        }
    }

    fn finish(&mut self) {
        for bar in self.counts.values() {
            bar.abandon();
        }
        for spinner in self.tasks.values() {
            spinner.finish_and_clear();
        }
    }
}

/// The style of a wait, with its seconds: `IAM has not made the role assumable yet, 6 s of 60`.
fn waiting(at_most: u64) -> ProgressStyle {
    let waited = move |state: &ProgressState, text: &mut dyn fmt::Write| {
        let _ = write!(text, "{} s of {at_most}", state.elapsed().as_secs());
    };
    style("{spinner} {prefix}: {msg}, {waited}").with_key("waited", waited)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
