//! Creates, updates and removes a lab: a list of resources with their dependencies, and one runner
//! that works on them concurrently. [`settings`] are a lab's settings, [`stack`](mod@stack) its
//! resources; each kind of resource is one file of `resources`. [`inspect_all`], [`apply`] and
//! [`verify`] work on any stack.

pub mod apply;
pub mod builds;
pub mod changes;
pub mod graph;
pub mod inspect;
pub mod lab_costs;
mod lab_settings;
pub mod labs;
pub mod operator;
pub mod policy;
mod problem;
pub mod resource;
mod resources;
pub mod setting_args;
pub mod settings;
pub mod stack;
pub mod summary;
pub mod verify;
pub mod wait;

pub use apply::{ApplyReport, Direction, ResourceResult, apply};
pub use inspect::{Inspected, inspect_all};
pub use lab_settings::lab_settings;
pub use problem::Problem;
pub use resource::{AnyResource, Described, Difference, Observed, Outcome, Resource};
pub use settings::LabSettings;
