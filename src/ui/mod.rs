//! What a person or a program sees. Work sends [`Event`]s and returns a [`Report`]; a [`View`]
//! renders them. Data goes to stdout, everything else to stderr, and nothing outside this folder
//! prints.

mod ask;
mod bars;
mod document;
mod event;
mod human;
mod lines;
mod report;
mod table;
mod terminal;
mod words;
mod wrap;

pub use ask::confirm;
pub use document::Document;
pub use event::{Count, Event, Events, Signal, TaskState};
pub use human::nobody_reads;
pub use report::{Block, Report};
pub use table::Table;
pub use terminal::restore_terminal;
pub use words::counted;

use std::io::IsTerminal as _;
use std::thread::JoinHandle;

use crate::error::CommandError;
use crate::globals::{Color, Globals, Progress};

/// Shows events as they come, on stderr.
trait View: Send {
    /// Shows one event.
    fn event(&mut self, event: Event);
    /// Clears what moves; no event follows.
    fn finish(&mut self);
}

/// How output looks, decided once from flags, environment and terminal.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether stdout's text may be coloured.
    pub stdout_color: bool,
    /// Whether stderr's text may be coloured.
    pub stderr_color: bool,
    /// Whether the report is a JSON document.
    pub json: bool,
    /// How progress is shown; never [`Progress::Auto`].
    pub progress: Progress,
    /// The width that tables stay within, in columns.
    pub width: u16,
    /// The width to which sentences on stdout are broken, where it is a terminal.
    pub stdout_wrap: Option<u16>,
    /// The same for stderr.
    pub stderr_wrap: Option<u16>,
}

/// The width of tables where there is no terminal.
const NO_TERMINAL: u16 = 80;
/// Lines longer than this are hard to read.
const WIDEST: u16 = 120;

impl Style {
    /// Decides how output looks.
    pub fn choose(globals: &Globals, environment: &impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
        let dumb = environment("TERM").is_some_and(|term| term == "dumb");
        let colored = |terminal: bool| match globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !set("NO_COLOR") && !dumb,
        };
        let moves = std::io::stderr().is_terminal() && !dumb;
        let progress = match globals.progress {
            _ if globals.quiet => Progress::None,
            Progress::Auto if moves => Progress::Bar,
            Progress::Auto => Progress::Plain,
            chosen => chosen,
        };
        let stdout_wrap = terminal::width(std::io::stdout()).map(|width| width.min(WIDEST));
        Self {
            stdout_color: colored(std::io::stdout().is_terminal()),
            stderr_color: colored(std::io::stderr().is_terminal()),
            json: globals.json,
            progress,
            width: stdout_wrap.unwrap_or(NO_TERMINAL),
            stdout_wrap,
            stderr_wrap: terminal::width(std::io::stderr()).map(|width| width.min(WIDEST)),
        }
    }
}

/// The screen: owns the thread that shows events, and prints what a command ends with.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    events: Events,
    shower: JoinHandle<()>,
}

impl Screen {
    /// Starts showing events.
    pub fn open(style: Style) -> Self {
        let (events, receiver) = Events::channel();
        let mut view: Box<dyn View> = match style.progress {
            Progress::Bar => Box::new(bars::Bars::new(style)),
            Progress::Plain | Progress::Auto => Box::new(lines::Lines::new(style)),
            Progress::None => Box::new(lines::Lines::only_warnings(style)),
        };
        let shower = std::thread::spawn(move || {
            while let Ok(signal) = receiver.recv() {
                match signal {
                    Signal::Show(event) => view.event(event),
                    // Whoever asked may have been interrupted meanwhile.
                    Signal::Shown(asker) => drop(asker.send(())),
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

    /// Where work sends its events.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Shows what is still to be shown, then prints what the command ends with.
    pub fn close(self, document: &Document, result: &Result<Report, CommandError>) {
        self.events.end();
        let _ = self.shower.join();
        match result {
            _ if self.style.json => human::print(&document.render(result)),
            Ok(report) => human::print(&human::report(report, self.style)),
            Err(_) => {}
        }
        if let Err(error) = result {
            human::complain(&human::error(error, self.style));
        }
    }
}

/// Prints the document of a wrong command line, before there is a screen.
pub fn print_usage(document: &str) {
    human::print(document);
}

/// Shows this program's and the SDK's traces on stderr; `RUST_LOG` chooses which.
pub fn show_traces() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("orders_lab=debug,aws_smithy_runtime=debug")
    });
    // A second subscriber is refused; the first one then goes on.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A stderr that nobody reads is no reason to complain there, and to fail at it.
        .log_internal_errors(false)
        .try_init();
}
