//! The open connections and the requests in progress. Both are bounded, in such a way that neither
//! another user of the machine nor a function keeps the owner out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;
use super::limits::{
    ENVIRONMENTS_REQUESTS, KEYS_REQUESTS, OTHERS_REQUESTS, OWNERS_CONNECTIONS, USERS_CONNECTIONS,
};
use super::peer::Peer;

/// The open connections.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: HashMap<u64, Arc<Connection>>,
}

/// The place of a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().open.remove(&self.id);
    }
}

impl Places {
    /// Room for this many connections.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            state: Mutex::default(),
        })
    }

    /// Gives a new connection a place. Where there is none, the connection that has been waiting for
    /// its client for the longest is closed, of the same user if that one has too many, of anybody but
    /// the owner before the owner's. `None` where no connection can be closed for this one.
    pub(super) fn enter(self: &Arc<Self>, connection: &Arc<Connection>) -> Option<Place> {
        let mut state = self.lock();
        if !connection.is_owners() {
            let peer = connection.peer;
            let is_of_user = |one: &Connection| one.peer == peer;
            let is_others = |one: &Connection| !one.is_owners();
            if matches!(peer, Peer::User(_)) {
                state.keep_below(USERS_CONNECTIONS, is_of_user)?;
            }
            state.keep_below(self.most - OWNERS_CONNECTIONS, is_others)?;
        }
        state.keep_below(self.most, |_| true)?;
        let id = state.next;
        state.next += 1;
        state.open.insert(id, Arc::clone(connection));
        Some(Place {
            places: Arc::clone(self),
            id,
        })
    }

    /// Closes a connection that waits for its client, because the system has no room for another one.
    pub(super) fn make_room(&self) {
        let _ = self.lock().close_one(|_| true);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room where `most` of these connections are open; `None` where that cannot be.
    fn keep_below(&mut self, most: usize, which: impl Fn(&Connection) -> bool) -> Option<()> {
        // Few are open nearly always.
        let is_full =
            self.open.len() >= most && self.open.values().filter(|one| which(one)).count() >= most;
        if is_full {
            self.close_one(which)
        } else {
            Some(())
        }
    }

    fn close_one(&mut self, which: impl Fn(&Connection) -> bool) -> Option<()> {
        let waiting = self.open.iter().filter(|(_, one)| which(one));
        let waiting = waiting.filter_map(|(id, one)| {
            let (is_verified, since) = one.waiting()?;
            Some((is_verified, one.is_owners(), since, *id))
        });
        let (.., id) = waiting.min()?;
        self.open.remove(&id)?.close();
        Some(())
    }
}

/// The requests of others than the owner that are answered at the moment, long polls included.
#[derive(Debug, Default)]
pub(super) struct InProgress(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_sender: HashMap<String, usize>,
}

/// A request in progress, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    counts: &'a InProgress,
    sender: String,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy)]
pub(super) enum CountedAs<'a> {
    /// An access key.
    Key(&'a str),
    /// The token of an execution environment.
    Environment(&'a str),
}

impl InProgress {
    /// Counts a request; `None` where there are too many.
    pub(super) fn enter(&self, sender: CountedAs<'_>) -> Option<Counted<'_>> {
        let (name, most) = match sender {
            CountedAs::Key(key) => (key, KEYS_REQUESTS),
            CountedAs::Environment(token) => (token, ENVIRONMENTS_REQUESTS),
        };
        let mut counts = self.lock();
        let own = counts.by_sender.get(name).copied().unwrap_or(0);
        if own >= most || counts.all >= OTHERS_REQUESTS {
            return None;
        }
        counts.all += 1;
        *counts.by_sender.entry(name.to_owned()).or_default() += 1;
        Some(Counted {
            counts: self,
            sender: name.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        counts.all -= 1;
        if let Some(own) = counts.by_sender.get_mut(&self.sender) {
            *own -= 1;
            if *own == 0 {
                counts.by_sender.remove(&self.sender);
            }
        }
    }
}

#[cfg(test)]
mod tests;
