//! Which work is under way, so that time can be moved ahead when there is none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::LabMs;

/// All work under way.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    begun: u64,
    /// Each piece of work by its number, and until when it pauses.
    working: BTreeMap<u64, Option<LabMs>>,
}

/// A piece of work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Working {
    activity: Arc<Activity>,
    number: u64,
}

/// A pause of a piece of work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Paused<'a>(&'a Working);

impl Activity {
    /// Begins a piece of work.
    pub(crate) fn begin(self: &Arc<Self>) -> Working {
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        state.working.insert(number, None);
        Working {
            activity: Arc::clone(self),
            number,
        }
    }

    /// Whether any work is under way that does not pause until a moment after this one.
    pub(crate) fn is_busy(&self, now: LabMs) -> bool {
        let state = self.lock();
        let mut pauses = state.working.values();
        pauses.any(|until| until.is_none_or(|until| until <= now))
    }

    /// When the first pause ends.
    pub(crate) fn next_due(&self) -> Option<LabMs> {
        self.lock().working.values().flatten().min().copied()
    }

    fn set(&self, number: u64, until: Option<LabMs>) {
        if let Some(pause) = self.lock().working.get_mut(&number) {
            *pause = until;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Working {
    /// The work pauses until this moment at the latest.
    pub(crate) fn paused(&self, until: LabMs) -> Paused<'_> {
        self.activity.set(self.number, Some(until));
        Paused(self)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.activity.lock().working.remove(&self.number);
    }
}

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.0.activity.set(self.0.number, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_pauses_is_not_busy_yet() {
        let activity = Arc::new(Activity::default());
        assert!(!activity.is_busy(LabMs(0)));
        let one = activity.begin();
        assert!(activity.is_busy(LabMs(0)));
        let pause = one.paused(LabMs(500));
        assert!(!activity.is_busy(LabMs(499)));
        assert_eq!(activity.next_due(), Some(LabMs(500)));
        assert!(activity.is_busy(LabMs(500)), "the pause is over");
        let two = activity.begin();
        assert!(activity.is_busy(LabMs(0)));
        drop((pause, two));
        assert!(activity.is_busy(LabMs(0)));
        drop(one);
        assert!(!activity.is_busy(LabMs(0)));
        assert_eq!(activity.next_due(), None);
    }
}
