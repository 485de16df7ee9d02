//! Time, the journal's writing, and the end of a process.

use local_cloud::clock::{LabMs, WallMs};
use local_cloud::sqs::engine::{Sqs, StaleView};

use super::{ACCOUNT, Outcome, REGION, World, ensure};

/// A day in milliseconds.
const DAY: u64 = 86_400_000;

impl World {
    /// Both clocks run.
    fn advance(&mut self, wall: u64) {
        self.now.wall = WallMs(self.now.wall.0 + wall);
        self.now.lab = LabMs(self.now.lab.0 + wall * self.profile.speed);
    }

    pub(crate) fn pass(&mut self) -> Outcome<()> {
        let pause = self.chance.below(self.profile.pause + 1);
        self.advance(pause);
        Ok(())
    }

    pub(crate) fn deadline(&mut self) -> Outcome<()> {
        self.model.pass(self.now);
        if self.chance.one_in(6) {
            return self.expiry();
        }
        let Some(due) = self.model.first_deadline() else {
            return Ok(());
        };
        let aim = (due + 1).saturating_sub(self.chance.below(3));
        let ahead = aim.saturating_sub(self.now.lab.0);
        let wall = ahead / self.profile.speed;
        self.now.wall = WallMs(self.now.wall.0 + wall);
        self.now.lab = LabMs(self.now.lab.0 + ahead);
        self.note(|world| format!("time passes to {}", world.now.lab.0));
        self.tick()
    }

    /// Time passes to just before, at or after the moment at which a message is too old.
    fn expiry(&mut self) -> Outcome<()> {
        if let Some(old) = self.model.first_expiry() {
            let aim = (old + 1).saturating_sub(self.chance.below(3));
            self.advance(aim.saturating_sub(self.now.wall.0));
            self.note(|world| format!("wall time passes to {}", world.now.wall.0));
        }
        Ok(())
    }

    pub(crate) fn jump(&mut self) -> Outcome<()> {
        let far = self
            .chance
            .pick(&[1, 1_000, 30_000, 61_000, 901_000, DAY / 2, 5 * DAY]);
        let far = self.chance.between(far / 2, far);
        match self.chance.below(6) {
            0 => self.now.wall = WallMs(self.now.wall.0 + far),
            1 | 2 => self.now.lab = LabMs(self.now.lab.0 + far),
            3 if self.profile.clocks_go_back => {
                // What is seen to be too old is gone for good; what is not may stay.
                let ids: Vec<_> = self.model.queues.keys().copied().collect();
                for id in ids {
                    self.look(id)?;
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

    /// The driver's timer: what is due happens.
    pub(crate) fn tick(&mut self) -> Outcome<()> {
        let ((), written) = self.command(Sqs::tick)?;
        let engine = &self.engine;
        let views = |name: &str| {
            let tasks = engine.list_tasks(
                &format!("{}{name}", super::model::ARN),
                &StaleView::default(),
            );
            tasks.map_err(|error| error.to_string())
        };
        self.model.step_tasks(self.now, views)?;
        self.note(|_| "tick".to_owned());
        self.submit(written, |_| {});
        self.check_ticked()
    }

    /// The journal writes some of what waits.
    pub(crate) fn write(&mut self) -> Outcome<()> {
        let some = self.chance.below(self.journal.waiting() as u64 + 1);
        for _ in 0..some {
            self.write_one();
        }
        Ok(())
    }

    /// The process is killed: some of what waits was written though nobody heard of it, the rest
    /// is lost.
    pub(crate) fn crash(&mut self) -> Outcome<()> {
        let waiting = self.journal.waiting();
        let some = match self.chance.below(3) {
            0 => 0,
            1 => waiting as u64,
            _ => self.chance.below(waiting as u64 + 1),
        };
        self.note(|_| format!("crash: {some} of {waiting} that wait were written"));
        self.die(some)
    }

    /// Ends with so many of the waiting batches written, and starts again.
    fn die(&mut self, written: u64) -> Outcome<()> {
        for _ in 0..written {
            drop(self.journal.write());
        }
        self.journal.lose();
        let arrivals = self.model.arrivals;
        self.model = self.journal.base.clone();
        self.model.arrivals = arrivals;
        self.start()
    }

    /// The process is stopped in order.
    pub(crate) fn restart(&mut self) -> Outcome<()> {
        self.write_all();
        self.release_all()?;
        self.write_all();
        self.note(|_| "restart".to_owned());
        self.die(0)
    }

    /// Starts from what is durable.
    fn start(&mut self) -> Outcome<()> {
        let loaded = self.journal.load();
        self.engine = Sqs::load(ACCOUNT, REGION, loaded)
            .map_err(|reason| format!("what was written cannot be read: {reason}"))?;
        self.done.crashes += 1;
        self.life += 1;
        for mapping in &mut self.mappings {
            mapping.forget();
        }
        self.model.crash();
        for (name, (promise, doubt)) in &self.promised {
            ensure!(
                promise <= doubt || self.engine.by_name(name).is_ok(),
                "queue {name} is gone though its making was acknowledged"
            );
        }
        if self.profile.clocks_go_back && self.chance.one_in(4) {
            let lab = self.now.lab.0;
            self.known
                .values()
                .for_each(|ident| ident.forget_promise(lab));
            let back = self.chance.below(60_000);
            self.now.lab = LabMs(self.now.lab.0.saturating_sub(back));
        } else {
            let down = self.chance.below(self.profile.pause + 1);
            self.advance(down);
        }
        Ok(())
    }
}
