//! Builds, completes and removes a lab: a list of resources with what each depends on, and one
//! runner that walks them concurrently. What a lab may differ in is in [`settings`], its
//! resources with their values in [`stack`], each kind of resource in one file of `resources`;
//! [`survey`] looks and [`run`] acts, and neither knows AWS.

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
pub use resource::{AnyResource, Described, Difference, Observed, Outcome, Problem, Resource};
pub use settings::LabSettings;
