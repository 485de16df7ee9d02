//! Event source mappings of SQS queues. Rules and texts are those of the Lambda API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::transition::Due;
use super::{FilterCriteria, Outcome, Registry, conflict, invalid, not_found, validate};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// Where a mapping stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MappingState {
    /// Just made.
    Creating,
    /// On its way to [`MappingState::Enabled`].
    Enabling,
    /// It polls.
    Enabled,
    /// On its way to [`MappingState::Disabled`]: pollers finish what they hold.
    Disabling,
    /// It does not poll.
    Disabled,
    /// Its settings have changed.
    Updating,
    /// Pollers finish what they hold, then it is gone.
    Deleting,
}

impl MappingState {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabling => "Enabling",
            Self::Enabled => "Enabled",
            Self::Disabling => "Disabling",
            Self::Disabled => "Disabled",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
        }
    }

    fn is_settled(self) -> bool {
        matches!(self, Self::Enabled | Self::Disabled)
    }

    /// Whether it is on its way to polling, or to new settings.
    pub(super) fn is_arriving(self) -> bool {
        matches!(self, Self::Creating | Self::Enabling | Self::Updating)
    }

    /// Whether it waits for its last batch.
    pub(super) fn is_ending(self) -> bool {
        matches!(self, Self::Disabling | Self::Deleting)
    }
}

/// An event source mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its id.
    pub uuid: String,
    /// Its ARN.
    pub arn: String,
    /// The queue that it reads.
    pub queue_arn: String,
    /// The function that it invokes, by name.
    pub function_name: String,
    /// The function's ARN.
    pub function_arn: String,
    /// Whether it is to poll. A mapping that is being deleted is not.
    pub enabled: bool,
    /// Where it stands.
    pub state: MappingState,
    /// How many messages an invocation gets at most.
    pub batch_size: u32,
    /// How many seconds a batch is gathered for.
    pub window_seconds: u32,
    /// Whether the function may say which messages failed (`ReportBatchItemFailures`).
    pub report_failures: bool,
    /// How many invocations it makes at a time at most.
    pub maximum_concurrency: Option<u32>,
    /// Which messages the function gets; the others are deleted.
    #[serde(default)]
    pub filters: FilterCriteria,
    /// What came of the last batch. Not stored.
    #[serde(skip)]
    pub last_processing_result: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was last changed.
    pub modified: WallMs,
    /// When its transition may end.
    #[serde(default)]
    pub(super) due: Due,
}

/// What a mapping can be told, at its creation and later; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingSettings {
    /// Whether it polls; so where it was never said.
    pub enabled: Option<bool>,
    /// 1 to 10 000; 10 where it was never given.
    pub batch_size: Option<u32>,
    /// 0 to 300; 0 where it was never given.
    pub window_seconds: Option<u32>,
    /// Whether the function reports failures by message; not where it was never said.
    pub report_failures: Option<bool>,
    /// 2 to 1000; `Some(None)` takes the limit away.
    pub maximum_concurrency: Option<Option<u32>>,
    /// Empty ones take the filters away.
    pub filters: Option<FilterCriteria>,
}

