//! What a command reports while it works.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Attempt, Block, Cell, Live};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Which target the command acts on; the first event of every command that acts on one.
    Target(String),
    /// The same where it is an AWS account; shown even with `--quiet`.
    Account(String),
    /// The beginning of a step, of which what follows is part.
    Heading(String),
    /// The result of a step, for stdout. The JSON document holds it in its place.
    Result(Vec<Block>),
    /// Something worth knowing.
    Note(String),
    /// Lines that a flag asks for and that are shown as they are, also with `--quiet`: the command that
    /// does the same as a call.
    Detail(String),
    /// An attempt of a call; `--verbose` asks for them.
    Call(Attempt),
    /// A line for people, on stdout. What its parts do not have room for is wrapped below them.
    Line(Vec<Cell>),
    /// Data for stdout, with its line break.
    Raw(String),
    /// Something that may need attention; shown even with `--quiet`.
    Warning(String),
    /// A piece of work changed its state.
    Task {
        /// The name, which never changes, for example `queue orders-queue`.
        name: String,
        /// The new state.
        state: TaskState,
    },
    /// A call failed in this way and is tried again. Told once, however often it occurs, and at the
    /// end with how often.
    Retry(String),
    /// How far things have got that are followed; replaces what was shown of them before.
    Live(Live),
    /// They are not followed any more.
    LiveEnded,
}

/// The state of a piece of work.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskState {
    /// Under way, for example `creating`.
    Working(String),
    /// Waiting for something outside this program.
    Waiting {
        /// Why, for example `IAM has not made the role assumable yet`.
        reason: String,
        /// The longest wait.
        at_most: Duration,
    },
    /// Succeeded, with this outcome, for example `created`.
    Done(String),
    /// Failed, for this reason.
    Failed(String),
    /// Not started, for this reason.
    Skipped(String),
}

impl Event {
    /// Whether this is about the present moment only, so that it does not matter what is shown before it.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Call(_) | Self::Live(_) | Self::Retry(_))
    }
}

/// A message to the thread that shows events.
#[derive(Debug)]
pub enum Signal {
    /// Show this.
    Show(Event),
    /// Reply once everything before this is shown.
    Shown(oneshot::Sender<()>),
    /// Nothing follows this.
    End,
}

#[cfg(test)]
impl Signal {
    /// The event to show, where this is one.
    pub(crate) fn event(self) -> Option<Event> {
        match self {
            Self::Show(event) => Some(event),
            Self::Shown(_) | Self::End => None,
        }
    }
}

/// Sends events to the screen. Cheap to clone; sending never blocks and never fails.
#[derive(Debug, Clone)]
pub struct Events(Sender<Signal>);

impl Events {
    /// A sender, and the receiver of its events.
    pub fn channel() -> (Self, Receiver<Signal>) {
        let (sender, receiver) = channel();
        (Self(sender), receiver)
    }

    /// Sends an event.
    pub fn send(&self, event: Event) {
        // Without a receiver nobody watches any more.
        let _ = self.0.send(Signal::Show(event));
    }

    /// Sends a note.
    pub fn note(&self, text: impl Into<String>) {
        self.send(Event::Note(text.into()));
    }

    /// Sends a warning.
    pub fn warn(&self, text: impl Into<String>) {
        self.send(Event::Warning(text.into()));
    }

    /// Sends the beginning of a step.
    pub fn heading(&self, text: impl Into<String>) {
        self.send(Event::Heading(text.into()));
    }

    /// Sends a failure of a call that is tried again.
    pub fn retry(&self, text: impl Into<String>) {
        self.send(Event::Retry(text.into()));
    }

    /// Sends the new state of a piece of work.
    pub fn task(&self, name: impl Into<String>, state: TaskState) {
        self.send(Event::Task {
            name: name.into(),
            state,
        });
    }

    /// Waits until everything that was sent is shown.
    pub async fn wait_until_shown(&self) {
        let (shown, wait) = oneshot::channel();
        if self.0.send(Signal::Shown(shown)).is_ok() {
            // An error means that nothing is shown any more.
            let _ = wait.await;
        }
    }

    /// Ends the stream.
    pub(super) fn end(&self) {
        let _ = self.0.send(Signal::End);
    }
}
