//! The operations that a run chooses from.

use super::{Outcome, World};

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A queue is made, perhaps once more.
    Create,
    /// A queue is deleted.
    DeleteQueue,
    /// A queue is purged.
    Purge,
    /// A queue's attributes are set.
    Set,
    /// Up to ten messages are sent in one request.
    Send,
    /// Up to ten messages are received.
    Receive,
    /// Up to ten messages are deleted in one request.
    Delete,
    /// A message's visibility is changed.
    Visibility,
    /// A mapping takes messages, or closes its batch.
    Poll,
    /// A function ends.
    Finish,
    /// A mapping is switched on or off.
    Toggle,
    /// A move task is started.
    StartTask,
    /// A move task is cancelled.
    CancelTask,
    /// The driver's timer.
    Tick,
    /// Time passes.
    Pass,
    /// Time passes to just before, at or after the next deadline, and the timer rings; or to
    /// the next message that is too old.
    Deadline,
    /// A clock jumps.
    Jump,
    /// The journal writes some of what waits.
    Write,
    /// The process is killed and started again.
    Crash,
    /// The process is stopped in order and started again.
    Restart,
}

/// All operations with their usual weights.
pub(crate) const OPERATIONS: &[(Operation, u64)] = &[
    (Operation::Create, 6),
    (Operation::DeleteQueue, 1),
    (Operation::Purge, 1),
    (Operation::Set, 6),
    (Operation::Send, 25),
    (Operation::Receive, 40),
    (Operation::Delete, 15),
    (Operation::Visibility, 10),
    (Operation::Poll, 30),
    (Operation::Finish, 20),
    (Operation::Toggle, 2),
    (Operation::StartTask, 4),
    (Operation::CancelTask, 1),
    (Operation::Tick, 8),
    (Operation::Pass, 20),
    (Operation::Deadline, 20),
    (Operation::Jump, 2),
    (Operation::Write, 10),
    (Operation::Crash, 3),
    (Operation::Restart, 1),
];

impl World {
    pub(crate) fn operate(&mut self, operation: Operation) -> Outcome<()> {
        match operation {
            Operation::Create => self.create(),
            Operation::DeleteQueue => self.delete_queue(),
            Operation::Purge => self.purge(),
            Operation::Set => self.set(),
            Operation::Send => self.send(),
            Operation::Receive => self.receive(),
            Operation::Delete => self.delete(),
            Operation::Visibility => self.visibility(),
            Operation::Poll => self.poll(),
            Operation::Finish => self.finish(),
            Operation::Toggle => self.toggle(),
            Operation::StartTask => self.start_task(),
            Operation::CancelTask => self.cancel_task(),
            Operation::Tick => self.tick(),
            Operation::Pass => self.pass(),
            Operation::Deadline => self.deadline(),
            Operation::Jump => self.jump(),
            Operation::Write => self.write(),
            Operation::Crash => self.crash(),
            Operation::Restart => self.restart(),
        }
    }
}
