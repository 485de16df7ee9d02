//! Commands on event source mappings.

use std::collections::BTreeMap;

use super::due::Due;
use super::error::{conflict, invalid, not_found};
use super::filter::FilterCriteria;
use super::mapping::{Mapping, MappingSettings, MappingState, NewMapping};
use super::registry::{Changes, Outcome, Registry};
use super::validate;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;

impl Registry {
    /// All mappings by their UUIDs.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.values()
    }

    /// The mapping with this UUID.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn mapping(&self, uuid: &str) -> Result<&Mapping, AwsError> {
        self.mappings.get(uuid).ok_or_else(no_mapping)
    }

    pub(super) fn mapping_mut(&mut self, uuid: &str) -> Result<&mut Mapping, AwsError> {
        self.mappings.get_mut(uuid).ok_or_else(no_mapping)
    }

    /// Creates a mapping.
    ///
    /// # Errors
    /// `ResourceConflictException` when queue and function have one,
    /// `InvalidParameterValueException`, `ResourceNotFoundException`.
    pub fn create_mapping(
        &mut self,
        new: NewMapping,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<Mapping> {
        let uuid = ids.uuid();
        let name = self.name_of(&new.function)?.to_owned();
        let mut mapping = Mapping {
            arn: self.mapping_arn(&uuid),
            uuid,
            queue_arn: new.queue_arn,
            function_arn: self.function_arn(&name),
            function_name: name,
            enabled: true,
            state: MappingState::Creating,
            batch_size: 10,
            window_seconds: 0,
            report_failures: false,
            maximum_concurrency: None,
            filters: FilterCriteria::default(),
            last_processing_result: None,
            tags: new.tags,
            modified: now.wall,
            due: Due::after(now, self.times.mapping_ms),
        };
        validate::tags(&mapping.tags)?;
        mapping.apply(&new.settings)?;
        self.check_ends(&mapping, new.visibility_timeout)?;
        self.check_unique(&mapping)?;
        let changes =
            Changes::from(mapping.put()).with_tags(&mapping.arn, &BTreeMap::new(), &mapping.tags);
        self.mappings.insert(mapping.uuid.clone(), mapping.clone());
        Ok((mapping, changes))
    }

    /// Changes a mapping. `function` is a name or ARN, if it is to invoke another function.
    ///
    /// # Errors
    /// `ResourceInUseException` while it is changing, and those of [`Registry::create_mapping`].
    pub fn update_mapping(
        &mut self,
        uuid: &str,
        function: Option<&str>,
        settings: &MappingSettings,
        visibility_timeout: Option<u32>,
        now: Now,
    ) -> Outcome<Mapping> {
        let before = self.mapping(uuid)?;
        before.check_settled("update")?;
        let mut mapping = before.clone();
        if let Some(function) = function {
            self.name_of(function)?
                .clone_into(&mut mapping.function_name);
            mapping.function_arn = self.function_arn(&mapping.function_name);
        }
        mapping.apply(settings)?;
        // A mapping can be disabled when its queue or function is gone.
        if mapping.enabled || function.is_some() {
            self.check_ends(&mapping, visibility_timeout)?;
            self.check_unique(&mapping)?;
        }
        mapping.state = match (before.enabled, mapping.enabled) {
            (false, true) => MappingState::Enabling,
            (true, false) => MappingState::Disabling,
            _ => MappingState::Updating,
        };
        mapping.modified = now.wall;
        mapping.due = Due::after(now, self.times.mapping_ms);
        let changes = Changes::from(mapping.put());
        self.mappings.insert(mapping.uuid.clone(), mapping.clone());
        Ok((mapping, changes))
    }

    /// Begins to delete a mapping; [`Registry::mapping_drained`] ends it.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ResourceInUseException` while it is changing.
    pub fn delete_mapping(&mut self, uuid: &str, now: Now) -> Outcome<Mapping> {
        let due = Due::after(now, self.times.mapping_ms);
        let mapping = self.mapping_mut(uuid)?;
        mapping.check_settled("delete")?;
        mapping.state = MappingState::Deleting;
        mapping.enabled = false;
        mapping.modified = now.wall;
        mapping.due = due;
        let changes = Changes::from(mapping.put());
        Ok((mapping.clone(), changes))
    }

    /// Ends the transitions that are due of mappings that will poll, or poll with new settings.
    /// Those that stop wait for [`Registry::mapping_drained`].
    ///
    /// # Errors
    /// None.
    pub fn settle_mappings(&mut self, now: Now) -> Outcome<()> {
        let mut changes = Vec::new();
        for mapping in self.mappings.values_mut() {
            if mapping.state.is_starting() && mapping.due.is_reached(now) {
                let state = mapping.settled_state();
                changes.push(mapping.settle(state, now));
            }
        }
        Ok(((), Changes::from(changes)))
    }

    /// Ends the disabling or deletion of a mapping, when the driver reports that its last batch
    /// has ended. Ignores a mapping in another state, and one that is not due yet.
    ///
    /// # Errors
    /// None.
    pub fn mapping_drained(&mut self, uuid: &str, now: Now) -> Outcome<()> {
        let Some(mapping) = self.mappings.get_mut(uuid) else {
            return Ok(((), Changes::default()));
        };
        let changes = match mapping.state {
            _ if !mapping.due.is_reached(now) => Changes::default(),
            MappingState::Disabling => Changes::from(mapping.settle(MappingState::Disabled, now)),
            MappingState::Deleting => {
                let changes = Changes::from(mapping.delete()).with_tags(
                    &mapping.arn,
                    &mapping.tags,
                    &BTreeMap::new(),
                );
                self.mappings.remove(uuid);
                changes
            }
            _ => Changes::default(),
        };
        Ok(((), changes))
    }

    /// Sets a mapping's `LastProcessingResult`.
    pub fn set_processing_result(&mut self, uuid: &str, result: &str) {
        if let Some(mapping) = self.mappings.get_mut(uuid) {
            mapping.last_processing_result = Some(result.to_owned());
        }
    }

    /// Checks that queue and function exist and their timeouts fit.
    fn check_ends(
        &self,
        mapping: &Mapping,
        visibility_timeout: Option<u32>,
    ) -> Result<(), AwsError> {
        let Some(function) = self.functions.get(&mapping.function_name) else {
            return Err(invalid("Function does not exist"));
        };
        let Some(visibility) = visibility_timeout else {
            return Err(invalid(
                "Error occurred while ReceiveMessage. SQS Error Code: \
                 AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue \
                 does not exist.",
            ));
        };
        if visibility < function.timeout_seconds {
            return Err(invalid(format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: {} \
                 seconds",
                function.timeout_seconds
            )));
        }
        Ok(())
    }

    fn check_unique(&self, mapping: &Mapping) -> Result<(), AwsError> {
        let same = self.mappings.values().find(|other| {
            other.uuid != mapping.uuid
                && other.queue_arn == mapping.queue_arn
                && other.function_name == mapping.function_name
        });
        let Some(same) = same else { return Ok(()) };
        Err(conflict(format!(
            "An event source mapping with SQS arn (\" {} \") and function (\" {} \") already \
             exists. Please update or delete the existing mapping with UUID {}",
            mapping.queue_arn, mapping.function_name, same.uuid
        )))
    }
}

fn no_mapping() -> AwsError {
    not_found("The resource you requested does not exist.")
}
