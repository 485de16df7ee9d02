//! The tags of resources, which the services that have them tell.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// The tags of the resource with an ARN.
pub(super) type TagsOf = Box<dyn Fn(&str) -> BTreeMap<String, String> + Send + Sync>;

/// Who tells the tags of resources. While nobody does, they are unknown.
#[derive(Default)]
pub(super) struct ResourceTags(OnceLock<TagsOf>);

impl ResourceTags {
    /// Sets who tells the tags. Only the first call has an effect.
    pub(super) fn set(&self, tags_of: TagsOf) {
        let _ = self.0.set(tags_of);
    }

    /// The tags of the resource with this ARN; `None` where they are unknown.
    pub(super) fn get(&self, arn: &str) -> Option<BTreeMap<String, String>> {
        self.0.get().map(|tags_of| tags_of(arn))
    }
}

impl fmt::Debug for ResourceTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceTags").finish_non_exhaustive()
    }
}
