//! The operations that a run chooses from.

use super::{CheckResult, Simulation};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Create a queue, which may exist.
    Create,
    /// Delete a queue.
    DeleteQueue,
    /// Purge a queue.
    Purge,
    /// Set a queue's attributes.
    Set,
    /// Send up to ten messages in one request.
    Send,
    /// Receive up to ten messages.
    Receive,
    /// Delete up to ten messages in one request.
    Delete,
    /// Change a message's visibility timeout.
    Visibility,
    /// Let a mapping lease messages or close its batch.
    Poll,
    /// End an invocation.
    Finish,
    /// Enable or disable a mapping.
    Toggle,
    /// Start a move task.
    StartTask,
    /// Cancel a move task.
    CancelTask,
    /// Run the driver's timer.
    Tick,
    /// Let time pass.
    Wait,
    /// Advance to just before, at or after the next deadline and run the timer, or to the next
    /// expiry.
    Deadline,
    /// Let a clock jump.
    Jump,
    /// Write some pending batches.
    Write,
    /// Kill the process and start it again.
    Crash,
    /// Stop the process cleanly and start it again.
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
    (Operation::Wait, 20),
    (Operation::Deadline, 20),
    (Operation::Jump, 2),
    (Operation::Write, 10),
    (Operation::Crash, 3),
    (Operation::Restart, 1),
];

impl Simulation {
    pub(crate) fn perform(&mut self, operation: Operation) -> CheckResult<()> {
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
            Operation::Wait => self.wait(),
            Operation::Deadline => self.deadline(),
            Operation::Jump => self.jump(),
            Operation::Write => self.write(),
            Operation::Crash => self.crash(),
            Operation::Restart => self.restart(),
        }
    }
}
