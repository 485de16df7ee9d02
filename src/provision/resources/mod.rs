//! The kinds of resources, one file each, and the tags they bear.

mod function;
mod log_group;
mod mapping;
mod queue;
mod role;
mod table;

use std::collections::HashMap;

pub(super) use function::Function;
pub(super) use log_group::LogGroup;
pub(super) use mapping::Mapping;
pub(super) use queue::Queue;
pub(super) use role::Role;
pub(super) use table::Table;

use super::Observed;
use crate::naming::TAG_LAB;

/// The tags of everything in a lab.
#[derive(Debug, Clone)]
pub(super) struct Tags(pub(super) HashMap<String, String>);

impl Tags {
    fn map(&self) -> HashMap<String, String> {
        self.0.clone()
    }

    /// Whether a thing that bears this value of the lab's tag is this lab's.
    fn are_on(&self, lab: Option<&str>) -> bool {
        lab.is_some() && self.0.get(TAG_LAB).map(String::as_str) == lab
    }

    fn are_in(&self, found: &HashMap<String, String>) -> bool {
        self.are_on(found.get(TAG_LAB).map(String::as_str))
    }
}

fn drifted(differences: Vec<String>) -> Observed {
    if differences.is_empty() {
        Observed::InSync
    } else {
        Observed::Drifted(differences)
    }
}

/// The names of the settings that are not as wanted.
fn differences(pairs: &[(&str, bool)]) -> Vec<String> {
    let differ = pairs.iter().filter(|(_, same)| !same);
    differ.map(|(name, _)| (*name).to_owned()).collect()
}
