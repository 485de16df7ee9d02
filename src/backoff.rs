//! How long to pause before the next attempt. Pure.

use std::time::Duration;

/// Pauses that grow with the time waited so far, within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    shortest: Duration,
    longest: Duration,
    divisor: u32,
}

impl Backoff {
    /// Pauses of a tenth of the time waited: the whole wait is at most a tenth longer than it
    /// need be. For something that takes an unknown time.
    ///
    /// `shortest` must not be longer than `longest`.
    pub(crate) const fn tenth(shortest: Duration, longest: Duration) -> Self {
        Self {
            shortest,
            longest,
            divisor: 10,
        }
    }

    /// Pauses as long as the time waited, so that the total doubles each time. For a call that
    /// should not be repeated often.
    ///
    /// `shortest` must not be longer than `longest`.
    pub(crate) const fn doubling(shortest: Duration, longest: Duration) -> Self {
        Self {
            shortest,
            longest,
            divisor: 1,
        }
    }

    /// The shortest pause.
    pub(crate) const fn shortest(self) -> Duration {
        self.shortest
    }

    /// The pause after having waited for `waited`.
    pub(crate) fn pause(self, waited: Duration) -> Duration {
        (waited / self.divisor).clamp(self.shortest, self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_grow_within_bounds() {
        let backoff = Backoff::tenth(SECOND, 5 * SECOND);
        for (waited, pause) in [(0, 1), (10, 1), (20, 2), (50, 5), (3600, 5)] {
            assert_eq!(backoff.pause(waited * SECOND), pause * SECOND, "{waited}");
        }
        assert_eq!(backoff.pause(Duration::MAX), 5 * SECOND);
    }

    #[test]
    fn doubling_pauses_double_the_wait() {
        let backoff = Backoff::doubling(SECOND, 60 * SECOND);
        let waits = std::iter::successors(Some(Duration::ZERO), |waited| {
            Some(*waited + backoff.pause(*waited))
        });
        let expected = [0, 1, 2, 4, 8, 16].map(Duration::from_secs);
        assert!(waits.take(6).eq(expected));
    }
}
