//! The conversation between an environment's process and its invoker. The process takes part by
//! calls to the Runtime API ([`super::runtime_api`]).

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::clock::WallMs;
use crate::lambda::limits::Exceeded;

/// The largest response that Lambda passes on: 6 MiB and 100 bytes.
pub(crate) const MAX_RESPONSE: usize = 6_291_556;

/// An event for the process.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The invocation's id.
    pub(crate) request_id: String,
    /// The payload.
    pub(crate) payload: Bytes,
    /// When the invocation will be ended.
    pub(crate) deadline: WallMs,
    /// The X-Ray trace header.
    pub(crate) trace_id: String,
}

/// The process's response to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Response {
    /// The handler's result.
    Success(Bytes),
    /// The handler's error, passed on unchanged.
    Error(Bytes),
    /// A result of more than [`MAX_RESPONSE`] bytes.
    TooLarge,
}

/// Why an environment cannot be used any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There was nothing that could be run; why.
    Entrypoint(String),
    /// The runtime reported that it cannot start.
    InitError {
        /// The body of its report, passed on unchanged.
        body: Bytes,
        /// The error's type.
        error_type: String,
    },
    /// The environment used too much of something and was ended.
    Exceeded(Exceeded),
    /// The process ended: `None` with success, or for example `exit status 1`.
    Exited(Option<String>),
}

/// Why a call to the Runtime API is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeApiError {
    /// The id is not the current event's.
    UnknownRequest,
    /// The call is not allowed in this phase.
    InvalidState,
}

#[derive(Debug)]
enum Phase {
    /// The process has not asked for its first event.
    Init,
    /// It waits for an event; with the response to the last one, until the invoker takes it.
    Ready(Option<Response>),
    /// There is an event for it to fetch.
    Assigned(Event),
    /// It works on an event.
    Running,
    /// It has responded and not asked for the next event.
    Responded(Response),
    /// It has failed; with the response to the last event, if there was one.
    Ended(Failure, Option<Response>),
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The id of the current event, or of the last one.
    request_id: String,
}

/// The conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    state: Mutex<State>,
    to_runtime: Notify,
    to_invoker: Notify,
}

impl Conversation {
    /// The conversation with a process that is about to start.
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Init,
                request_id: String::new(),
            }),
            to_runtime: Notify::new(),
            to_invoker: Notify::new(),
        }
    }

    // The invoker's side.

    /// Waits until the process asks for its first event.
    ///
    /// # Errors
    /// When it reports that it cannot start, or ends.
    pub(crate) async fn ready(&self) -> Result<(), Failure> {
        self.until(|state| match &state.phase {
            Phase::Init => None,
            Phase::Ended(failure, _) => Some(Err(failure.clone())),
            _ => Some(Ok(())),
        })
        .await
    }

    /// Hands over an event; false when the process is gone.
    pub(crate) fn assign(&self, event: Event) -> bool {
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Ready(_)) {
            return false;
        }
        state.request_id.clone_from(&event.request_id);
        state.phase = Phase::Assigned(event);
        self.to_runtime.notify_one();
        true
    }

    /// Waits until the process has responded and asks for the next event.
    ///
    /// # Errors
    /// When it ends before that. [`Conversation::take_response`] then has the response that it
    /// had given.
    pub(crate) async fn response(&self) -> Result<Response, Failure> {
        self.until(|state| match &mut state.phase {
            Phase::Ready(response) => response.take().map(Ok),
            Phase::Ended(failure, _) => Some(Err(failure.clone())),
            _ => None,
        })
        .await
    }

    /// Whether the process has something to do: to start, or to answer an event.
    pub(crate) fn is_working(&self) -> bool {
        !matches!(self.lock().phase, Phase::Ready(_) | Phase::Ended(..))
    }

    /// The response of a process that did not ask for the next event.
    pub(crate) fn take_response(&self) -> Option<Response> {
        let mut state = self.lock();
        match &mut state.phase {
            Phase::Responded(response) => Some(response.clone()),
            Phase::Ready(response) | Phase::Ended(_, response) => response.take(),
            _ => None,
        }
    }

    async fn until<T>(&self, mut check: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            if let Some(found) = check(&mut self.lock()) {
                return found;
            }
            self.to_invoker.notified().await;
        }
    }

    // The process's side.

    /// Waits for the next event.
    ///
    /// # Errors
    /// [`RuntimeApiError::InvalidState`] while an event has no response.
    pub(crate) async fn next(&self) -> Result<Event, RuntimeApiError> {
        self.ask()?;
        loop {
            // Created before the check, so that an end between check and wait is not missed.
            let notified = self.to_runtime.notified();
            if let Some(event) = self.fetch()? {
                return Ok(event);
            }
            notified.await;
        }
    }

    fn ask(&self) -> Result<(), RuntimeApiError> {
        let mut state = self.lock();
        let response = match &mut state.phase {
            Phase::Init => None,
            Phase::Responded(response) => Some(response.clone()),
            // It may ask again, for example after a broken connection.
            Phase::Ready(_) | Phase::Assigned(_) => return Ok(()),
            Phase::Running | Phase::Ended(..) => return Err(RuntimeApiError::InvalidState),
        };
        state.phase = Phase::Ready(response);
        self.to_invoker.notify_one();
        Ok(())
    }

    fn fetch(&self) -> Result<Option<Event>, RuntimeApiError> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.phase, Phase::Running) {
            Phase::Assigned(event) => Ok(Some(event)),
            other => {
                let is_refused = matches!(other, Phase::Running | Phase::Ended(..));
                state.phase = other;
                if is_refused {
                    Err(RuntimeApiError::InvalidState)
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// The process's response to the event with this id.
    ///
    /// # Errors
    /// When there is no such event, or it has a response.
    pub(crate) fn respond(
        &self,
        request_id: &str,
        response: Response,
    ) -> Result<(), RuntimeApiError> {
        let mut state = self.lock();
        if state.request_id != request_id {
            return Err(RuntimeApiError::UnknownRequest);
        }
        if !matches!(state.phase, Phase::Running) {
            return Err(RuntimeApiError::InvalidState);
        }
        state.phase = Phase::Responded(response);
        Ok(())
    }

    /// The process reports that it cannot start.
    ///
    /// # Errors
    /// When it has started.
    pub(crate) fn init_error(
        &self,
        body: Bytes,
        error_type: String,
    ) -> Result<(), RuntimeApiError> {
        if !matches!(self.lock().phase, Phase::Init) {
            return Err(RuntimeApiError::InvalidState);
        }
        self.end(Failure::InitError { body, error_type });
        Ok(())
    }

    /// Ends the conversation. The first failure is the one that counts.
    pub(crate) fn end(&self, failure: Failure) {
        let mut state = self.lock();
        let response = match &mut state.phase {
            Phase::Ended(..) => return,
            Phase::Responded(response) => Some(response.clone()),
            Phase::Ready(response) => response.take(),
            Phase::Init | Phase::Assigned(_) | Phase::Running => None,
        };
        state.phase = Phase::Ended(failure, response);
        self.to_invoker.notify_one();
        self.to_runtime.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
