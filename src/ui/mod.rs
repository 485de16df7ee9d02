//! What a person or a program sees. A command sends [`Event`]s and returns a [`Report`]; a [`View`]
//! renders them. Data goes to stdout, everything else to stderr, and nothing outside this folder
//! prints.

mod ask;
mod bars;
mod calls;
mod cell;
mod document;
mod drawing;
mod event;
mod human;
mod job_control;
mod lines;
mod live;
mod picture;
mod region;
mod repeats;
mod report;
mod stdout;
mod table;
mod terminal;
mod time;
mod tone;
mod waits;
mod wrap;

pub(crate) use ask::{consent, is_asking};
pub(crate) use calls::Attempt;
pub(crate) use cell::Cell;
pub(crate) use document::{Document, ErrorDocument, Head, TargetDocument};
pub(crate) use event::{Event, Events, Signal, TaskState};
pub(crate) use live::{Count, CountKind, Live, Wait};
pub(crate) use picture::Picture;
pub(crate) use report::{Block, Members, Report};
pub(crate) use stdout::is_stdout_closed;
pub(crate) use table::Table;
pub(crate) use terminal::{restore_terminal, screen_lines};
pub(crate) use time::{Time, age};
pub(crate) use tone::Tone;

use std::io::IsTerminal as _;
use std::thread::JoinHandle;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::error::CommandError;
use crate::globals::{Color, Globals, Progress};
pub(crate) use crate::words::{counted, listed, number, sentence};

/// Shows events as they come, on stderr.
trait View: Send {
    /// Shows one event.
    fn event(&mut self, event: Event);
    /// Removes spinners and bars; no event follows.
    fn finish(&mut self);
}

/// How output looks, decided once from flags, environment and terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether stdout's text may be coloured.
    pub stdout_color: bool,
    /// Whether stderr's text may be coloured.
    pub stderr_color: bool,
    /// Whether the report is a JSON document.
    pub json: bool,
    /// Whether details are wanted.
    pub verbose: bool,
    /// Whether only results are wanted, without what to do next.
    pub quiet: bool,
    /// How progress is shown; never [`Progress::Auto`].
    pub progress: Progress,
    /// The width of the terminal, in columns, where stdout is one: tables stay within it.
    pub width: Option<u16>,
    /// The width to which sentences on stdout are broken, where it is a terminal.
    pub stdout_wrap: Option<u16>,
    /// The same for stderr.
    pub stderr_wrap: Option<u16>,
}

/// Longer lines are hard to read.
const WIDEST: u16 = 120;

impl Style {
    /// Decides how output looks.
    pub(crate) fn choose(globals: &Globals, environment: &impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
        let dumb = environment("TERM").is_some_and(|term| term == "dumb");
        let colored = |terminal: bool| match globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !set("NO_COLOR") && !dumb,
        };
        let terminal = std::io::stderr().is_terminal();
        let progress = match globals.progress {
            _ if globals.quiet => Progress::None,
            Progress::Auto if terminal && !dumb => Progress::Bar,
            Progress::Auto => Progress::Plain,
            // Bars, and the lines printed beside them, are drawn only in a terminal.
            Progress::Bar if !terminal => Progress::Plain,
            chosen => chosen,
        };
        let width = terminal::width(std::io::stdout());
        Self {
            stdout_color: colored(std::io::stdout().is_terminal()),
            stderr_color: colored(std::io::stderr().is_terminal()),
            json: globals.json,
            verbose: globals.verbose,
            quiet: globals.quiet,
            progress,
            width,
            stdout_wrap: width.map(|width| width.min(WIDEST)),
            stderr_wrap: terminal::width(std::io::stderr()).map(|width| width.min(WIDEST)),
        }
    }
}

/// The screen: runs the thread that shows events, and prints the result of the command.
#[derive(Debug)]
pub(crate) struct Screen {
    style: Style,
    events: Events,
    shower: JoinHandle<()>,
}

impl Screen {
    /// Starts showing events.
    pub(crate) fn open(style: Style) -> Self {
        let (events, receiver) = Events::channel();
        let mut view: Box<dyn View> = match style.progress {
            Progress::Bar => Box::new(bars::Bars::new(style)),
            Progress::Plain | Progress::Auto => Box::new(lines::Lines::new(style)),
            Progress::None => Box::new(lines::Lines::only_warnings(style)),
        };
        let shower = std::thread::spawn(move || {
            while let Ok(signal) = receiver.recv() {
                match signal {
                    // The document holds it in its place.
                    Signal::Show(Event::Result(_)) if style.json => {}
                    Signal::Show(event) => view.event(event),
                    // The command may have stopped waiting for it.
                    Signal::Shown(shown) => drop(shown.send(())),
                    Signal::End => break,
                }
            }
            view.finish();
        });
        Self {
            style,
            events,
            shower,
        }
    }

    /// The sender of events.
    pub(crate) fn events(&self) -> &Events {
        &self.events
    }

    /// Shows the events that are left, then prints the result of the command. Returns the error where
    /// some of the output could not be written to stdout.
    pub(crate) fn close(
        self,
        head: &Head,
        result: &Result<Report, CommandError>,
    ) -> Option<CommandError> {
        self.events.end();
        let _ = self.shower.join();
        match result {
            _ if self.style.json => stdout::write_stdout(&document::render(head, result)),
            Ok(report) => stdout::write_stdout(&human::blocks(&report.text, self.style)),
            Err(_) => {}
        }
        let lost = stdout::failure();
        for error in result.as_ref().err().into_iter().chain(&lost) {
            human::write_stderr(&human::error(error, self.style));
        }
        lost
    }
}

/// What is traced where `RUST_LOG` does not say.
const TRACED: &str = "orders_lab=debug,aws_smithy_runtime=debug";

/// Shows the traces of this program and the SDK on stderr. `RUST_LOG` selects them, by targets and
/// levels: `debug`, `aws_smithy_runtime=trace`.
pub(crate) fn show_traces() {
    let asked = std::env::var("RUST_LOG").ok();
    let targets: Option<Targets> = asked.and_then(|targets| targets.parse().ok());
    let targets = targets.or_else(|| TRACED.parse().ok()).unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // Reporting a failed write to stderr on stderr would fail too.
        .log_internal_errors(false);
    // A second subscriber is refused, and the first one stays.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init();
}
