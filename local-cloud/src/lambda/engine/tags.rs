//! Tags of functions and mappings, by their ARNs.

use std::collections::BTreeMap;

use super::error::not_found;
use super::registry::{Changes, Outcome, Registry};
use super::validate;
use crate::error::AwsError;

impl Registry {
    /// The ARN of the function or mapping whose tags a request names by `arn`. It may not exist.
    ///
    /// # Errors
    /// For what is not an ARN of this account and region.
    pub fn tagged_arn(&self, arn: &str) -> Result<String, AwsError> {
        match mapping_uuid(arn) {
            Some(uuid) if self.mapping_arn(uuid) == arn => Ok(arn.to_owned()),
            Some(_) => Err(not_found(format!("Event source mapping not found: {arn}"))),
            None => Ok(self.function_arn(self.name_of(arn)?)),
        }
    }

    /// A resource's tags.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn tags(&self, arn: &str) -> Result<&BTreeMap<String, String>, AwsError> {
        match mapping_uuid(arn) {
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
        self.edit_tags(arn, |all| all.extend(tags))
    }

    /// Removes tags from a resource. Keys that it does not have are ignored.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn untag(&mut self, arn: &str, keys: &[String]) -> Outcome<()> {
        self.edit_tags(arn, |all| all.retain(|key, _| !keys.contains(key)))
    }

    fn edit_tags(
        &mut self,
        arn: &str,
        edit: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Outcome<()> {
        let mut tags = self.tags(arn)?.clone();
        edit(&mut tags);
        validate::tags(&tags)?;
        let changes = match mapping_uuid(arn) {
            Some(uuid) => {
                let mapping = self.mapping_mut(uuid)?;
                let before = std::mem::replace(&mut mapping.tags, tags);
                Changes::from(mapping.put()).with_tags(&mapping.arn, &before, &mapping.tags)
            }
            None => {
                let function = self.function_mut(arn)?;
                let before = std::mem::replace(&mut function.tags, tags);
                Changes::from(function.put()).with_tags(&function.arn, &before, &function.tags)
            }
        };
        Ok(((), changes))
    }
}

fn mapping_uuid(arn: &str) -> Option<&str> {
    let (_, uuid) = arn.split_once(":event-source-mapping:")?;
    Some(uuid)
}
