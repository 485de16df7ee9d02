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
pub(super) use table::{Table, read_tags as read_table_tags};

use super::{Difference, Observed, resource};
use crate::naming::{TAG_LAB, TAG_SETTINGS};

/// The tags of something in a lab.
#[derive(Debug, Clone)]
pub(super) struct Tags(pub(super) HashMap<String, String>);

impl Tags {
    fn map(&self) -> HashMap<String, String> {
        self.0.clone()
    }

    /// What is under a name of the lab's, by its tags and by what differs besides: ours, unless
    /// the tag of the lab is not there.
    fn classify(
        &self,
        found: &HashMap<String, String>,
        differences: Vec<Difference>,
        state: impl FnOnce(Vec<Difference>) -> Observed,
    ) -> Observed {
        if found.get(TAG_LAB) != self.0.get(TAG_LAB) {
            return Observed::Foreign(Box::new(state(differences)));
        }
        let mut all = self.differences(found);
        all.extend(differences);
        state(all)
    }

    /// The tags that are not as they should be, sorted. Who made a thing, when and with which
    /// version is only to be there: it does not change.
    fn differences(&self, found: &HashMap<String, String>) -> Vec<Difference> {
        let same = |key: &str, wanted: &String| {
            let found = found.get(key);
            found.is_some_and(|found| key != TAG_SETTINGS || found == wanted)
        };
        let differ = self.0.iter().filter(|(key, wanted)| !same(key, wanted));
        let mut differ: Vec<Difference> = differ
            .map(|(key, wanted)| {
                let found = found.get(key).map_or("", String::as_str);
                Difference::new(format!("{}{key}", resource::TAG), found, wanted)
            })
            .collect();
        differ.sort_by(|one, other| one.setting.cmp(&other.setting));
        differ
    }
}

/// Gathers what differs.
#[derive(Debug, Default)]
struct Comparison(Vec<Difference>);

impl Comparison {
    /// Compares one setting.
    fn of(&mut self, setting: &str, found: impl ToString, wanted: impl ToString) -> &mut Self {
        let (found, wanted) = (found.to_string(), wanted.to_string());
        if found != wanted {
            self.0.push(Difference::new(setting, found, wanted));
        }
        self
    }

    /// Compares a setting whose values are too long to tell.
    fn is(&mut self, setting: &str, same: bool) -> &mut Self {
        if !same {
            let difference = Difference::new(setting, "another", "the lab's");
            self.0.push(difference);
        }
        self
    }
}

/// Whether one of the differences is about this setting.
fn about(differences: &[Difference], setting: &str) -> bool {
    differences.iter().any(|one| one.setting == setting)
}

/// A number for comparison; empty where there is none.
fn or_none(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::TAG_OWNER;

    fn tags<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn what_lacks_the_labs_tag_is_not_the_labs() {
        let wanted = Tags(tags([(TAG_LAB, "default")]));
        let classify = |found| wanted.classify(&found, Vec::new(), Observed::ours);
        let foreign = Observed::Foreign(Box::new(Observed::InSync));
        assert_eq!(classify(tags([])), foreign);
        assert_eq!(classify(tags([(TAG_LAB, "ann")])), foreign);
        assert_eq!(
            classify(tags([(TAG_LAB, "default"), ("x", "y")])),
            Observed::InSync
        );
    }

    #[test]
    fn of_the_other_tags_only_the_settings_must_be_as_wanted() {
        let wanted = Tags(tags([
            (TAG_LAB, "default"),
            (TAG_OWNER, "user/ann"),
            (TAG_SETTINGS, "memory=128"),
        ]));
        let found = tags([
            (TAG_LAB, "default"),
            (TAG_OWNER, "user/bob"),
            (TAG_SETTINGS, "usual"),
        ]);
        let settings = Difference::new("tag orders-lab:settings", "usual", "memory=128");
        assert_eq!(wanted.differences(&found), std::slice::from_ref(&settings));
        let owner = Difference::new("tag orders-lab:owner", "", "user/ann");
        let found = tags([(TAG_LAB, "default"), (TAG_SETTINGS, "usual")]);
        assert_eq!(wanted.differences(&found), [owner, settings]);
    }
}
