//! Progress for terminals: a spinner for each piece of work, and a region for what is followed. All of
//! them vanish when they are done.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::calls::Calls;
use super::cell::printable;
use super::drawing::{Canvas, Drawing};
use super::human::blocks;
use super::job_control::JobControl;
use super::lines::{describe, heading, target, warning};
use super::region::{beside_spinner, region};
use super::repeats::Repeats;
use super::stdout::{write_line, write_stdout};
use super::terminal::{self, NoEcho};
use super::waits::Waits;
use super::wrap::wrap;
use super::{Event, Live, Style, TaskState, View, WIDEST};

const TICK: Duration = Duration::from_millis(100);
/// How often the screen is drawn at most, a second.
const FRAMES: u8 = 20;
/// The size of a terminal that does not tell its own.
const USUAL_SIZE: (u16, u16) = (80, 24);

/// Spinners and a region on stderr.
pub(super) struct Bars {
    style: Style,
    no_echo: NoEcho,
    job_control: JobControl,
    screen: MultiProgress,
    tasks: HashMap<String, ProgressBar>,
    waits: Waits,
    calls: Calls,
    repeats: Repeats,
    live: Option<(ProgressBar, Arc<Mutex<Live>>)>,
}

/// The terminal behind stderr.
#[derive(Default)]
struct Screen {
    /// How many suspensions of the program are known.
    suspensions: AtomicU32,
}

/// Its columns and rows.
fn size() -> (u16, u16) {
    terminal::size(io::stderr()).unwrap_or(USUAL_SIZE)
}

impl Canvas for Screen {
    fn size(&self) -> (u16, u16) {
        size()
    }

    fn draw(&self, paint: &mut dyn FnMut(bool) -> String) -> io::Result<()> {
        let now = terminal::suspensions();
        let known = self.suspensions.swap(*now, Ordering::Relaxed);
        self.write(&paint(known == *now))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        io::stderr().lock().write_all(text.as_bytes())
    }
}

impl Bars {
    pub(super) fn new(style: Style) -> Self {
        let drawing = Box::new(Drawing::new(Screen::default()));
        let target = ProgressDrawTarget::term_like_with_hz(drawing, FRAMES);
        Self {
            style,
            no_echo: NoEcho::new(),
            job_control: JobControl::new(),
            screen: MultiProgress::with_draw_target(target),
            tasks: HashMap::new(),
            waits: Waits::default(),
            calls: Calls::default(),
            repeats: Repeats::default(),
            live: None,
        }
    }

    /// How output looks now: the terminal may have been resized.
    fn style(&self) -> Style {
        let width = terminal::width(io::stderr());
        Style {
            stderr_wrap: width.map(|width| width.min(WIDEST)),
            ..self.style
        }
    }

    fn print(&self, text: &str) {
        let text = printable(text.trim_end_matches('\n'));
        self.print_styled(&wrap(&text, 0, self.style().stderr_wrap));
    }

    fn print_calls(&self, lines: &[String]) {
        for line in lines {
            self.print_styled(&printable(line));
        }
    }

    /// Prints text that may have escape codes.
    fn print_styled(&self, text: &str) {
        let _ = self.screen.println(text.trim_end_matches('\n'));
    }

    fn task(&mut self, name: String, state: &TaskState) {
        let (red, plain) = if self.style.stderr_color {
            ("\x1b[31m", "\x1b[0m")
        } else {
            ("", "")
        };
        let words = printable(&describe(state));
        let mark = match state {
            TaskState::Working(_) => {
                self.waits.end(&name);
                let text = format!("{name}: {words}");
                self.spinner(name).set_style(working(move || text.clone()));
                return;
            }
            TaskState::Waiting { reason, at_most } => {
                let wait = self.waits.add(&name, reason, *at_most).clone();
                let text = format!("{name}: {}", printable(reason));
                let shown = move || format!("{text}, {}", wait.words());
                self.spinner(name).set_style(working(shown));
                return;
            }
            TaskState::Done(_) => return self.end_task(&name),
            TaskState::Failed(_) => format!("{red}✗{plain}"),
            TaskState::Skipped(_) => "-".to_owned(),
        };
        let line = wrap(&format!("{name}: {words}"), 2, self.style().stderr_wrap);
        self.end_task(&name);
        self.print_styled(&format!("{mark} {line}"));
    }

