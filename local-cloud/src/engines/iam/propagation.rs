//! Changes to roles on their way: IAM answers at once with what was written, and the services
//! that ask about a role see it later.

use std::collections::HashMap;

use super::roles::{Iam, ROLES, Role};
use crate::clock::LabMs;
use crate::storage::Change;

/// Roles that not everybody sees as they are, by their names in lower case. Kept in memory
/// alone: a restart finds everybody up to date.
#[derive(Debug, Default)]
pub struct Stale(HashMap<Vec<u8>, Old>);

#[derive(Debug)]
struct Old {
    until: LabMs,
    /// `None` for a role that is new.
    role: Option<Role>,
}

impl Stale {
    /// The roles among the changes are seen as they were `before`, until then.
    pub fn note(&mut self, before: &Iam, changes: &[Change], until: LabMs, now: LabMs) {
        self.0.retain(|_, old| now < old.until);
        for change in changes.iter().filter(|change| change.collection == ROLES) {
            let name = String::from_utf8_lossy(&change.key).into_owned();
            let old = self.0.entry(change.key.clone()).or_insert_with(|| Old {
                until,
                role: before.role(&name).ok().cloned(),
            });
            old.until = old.until.max(until);
        }
    }

    /// The role as services see it: as it is, as it was, or not yet.
    pub fn seen<'a>(&'a self, role: &'a Role, now: LabMs) -> Option<&'a Role> {
        match self.0.get(role.name.to_ascii_lowercase().as_bytes()) {
            Some(old) if now < old.until => {
                // Where another role had the name, nobody takes one for the other.
                old.role.as_ref().filter(|old| old.id == role.id)
            }
            _ => Some(role),
        }
    }
}
