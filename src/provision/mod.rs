//! Builds, completes and removes a lab: a list of resources with what each depends on, and one
//! runner that walks them concurrently. The stack is in [`stack`]; each kind of resource is one
//! file in `resources`; [`run`] knows no AWS.

pub mod graph;
pub mod policy;
pub mod resource;
mod resources;
pub mod run;
pub mod stack;
pub mod wait;

pub use resource::{Observed, Outcome, Problem, Resource};
pub use run::{Direction, Finished, run};
