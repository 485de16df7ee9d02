//! Comparison of what is found with what is wanted, setting by setting and tag by tag.

use std::collections::HashMap;

use crate::naming::{TAG_LAB, TAG_SETTINGS};
use crate::provision::resource::{self, Difference, Observed};

/// The wanted tags of a resource.
#[derive(Debug, Clone)]
pub(in crate::provision) struct Tags(pub(in crate::provision) HashMap<String, String>);

impl Tags {
    pub(super) fn map(&self) -> HashMap<String, String> {
        self.0.clone()
    }

    /// Classifies a resource by the tags found on it and by what else differs: it belongs to the lab
    /// if it has the lab's tag.
    pub(super) fn classify(
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

    /// The tags that are not as wanted, sorted. Owner, creation time and version must only exist:
    /// they record how the resource was created.
    fn differences(&self, found: &HashMap<String, String>) -> Vec<Difference> {
        let is_same = |key: &str, wanted: &String| {
            let value = found.get(key);
            value.is_some_and(|value| key != TAG_SETTINGS || value == wanted)
        };
        let mut differences: Vec<Difference> = self
            .0
            .iter()
            .filter(|(key, wanted)| !is_same(key, wanted))
            .map(|(key, wanted)| {
                let value = found.get(key).map_or("", String::as_str);
                Difference::new(format!("{}{key}", resource::TAG), value, wanted)
            })
            .collect();
        differences.sort_by(|one, other| one.setting.cmp(&other.setting));
        differences
    }
}

/// Collects differences.
#[derive(Debug, Default)]
pub(super) struct Comparison(pub(super) Vec<Difference>);

impl Comparison {
    /// Compares one setting.
    pub(super) fn of(
        &mut self,
        setting: &str,
        found: impl ToString,
        wanted: impl ToString,
    ) -> &mut Self {
        let (found, wanted) = (found.to_string(), wanted.to_string());
        if found != wanted {
            self.0.push(Difference::new(setting, found, wanted));
        }
        self
    }

    /// Compares a setting whose values are too long to show.
    pub(super) fn is(&mut self, setting: &str, same: bool) -> &mut Self {
        if !same {
            let difference = Difference::new(setting, "another", "the lab's");
            self.0.push(difference);
        }
        self
    }
}

/// Whether one of the differences is about this setting.
pub(super) fn about(differences: &[Difference], setting: &str) -> bool {
    differences.iter().any(|one| one.setting == setting)
}

/// A number as text; empty for `None`.
pub(super) fn or_none(number: Option<impl ToString>) -> String {
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
    fn the_labs_tag_decides_ownership() {
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
    fn only_the_settings_tag_must_match() {
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
