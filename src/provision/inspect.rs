//! Inspects the resources of a stack, and changes nothing.

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::wait::Waiter;
use super::{AnyResource, Observed, Problem, resource};
use crate::aws::Class;
use crate::ui::Events;

/// How many resources are inspected, or worked on, concurrently.
pub(super) const AT_ONCE: usize = 8;

/// One resource as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Inspected {
    /// The resource's kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What exists, or why that is not known.
    pub observed: Result<Observed, Problem>,
}

impl Inspected {
    /// The resource's id.
    pub(crate) fn id(&self) -> String {
        resource::id(self.kind, &self.name)
    }
}

/// Inspects all of a stack, several resources at a time; returns them in the stack's order.
pub(crate) async fn inspect_all(
    stack: &[Box<dyn AnyResource>],
    events: &Events,
    cancel: &CancellationToken,
) -> Vec<Inspected> {
    let inspections = stack
        .iter()
        .map(|resource| inspect(resource.as_ref(), events, cancel));
    stream::iter(inspections).buffered(AT_ONCE).collect().await
}

async fn inspect(
    resource: &dyn AnyResource,
    events: &Events,
    cancel: &CancellationToken,
) -> Inspected {
    let waiter = Waiter::new(resource.id(), events.clone(), cancel.clone());
    Inspected {
        kind: resource.kind(),
        name: resource.name(),
        observed: observe(resource, &waiter).await,
    }
}

/// Inspects one resource. This takes several calls; a resource deleted between two of them counts as
/// absent.
pub(super) async fn observe(
    resource: &dyn AnyResource,
    waiter: &Waiter,
) -> Result<Observed, Problem> {
    match waiter.call(|| resource.inspect()).await {
        Err(problem) if problem.is(Class::NotFound) => Ok(Observed::Absent),
        observed => observed,
    }
}
