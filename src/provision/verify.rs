//! Verifies after a removal that everything is gone: by name, by tag, and again after delayed log
//! writes could have recreated a log group.

use std::fmt::Display;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use super::labs::tagged;
use super::wait::{WaitReason, Waiter};
use super::{AnyResource, Inspected, Observed, Problem, inspect_all};
use crate::aws::{Answer as _, Class, MayBeAbsent as _};
use crate::context::Context;

/// The pause between two checks for recreated log groups.
const PAUSE: Duration = Duration::from_millis(500);
/// Something deleted may be shown once more by a server that does not know of it yet.
const STILL_SHOWN: WaitReason = WaitReason::new("AWS still shows it", 60);

/// What was verified after a removal.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RemovalReport {
    /// The resources that are gone.
    pub gone: Vec<Verified>,
    /// What is left.
    pub left: Vec<Remaining>,
    /// Why resources were not looked for by tag; `null` where they were.
    pub not_by_tag: Option<String>,
    /// For how long the log groups were watched, because delayed log writes may recreate them, in
    /// seconds.
    pub watched_seconds: f64,
}

/// A resource that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Verified {
    /// The kind.
    pub kind: &'static str,
    /// The name.
    pub name: String,
}

/// Something that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Remaining {
    /// Its id or its ARN.
    pub what: String,
    /// Why it is left.
    pub reason: String,
}

/// Watches the log groups for `window` and removes those that are recreated, then checks everything.
///
/// # Errors
/// When the user interrupts, or the credentials have expired.
pub(crate) async fn verify(
    context: &Context<'_>,
    stack: &[Box<dyn AnyResource>],
    window: Duration,
) -> Result<RemovalReport, Problem> {
    let began = Instant::now();
    watch(context, stack, began + window).await?;
    let watched_seconds = began.elapsed().as_secs_f64();
    let found = inspect_all(stack, context.events(), context.cancel()).await;
    let (mut gone, mut left) = (Vec::new(), Vec::new());
    for (one, resource) in found.into_iter().zip(stack) {
        let what = one.id();
        match why_left(context, &one, resource.as_ref()).await? {
            None => gone.push(Verified {
                kind: one.kind,
                name: one.name,
            }),
            Some(reason) => left.push(Remaining { what, reason }),
        }
    }
    let not_by_tag = match find_by_tag(context).await {
        Ok(found) => {
            left.extend(found);
            None
        }
        Err(problem) if is_fatal(&problem) => return Err(problem),
        Err(problem) => Some(problem.to_string()),
    };
    Ok(RemovalReport {
        gone,
        left,
        not_by_tag,
        watched_seconds,
    })
}

/// Whether a problem ends the verification, not only the check of one resource.
fn is_fatal(problem: &Problem) -> bool {
    matches!(problem, Problem::Interrupted) || problem.is(Class::Credentials)
}

/// Why a resource is not gone; `None` where it is.
async fn why_left(
    context: &Context<'_>,
    found: &Inspected,
    resource: &dyn AnyResource,
) -> Result<Option<String>, Problem> {
    match &found.observed {
        Ok(Observed::Absent) => return Ok(None),
        Ok(observed) => {
            if let Some(problem) = observed.ownership_problem() {
                return Ok(Some(problem.to_string()));
            }
        }
        // The inspection has waited for the service to recover. Another one would wait as long again.
        Err(Problem::Call(failure))
            if failure.class == Class::Unreachable && failure.code.is_some() =>
        {
            return Ok(Some(not_known(failure)));
        }
        Err(_) => {}
    }
    let waiter = waiter(context, resource.id());
    let is_gone = || async { Ok(resource.inspect().await? == Observed::Absent) };
    match waiter.until(&STILL_SHOWN, is_gone).await {
        Ok(()) => Ok(None),
        Err(problem) if is_fatal(&problem) => Err(problem),
        Err(Problem::Waited(_)) => Ok(Some("it still exists".to_owned())),
        Err(problem) if problem.is(Class::NotFound) => Ok(None),
        Err(problem) => Ok(Some(not_known(&problem))),
    }
}

fn not_known(problem: &dyn Display) -> String {
    format!("it is not known whether it is gone: {problem}")
}

fn waiter(context: &Context<'_>, task: String) -> Waiter {
    Waiter::new(task, context.events().clone(), context.cancel().clone())
}

/// Watches for log groups that delayed writes of the lab's functions recreate. Such a group has no
/// tag, but its name was the lab's a moment ago, so it is removed again.
async fn watch(
    context: &Context<'_>,
    stack: &[Box<dyn AnyResource>],
    ends: Instant,
) -> Result<(), Problem> {
    let log_groups: Vec<_> = stack.iter().filter(|one| one.is_removed_last()).collect();
    while Instant::now() < ends {
        for resource in &log_groups {
            let waiter = waiter(context, resource.id());
            if waiter.call(|| resource.inspect()).await? != Observed::Absent {
                let name = resource.id();
                context.events().note(format!(
                    "A delayed log write recreated {name}; removing it again."
                ));
                match resource.delete(&waiter).await {
                    Err(problem) if !problem.is(Class::NotFound) => return Err(problem),
                    _ => {}
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => return Err(Problem::Interrupted),
        }
    }
    Ok(())
}

/// The resources with the lab's tag and none of its names: those that the lab did not create, and
/// mappings. Those with its names are left out, because they were checked by name, and the tagging
/// service lists deleted resources for a while.
async fn find_by_tag(context: &Context<'_>) -> Result<Vec<Remaining>, Problem> {
    let names = &context.names;
    let known = names.arns();
    let mut left = Vec::new();
    for found in tagged(context, Some(names.lab().as_str())).await? {
        if known.contains(&found.arn) || mapping_is_gone(context, &found.arn).await? {
            continue;
        }
        left.push(Remaining {
            what: found.arn,
            reason: "it has the lab's tag, but is not part of it; remove it by hand, or its tag"
                .to_owned(),
        });
    }
    Ok(left)
}

/// Whether this is the ARN of a mapping that is deleted, or will be in a moment.
async fn mapping_is_gone(context: &Context<'_>, arn: &str) -> Result<bool, Problem> {
    let Some((_, uuid)) = arn.split_once(":event-source-mapping:") else {
        return Ok(false);
    };
    let get = || async {
        let call = context.clients.lambda.get_event_source_mapping();
        let answer = call.uuid(uuid).send().await;
        answer
            .of_call("lambda:GetEventSourceMapping")
            .unless_absent()
    };
    let waiter = waiter(context, format!("event source mapping {uuid}"));
    let Some(found) = waiter.call(get).await? else {
        return Ok(true);
    };
    if found.state() != Some("Deleting") {
        return Ok(false);
    }
    let is_gone = || async { Ok(get().await?.is_none()) };
    match waiter.until(&STILL_SHOWN, is_gone).await {
        Err(Problem::Waited(_)) => Ok(false),
        waited => waited.map(|()| true),
    }
}
