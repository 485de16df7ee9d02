//! Time, journal writes, crashes and restarts.

use local_cloud::clock::{LabMs, WallMs};
use local_cloud::sqs::engine::{Sqs, StaleView};

use super::{ACCOUNT, CheckResult, REGION, Simulation, ensure};

/// A day in milliseconds.
const DAY: u64 = 86_400_000;

impl Simulation {
    /// Advances both clocks.
    fn advance(&mut self, wall: u64) {
        self.now.wall = WallMs(self.now.wall.0 + wall);
        self.now.lab = LabMs(self.now.lab.0 + wall * self.profile.speed);
    }

    pub(crate) fn wait(&mut self) -> CheckResult<()> {
        let pause = self.rng.below(self.profile.pause + 1);
        self.advance(pause);
        Ok(())
    }

    pub(crate) fn deadline(&mut self) -> CheckResult<()> {
        self.model.advance_to(self.now);
        if self.rng.one_in(6) {
            return self.expiry();
        }
        let Some(due) = self.model.first_deadline() else {
            return Ok(());
        };
        let aim = (due + 1).saturating_sub(self.rng.below(3));
        let ahead = aim.saturating_sub(self.now.lab.0);
        let wall = ahead / self.profile.speed;
        self.now.wall = WallMs(self.now.wall.0 + wall);
        self.now.lab = LabMs(self.now.lab.0 + ahead);
        self.note(|simulation| format!("lab time passes to {}", simulation.now.lab.0));
        self.tick()
    }

    /// Advances to just before, at or after the moment at which a message expires.
    fn expiry(&mut self) -> CheckResult<()> {
        if let Some(old) = self.model.first_expiry() {
            let aim = (old + 1).saturating_sub(self.rng.below(3));
            self.advance(aim.saturating_sub(self.now.wall.0));
            self.note(|simulation| format!("wall time passes to {}", simulation.now.wall.0));
        }
        Ok(())
    }

    pub(crate) fn jump(&mut self) -> CheckResult<()> {
        let far = self
            .rng
            .pick(&[1, 1_000, 30_000, 61_000, 901_000, DAY / 2, 5 * DAY]);
        let far = self.rng.between(far / 2, far);
        match self.rng.below(6) {
            0 => self.now.wall = WallMs(self.now.wall.0 + far),
            1 | 2 => self.now.lab = LabMs(self.now.lab.0 + far),
            3 if self.profile.clocks_go_back => {
                // Expired messages are removed when a queue is accessed; others may then remain.
                let ids: Vec<_> = self.model.queues.keys().copied().collect();
                for id in ids {
                    self.check_queue(id)?;
                }
                self.write_all();
                self.now.wall = WallMs(self.now.wall.0 - far.min(DAY));
            }
            _ => {
                self.now.wall = WallMs(self.now.wall.0 + far);
                self.now.lab = LabMs(self.now.lab.0 + far);
            }
        }
        self.note(|_| "the clocks jumped".to_owned());
        Ok(())
    }

    /// The driver's timer.
    pub(crate) fn tick(&mut self) -> CheckResult<()> {
        let ((), written) = self.command(Sqs::tick)?;
        let engine = &self.engine;
        let views = |name: &str| {
            let arn = format!("{}{name}", super::model::ARN);
            engine
                .list_tasks(&arn, &StaleView::default())
                .map_err(|error| error.to_string())
        };
        self.model.step_tasks(self.now, views)?;
        self.note(|_| "tick".to_owned());
        self.submit(written, |_| {});
        self.check_ticked()
    }

    /// Writes some of the pending batches.
    pub(crate) fn write(&mut self) -> CheckResult<()> {
        let some = self.rng.below(self.journal.pending() as u64 + 1);
        for _ in 0..some {
            self.write_one();
        }
        Ok(())
    }

    /// Kills the process: some pending batches have been written although their replies were not
    /// sent; the rest is lost.
    pub(crate) fn crash(&mut self) -> CheckResult<()> {
        let pending = self.journal.pending();
        let some = match self.rng.below(3) {
            0 => 0,
            1 => pending as u64,
            _ => self.rng.below(pending as u64 + 1),
        };
        self.note(|_| format!("crash: {some} of {pending} pending batches were written"));
        self.restart_after(some)
    }

    /// Writes this many pending batches, loses the others, and starts again.
    fn restart_after(&mut self, written: u64) -> CheckResult<()> {
        for _ in 0..written {
            drop(self.journal.write());
        }
        self.journal.drop_pending();
        let arrivals = self.model.arrivals;
        self.model = self.journal.base.clone();
        self.model.arrivals = arrivals;
        self.start()
    }

    /// Stops the process cleanly and starts it again.
    pub(crate) fn restart(&mut self) -> CheckResult<()> {
        self.write_all();
        self.release_all()?;
        self.write_all();
        self.note(|_| "restart".to_owned());
        self.restart_after(0)
    }

    /// Loads the durable state.
    fn start(&mut self) -> CheckResult<()> {
        let loaded = self.journal.load();
        self.engine = Sqs::load(ACCOUNT, REGION, loaded)
            .map_err(|reason| format!("the journal cannot be loaded: {reason}"))?;
        self.stats.crashes += 1;
        self.generation += 1;
        for mapping in &mut self.mappings {
            mapping.reset();
        }
        self.model.crash();
        for (name, (created, deleted)) in &self.acknowledged {
            ensure!(
                created <= deleted || self.engine.by_name(name).is_ok(),
                "queue {name} is missing although its creation was acknowledged"
            );
        }
        if self.profile.clocks_go_back && self.rng.one_in(4) {
            let lab = self.now.lab.0;
            self.histories
                .values()
                .for_each(|history| history.forget_past_promise(lab));
            let back = self.rng.below(60_000);
            self.now.lab = LabMs(self.now.lab.0.saturating_sub(back));
        } else {
            let down = self.rng.below(self.profile.pause + 1);
            self.advance(down);
        }
        Ok(())
    }
}