/// A mapping to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMapping {
    /// The queue.
    pub queue_arn: String,
    /// The queue's visibility timeout in seconds; `None` where there is no such queue.
    pub visibility_timeout: Option<u32>,
    /// The function, by name or ARN.
    pub function: String,
    /// Settings.
    pub settings: MappingSettings,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Mapping {
    /// Whether it polls. One with new settings goes on.
    pub fn polls(&self) -> bool {
        use MappingState::{Enabled, Updating};
        self.enabled && matches!(self.state, Enabled | Updating)
    }

    fn apply(&mut self, settings: &MappingSettings) -> Result<(), AwsError> {
        validate::mapping(settings)?;
        self.enabled = settings.enabled.unwrap_or(self.enabled);
        self.batch_size = settings.batch_size.unwrap_or(self.batch_size);
        self.window_seconds = settings.window_seconds.unwrap_or(self.window_seconds);
        self.report_failures = settings.report_failures.unwrap_or(self.report_failures);
        self.maximum_concurrency = settings
            .maximum_concurrency
            .unwrap_or(self.maximum_concurrency);
        if let Some(filters) = &settings.filters {
            self.filters.clone_from(filters);
        }
        if self.batch_size > 10 && self.window_seconds == 0 {
            return Err(invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is \
                 greater than 10",
            ));
        }
        Ok(())
    }

    fn check_settled(&self, verb: &str) -> Result<(), AwsError> {
        if self.state.is_settled() {
            return Ok(());
        }
        let message = format!("Cannot {verb} the event source mapping because it is in use.");
        Err(AwsError::new("ResourceInUseException", 400, message))
    }

    fn settle(&mut self, state: MappingState, now: Now) -> Change {
        self.state = state;
        self.modified = now.wall;
        self.due = Due::default();
        self.put()
    }

    fn settled_state(&self) -> MappingState {
        if self.enabled {
            MappingState::Enabled
        } else {
            MappingState::Disabled
        }
    }
}

impl Registry {
    /// All mappings by their ids.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.values()
    }

    /// A mapping.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn mapping(&self, uuid: &str) -> Result<&Mapping, AwsError> {
        self.mappings.get(uuid).ok_or_else(no_mapping)
    }

    pub(super) fn mapping_mut(&mut self, uuid: &str) -> Result<&mut Mapping, AwsError> {
        self.mappings.get_mut(uuid).ok_or_else(no_mapping)
    }

    /// Makes a mapping.
    ///
    /// # Errors
    /// `ResourceConflictException` when queue and function have one already,
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
        let changes = vec![mapping.put()];
        self.mappings.insert(mapping.uuid.clone(), mapping.clone());
        Ok((mapping, changes))
    }

    /// Changes a mapping. `function` is a name or ARN, where it is to invoke another one.
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
        // Switching off must work when queue or function are gone already.
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
        let changes = vec![mapping.put()];
        self.mappings.insert(mapping.uuid.clone(), mapping.clone());
        Ok((mapping, changes))
    }

    /// Begins to delete a mapping; [`Registry::mapping_settled`] ends it.
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
        let changes = vec![mapping.put()];
        Ok((mapping.clone(), changes))
    }

    /// Mappings on their way to polling, or with new settings, arrive when their time has come:
    /// for this the driver has nothing to wait for. Those that are to stop wait for
    /// [`Registry::mapping_settled`].
    ///
    /// # Errors
    /// None.
    pub fn settle_states(&mut self, now: Now) -> Outcome<()> {
        let mut changes = Vec::new();
        for mapping in self.mappings.values_mut() {
            if mapping.state.is_arriving() && mapping.due.has_come(now) {
                let state = mapping.settled_state();
                changes.push(mapping.settle(state, now));
            }
        }
        Ok(((), changes))
    }

    /// The driver's word that a mapping's pollers have ended: one that was being switched off is
    /// off, one that was being deleted is gone. Passes over all others, and those that must take
    /// longer.
    ///
    /// # Errors
    /// None.
    pub fn mapping_settled(&mut self, uuid: &str, now: Now) -> Outcome<()> {
        let Some(mapping) = self.mappings.get_mut(uuid) else {
            return Ok(((), Vec::new()));
        };
        let change = match mapping.state {
            _ if !mapping.due.has_come(now) => return Ok(((), Vec::new())),
            MappingState::Disabling => mapping.settle(MappingState::Disabled, now),
            MappingState::Deleting => {
                let change = mapping.delete();
                self.mappings.remove(uuid);
                change
            }
            _ => return Ok(((), Vec::new())),
        };
        Ok(((), vec![change]))
    }

    /// Notes what came of a mapping's last batch.
    pub fn note_result(&mut self, uuid: &str, result: &str) {
        if let Some(mapping) = self.mappings.get_mut(uuid) {
            mapping.last_processing_result = Some(result.to_owned());
        }
    }

    /// Both ends are there and their timeouts fit.
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
