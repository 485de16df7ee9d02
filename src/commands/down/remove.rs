//! Removes one lab and verifies that it is gone.

use std::time::Duration;

use super::contents::Contents;
use crate::aws::Class;
use crate::context::Context;
use crate::error::CommandError;
use crate::provision::stack::stack;
use crate::provision::verify::{RemovalReport, verify};
use crate::provision::{ApplyReport, Direction, LabSettings, Outcome, apply, summary};

/// For how long after a function's removal a delayed log write may recreate its log group, in lab
/// time. Writes are delayed by seconds. The lab's own roles may not create groups, so this is a
/// precaution against roles that were changed.
const LATE_WRITES: Duration = Duration::from_secs(10);

/// What is said where the user declines.
pub(super) const NOT_REMOVED: &str = "nothing was removed";

/// The removal of a lab.
pub(super) struct Removal {
    /// What the lab held before; `None` where that is not known.
    pub(super) held: Option<Contents>,
    /// Why that could not be read.
    pub(super) not_counted: Option<String>,
    pub(super) applied: ApplyReport,
    /// What was verified afterwards; `None` where not everything was removed.
    pub(super) verified: Option<RemovalReport>,
}

impl Removal {
    /// Whether any part of the lab existed.
    pub(super) fn was_there(&self) -> bool {
        let mut outcomes = self.applied.resources.iter().map(|end| &end.outcome);
        !outcomes.all(|outcome| matches!(outcome, Some(Ok(Outcome::Absent))))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.verified
            .as_ref()
            .is_some_and(|verified| verified.left.is_empty())
    }
}

/// Removes a lab, verifies that it is gone, and then deletes its record.
///
/// # Errors
/// When the user interrupts, or the credentials are invalid.
pub(super) async fn remove(context: &Context<'_>) -> Result<Removal, CommandError> {
    let stack = stack(context, &LabSettings::default(), None);
    let (events, cancel) = (context.events(), context.cancel());
    // Not to know it is no reason not to remove it.
    let (held, not_counted) = match Contents::read(context).await {
        Ok(held) => (held, None),
        Err(failure) if failure.class == Class::Credentials => return Err(failure.into()),
        Err(failure) => (None, Some(failure.to_string())),
    };
    let applied = apply(&stack, Direction::Down, events, cancel).await;
    summary::stop_early(&applied, cancel.is_cancelled(), &context.command("down"))?;
    let through = applied
        .resources
        .iter()
        .all(|end| matches!(end.outcome, Some(Ok(_))));
    let mut removal = Removal {
        held,
        not_counted,
        applied,
        verified: None,
    };
    if !through {
        return Ok(removal);
    }
    let window = window(context, &removal.applied).await;
    if !window.is_zero() {
        events.note(format!(
            "Watching for {:.1} s whether a delayed log write recreates a log group.",
            window.as_secs_f64()
        ));
    }
    let verified = verify(context, &stack, window).await.map_err(|problem| {
        let error = CommandError::from(problem);
        error.hint(format!(
            "Everything was removed, but this is not verified; {} again verifies it.",
            context.command("down")
        ))
    })?;
    removal.verified = Some(verified);
    if removal.is_whole() {
        context.forget()?;
    }
    Ok(removal)
}

/// For how long to watch the log groups: until delayed writes of the removed functions have arrived,
/// and not at all where none was removed or nothing is delayed.
async fn window(context: &Context<'_>, applied: &ApplyReport) -> Duration {
    let removed = applied
        .resources
        .iter()
        .filter(|end| end.kind == "function" && matches!(end.outcome, Some(Ok(Outcome::Deleted))));
    let Some(last) = removed.map(|end| end.began + end.milliseconds).max() else {
        return Duration::ZERO;
    };
    let since = Duration::from_millis(applied.milliseconds.saturating_sub(last));
    let Some(local) = &context.local else {
        return LATE_WRITES.saturating_sub(since);
    };
    match local.control().status().await {
        Ok(status) if status.chaos.is_off() => Duration::ZERO,
        _ => (LATE_WRITES / context.speed()).saturating_sub(since),
    }
}
