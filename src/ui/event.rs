//! What work tells while it goes on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

/// Something that happened, for whoever watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Which target the command acts on; the first event of every command that acts on one.
    Target(String),
    /// The same where it is somebody's account: shown even with `--quiet`.
    Account(String),
    /// Something worth knowing.
    Note(String),
    /// A line of data, for stdout.
    Data(String),
    /// Something that may need attention; shown even with `--quiet`.
    Warning(String),
    /// A named piece of work changed its state.
    Task {
        /// The same name from first to last, for example `queue orders-queue`.
        name: String,
        /// What is going on with it.
        state: TaskState,
    },
    /// How far the counted things are; replaces the counts before.
    Counts(Vec<Count>),
}

/// How a piece of work stands.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskState {
    /// Doing this, for example `creating`.
    Working(String),
    /// Waiting for this, for at most that long, for example `IAM has not made the role
    /// assumable yet`.
    Waiting {
        /// What is waited for and why.
        reason: String,
        /// The longest wait.
        at_most: Duration,
    },
    /// Ended well, with this outcome, for example `created`.
    Done(String),
    /// Ended badly, with this reason.
    Failed(String),
    /// Not begun, for this reason.
    Skipped(String),
}

/// One counted thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is counted, for example `stored`.
    pub label: &'static str,
    /// How many so far.
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

/// What the thread that shows events is sent.
#[derive(Debug)]
pub enum Signal {
    /// Show this.
    Show(Event),
    /// Answer once all before this is shown.
    Shown(oneshot::Sender<()>),
    /// Nothing follows.
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

/// Where events are sent. Cheap to clone; sending never blocks and never fails.
#[derive(Debug, Clone)]
pub struct Events(Sender<Signal>);

impl Events {
    /// A sender and where its events arrive.
    pub fn channel() -> (Self, Receiver<Signal>) {
        let (sender, receiver) = channel();
        (Self(sender), receiver)
    }

    /// Sends an event.
    pub fn send(&self, event: Event) {
        // With nobody watching any more there is nobody to tell.
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

    /// Sends a piece of work's new state.
    pub fn task(&self, name: impl Into<String>, state: TaskState) {
        self.send(Event::Task {
            name: name.into(),
            state,
        });
    }

    /// Waits until all that was sent is shown.
    pub async fn wait_until_shown(&self) {
        let (shown, wait) = oneshot::channel();
        if self.0.send(Signal::Shown(shown)).is_ok() {
            // An error means that nobody shows anything any more.
            let _ = wait.await;
        }
    }

    /// Ends the stream.
    pub(super) fn end(&self) {
        let _ = self.0.send(Signal::End);
    }
}
