//! One connection: what is going on in it, who has it, and how long that may take.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::limits::{HEADER_TIME, WRITE_TIME};
use super::peer::Peer;
use super::raw_head::RawHead;

/// What is going on in a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No request has begun; `is_new` until the first one.
    Idle { is_new: bool },
    /// The headers of a request are arriving.
    Head,
    /// A request is read whose signature is not checked yet.
    Unverified,
    /// A verified request is answered.
    Answering,
}

/// Who sent the last request that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// Nobody has.
    Unverified,
    /// The owner.
    Owner,
    /// A user, a role, or an execution environment.
    Other,
}

/// One connection. Shared between the socket, the requests in it, and the table of connections.
#[derive(Debug)]
pub(super) struct Connection {
    /// Who is at the other end.
    pub(super) peer: Peer,
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    /// When the stage began.
    since: Instant,
    sender: Sender,
    head: RawHead,
    /// Since when the client has not taken the reply.
    blocked: Option<Instant>,
    /// Whether more of a request may come that nobody will read.
    is_abandoned: bool,
    /// What is left of the socket when the server is done with it.
    rest: Option<OwnedReadHalf>,
}

impl Connection {
    /// A new connection.
    pub(super) fn new(peer: Peer) -> Self {
        Self {
            peer,
            state: Mutex::new(State {
                stage: Stage::Idle { is_new: true },
                since: Instant::now(),
                sender: Sender::Unverified,
                head: RawHead::default(),
                blocked: None,
                is_abandoned: false,
                rest: None,
            }),
            closed: Notify::new(),
        }
    }

    /// Notes what was received.
    pub(super) fn received(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.head.push(bytes);
        if matches!(state.stage, Stage::Idle { .. }) && state.head.is_partial() {
            state.enter(Stage::Head);
        }
    }

    /// Notes whether the client took some of a reply.
    pub(super) fn sent(&self, is_blocked: bool) {
        let mut state = self.lock();
        state.blocked = match (is_blocked, state.blocked) {
            (false, _) => None,
            (true, None) => Some(Instant::now()),
            (true, since) => since,
        };
    }

    /// Notes that the head of a request was read. Returns what is wrong with how it was sent.
    pub(super) fn begin(&self) -> Option<&'static str> {
        let mut state = self.lock();
        state.enter(Stage::Unverified);
        state.head.flaw()
    }

    /// Notes that the request is verified, and whose it is.
    pub(super) fn verified(&self, sender: Sender) {
        let mut state = self.lock();
        state.sender = sender;
        state.enter(Stage::Answering);
    }

    /// Notes that there is a reply. `length` is the length of the request's body, or `None` where that
    /// is not known or not all of it was read. Returns whether the connection can be used again: not
    /// where it is unclear which bytes the next request begins with.
    pub(super) fn end(&self, length: Option<u64>) -> bool {
        let mut state = self.lock();
        let is_clear = length.is_some_and(|length| state.head.behind() <= length);
        state.is_abandoned |= !is_clear;
        state.head.clear();
        state.enter(Stage::Idle { is_new: false });
        is_clear
    }

    /// When it must be closed, unless something happens before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.lock();
        let head = match state.stage {
            Stage::Idle { is_new: true } | Stage::Head => Some(state.since + HEADER_TIME),
            _ => None,
        };
        let reply = state.blocked.map(|since| since + WRITE_TIME);
        head.into_iter().chain(reply).min()
    }

    /// Whether it counts as the owner's: by its last request, and before the first one by its user.
    pub(super) fn is_owners(&self) -> bool {
        match self.lock().sender {
            Sender::Owner => true,
            Sender::Other => false,
            Sender::Unverified => self.peer == Peer::Ours,
        }
    }

    /// Since when it has been waiting for its client, and whether a request in it was ever verified;
    /// `None` while a verified request is answered.
    pub(super) fn waiting(&self) -> Option<(bool, Instant)> {
        let state = self.lock();
        let is_verified = state.sender != Sender::Unverified;
        (state.stage != Stage::Answering).then_some((is_verified, state.since))
    }

    /// Closes it, to make room for others.
    pub(super) fn close(&self) {
        self.closed.notify_one();
    }

    /// Resolves when it must be closed to make room.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    /// Keeps the socket, where more of a request may come that nobody will read.
    pub(super) fn keep_rest(&self, rest: OwnedReadHalf) {
        let mut state = self.lock();
        if state.is_abandoned {
            state.rest = Some(rest);
        }
    }

    /// The socket that was kept.
    pub(super) fn take_rest(&self) -> Option<OwnedReadHalf> {
        self.lock().rest.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.since = Instant::now();
    }
}
