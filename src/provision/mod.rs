//! Creates, updates and removes a lab: a list of resources with their dependencies, and one runner
//! that works on them concurrently. [`settings`] are a lab's settings, [`stack`](mod@stack) its
//! resources; each kind of resource is one file of `resources`. [`inspect_all`], [`apply`] and
//! [`verify`] work on any stack.

pub(crate) mod apply;
pub(crate) mod builds;
pub(crate) mod changes;
pub(crate) mod graph;
pub(crate) mod inspect;
pub(crate) mod lab_costs;
mod lab_settings;
pub(crate) mod labs;
pub(crate) mod operator;
pub(crate) mod policy;
mod problem;
pub(crate) mod resource;
mod resources;
pub(crate) mod script;
pub(crate) mod setting_args;
pub(crate) mod settings;
pub(crate) mod stack;
pub(crate) mod summary;
pub(crate) mod verify;
pub(crate) mod wait;

pub(crate) use apply::{ApplyReport, Direction, ResourceResult, apply, dry_run};
pub(crate) use inspect::{Inspected, inspect_all};
pub(crate) use lab_settings::lab_settings;
pub(crate) use problem::Problem;
pub(crate) use resource::{AnyResource, Difference, Observed, Outcome, Resource};
pub(crate) use settings::LabSettings;
