//! Tags of functions and mappings, by their ARNs.

use std::collections::BTreeMap;

use super::{Outcome, Registry, not_found, validate};
use crate::error::AwsError;
use crate::storage::Change;

impl Registry {
    /// A resource's tags.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn tags(&self, arn: &str) -> Result<&BTreeMap<String, String>, AwsError> {
        match mapping_id(arn) {
            Some(uuid) => {
                let mapping = self.mappings.get(uuid).filter(|one| one.arn == arn);
                let missing = || not_found(format!("Event source mapping not found: {arn}"));
                Ok(&mapping.ok_or_else(missing)?.tags)
            }
            None => Ok(&self.function(arn)?.tags),
        }
    }

    /// Adds tags to a resource.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `InvalidParameterValueException`.
    pub fn tag(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Outcome<()> {
        self.retag(arn, |all| all.extend(tags))
    }

    /// Removes tags from a resource; keys that it does not have are passed over.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn untag(&mut self, arn: &str, keys: &[String]) -> Outcome<()> {
        self.retag(arn, |all| all.retain(|key, _| !keys.contains(key)))
    }

    fn retag(
        &mut self,
        arn: &str,
        edit: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Outcome<()> {
        let mut tags = self.tags(arn)?.clone();
        edit(&mut tags);
        validate::tags(&tags)?;
        let change: Change = match mapping_id(arn) {
            Some(uuid) => {
                let mapping = self.mapping_mut(uuid)?;
                mapping.tags = tags;
                mapping.put()
            }
            None => {
                let function = self.function_mut(arn)?;
                function.tags = tags;
                function.put()
            }
        };
        Ok(((), vec![change]))
    }
}

fn mapping_id(arn: &str) -> Option<&str> {
    let (_, uuid) = arn.split_once(":event-source-mapping:")?;
    Some(uuid)
}
