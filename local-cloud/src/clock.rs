//! The clock. Nothing else reads the system's.
//!
//! There are two times. *Wall* time is real, and is in every timestamp that a client sees. *Lab*
//! time measures SQS's waits: it runs `speed` times as fast as wall time, and [`Clock::skip`] moves
//! it ahead. Engines get both as a [`Now`] parameter. Deadlines are in lab time, so a wait means the
//! same at any speed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// Milliseconds of real time since the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct WallMs(pub u64);

/// Milliseconds of lab time since the cloud's first start.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct LabMs(pub u64);

impl WallMs {
    /// Whole seconds since the Unix epoch.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl LabMs {
    /// The moment `milliseconds` of lab time later.
    #[must_use]
    pub fn plus_ms(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// The moment `seconds` of lab time later.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

/// One reading of both clocks, handed to every engine command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For timestamps.
    pub wall: WallMs,
    /// For deadlines.
    pub lab: LabMs,
}

/// The stored collection that holds the [`Anchor`].
pub const COLLECTION: &str = "meta";

/// The key of the [`Anchor`] in that collection.
pub const ANCHOR_KEY: &[u8] = b"clock";

/// Lab time at some wall time, stored so that lab time goes on after a restart. It is stored at the
/// start and after each skip; what has passed since follows from wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Wall time of the reading.
    pub wall: WallMs,
    /// Lab time of the reading.
    pub lab: LabMs,
    /// The speed of lab time since then.
    pub speed: u32,
}

impl Anchor {
    /// The stored form.
    ///
    /// # Panics
    /// Never, because three numbers can always be written.
    pub fn to_bytes(self) -> Vec<u8> {
        serde_json::to_vec(&self).expect("three numbers can be written as JSON")
    }

    /// Reads the stored form; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// The running clock.
#[derive(Debug)]
pub struct Clock {
    speed: u32,
    started: Instant,
    state: Mutex<State>,
    skipped: Notify,
}

#[derive(Debug)]
struct State {
    lab_at_start: u64,
}

impl Clock {
    /// Starts a clock that runs `speed` times as fast as real time (at least once), going on
    /// from `anchor` where there is one.
    pub fn start(speed: u32, anchor: Option<Anchor>) -> Self {
        let speed = speed.max(1);
        let lab_at_start = anchor.map_or(0, |anchor| {
            let away = wall_now().0.saturating_sub(anchor.wall.0);
            let ran = away.saturating_mul(u64::from(anchor.speed));
            anchor.lab.0.saturating_add(ran)
        });
        Self {
            speed,
            started: Instant::now(),
            state: Mutex::new(State { lab_at_start }),
            skipped: Notify::new(),
        }
    }

    /// How many seconds of lab time pass in a real second.
    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// Reads both clocks.
    pub fn now(&self) -> Now {
        let ran = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX / 2);
        let ran = ran.saturating_mul(u64::from(self.speed));
        let lab = self.lab_at_start().saturating_add(ran);
        Now {
            wall: wall_now(),
            lab: LabMs(lab),
        }
    }

    /// The reading from which [`Clock::start`] can go on.
    pub fn anchor(&self) -> Anchor {
        let now = self.now();
        Anchor {
            wall: now.wall,
            lab: now.lab,
            speed: self.speed,
        }
    }

    /// Moves lab time ahead and wakes all sleepers, so that waits of up to `lab` end now.
    pub fn skip(&self, lab: Duration) {
        let millis = u64::try_from(lab.as_millis()).unwrap_or(u64::MAX / 2);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.lab_at_start = state.lab_at_start.saturating_add(millis);
        drop(state);
        self.skipped.notify_waiters();
    }

    /// Sleeps until lab time reaches `deadline`, or until time was skipped. Callers read the clock
    /// again afterwards.
    pub async fn sleep_until(&self, deadline: LabMs) {
        let skipped = self.skipped.notified();
        let ahead = deadline.0.saturating_sub(self.now().lab.0);
        let real = Duration::from_millis(ahead.div_ceil(u64::from(self.speed)));
        tokio::select! {
            () = skipped => {}
            () = tokio::time::sleep(real) => {}
        }
    }

    fn lab_at_start(&self) -> u64 {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .lab_at_start
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
fn wall_now() -> WallMs {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    WallMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
