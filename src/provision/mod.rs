//! Builds, completes and removes a lab: a list of resources with what each depends on, and one
//! runner that walks them concurrently. What a lab may differ in is in [`settings`], its
//! resources with their values in [`stack`], each kind of resource in one file of `resources`;
//! [`survey`] looks and [`run`] acts, and neither knows AWS.

pub mod builds;
pub mod certify;
pub mod changes;
pub mod graph;
pub mod labs;
pub mod operator;
pub mod policy;
mod recorded;
pub mod resource;
mod resources;
pub mod run;
pub mod settings;
pub mod stack;
pub mod summary;
pub mod survey;
pub mod wait;

pub use recorded::recorded;
pub use resource::{AnyResource, Described, Difference, Observed, Outcome, Problem, Resource};
pub use run::{Direction, Finished, Walk, run};
pub use settings::Settings;
pub use survey::{Found, survey};