    fn end_task(&mut self, name: &str) {
        self.waits.end(name);
        if let Some(spinner) = self.tasks.remove(name) {
            spinner.finish_and_clear();
        }
    }

    fn spinner(&mut self, name: String) -> &ProgressBar {
        let screen = &self.screen;
        self.tasks.entry(name).or_insert_with(|| {
            let spinner = screen.add(ProgressBar::new_spinner());
            spinner.enable_steady_tick(TICK);
            spinner
        })
    }

    fn live(&mut self, live: Live) {
        if let Some((_, shown)) = &self.live {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = live;
            return;
        }
        let shown = Arc::new(Mutex::new(live));
        let bar = self.screen.add(ProgressBar::new_spinner());
        bar.set_style(following(Arc::clone(&shown), self.style.stderr_color));
        bar.enable_steady_tick(TICK);
        self.live = Some((bar, shown));
    }

    fn end_live(&mut self) {
        if let Some((bar, _)) = self.live.take() {
            bar.finish_and_clear();
        }
    }
}

impl View for Bars {
    fn event(&mut self, event: Event) {
        // Before the first frame, and after the last.
        if matches!(event, Event::Task { .. } | Event::Live(_)) {
            self.job_control.begin();
            self.no_echo.set_drawn_on(true);
        }
        if !event.is_passing() {
            let counts = self.calls.counts();
            self.print_calls(&counts);
        }
        self.show(event);
        self.no_echo.set_drawn_on(self.is_drawn());
    }

    fn finish(&mut self) {
        self.end_live();
        for (_, spinner) in self.tasks.drain() {
            spinner.finish_and_clear();
        }
        self.no_echo.set_drawn_on(false);
        let counts = self.calls.counts();
        self.print_calls(&counts);
        for text in self.repeats.summary() {
            self.print(&text);
        }
    }
}

impl Bars {
    /// Whether anything is on the screen that is drawn over.
    fn is_drawn(&self) -> bool {
        self.live.is_some() || !self.tasks.is_empty()
    }

    fn show(&mut self, event: Event) {
        match event {
            Event::Warning(text) => self.print_styled(&warning(&text, self.style())),
            Event::Heading(text) => self.print_styled(&heading(&text, self.style())),
            Event::Target(text) => self.print_styled(&target(&text, self.style())),
            Event::Line(line) => self.screen.suspend(|| write_line(line, self.style)),
            Event::Raw(text) => self.screen.suspend(|| write_stdout(&text)),
            Event::Account(text) | Event::Note(text) => self.print(&text),
            Event::Retry(failure) => {
                if let Some(text) = self.repeats.add(failure) {
                    self.print(&text);
                }
            }
            Event::Detail(lines) => self.print_styled(&printable(&lines)),
            Event::Call(attempt) => {
                let lines = self.calls.add(attempt);
                self.print_calls(&lines);
            }
            Event::Task { name, state } => self.task(name, &state),
            Event::Live(live) => self.live(live),
            Event::LiveEnded => self.end_live(),
            Event::Result(result) => {
                let text = blocks(&result, self.style);
                self.screen.suspend(|| write_stdout(&text));
            }
        }
    }
}

/// The style of a piece of work: a spinner, and what `shown` returns at the time, broken between words:
/// `role a: IAM has not made the role assumable yet, 6 s of at most 60 s`.
fn working(shown: impl Fn() -> String + Clone + Send + Sync + 'static) -> ProgressStyle {
    let work = move |_: &ProgressState, text: &mut dyn fmt::Write| {
        let _ = text.write_str(&beside_spinner(&shown(), size().0));
    };
    template("{spinner} {work}").with_key("work", work)
}

/// The style of the region for what is followed.
fn following(shown: Arc<Mutex<Live>>, color: bool) -> ProgressStyle {
    let live = move |state: &ProgressState, text: &mut dyn fmt::Write| {
        let live = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = text.write_str(&region(&live, state.elapsed(), size().0, color));
    };
    template("{spinner} {live}").with_key("live", live)
}

fn template(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
