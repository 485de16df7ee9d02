//! An event source mapping of an SQS queue. Rules and texts are those of the Lambda API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::due::Due;
use super::error::invalid;
use super::filter::FilterCriteria;
use super::validate::within;
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::storage::Change;

/// The state of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MappingState {
    /// It was just created.
    Creating,
    /// It will be [`MappingState::Enabled`].
    Enabling,
    /// It polls.
    Enabled,
    /// It will be [`MappingState::Disabled`] when its last batch has ended.
    Disabling,
    /// It does not poll.
    Disabled,
    /// Its settings have changed.
    Updating,
    /// It will be gone when its last batch has ended.
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

    /// Whether it will poll, or poll with new settings.
    pub(super) fn is_starting(self) -> bool {
        matches!(self, Self::Creating | Self::Enabling | Self::Updating)
    }

    /// Whether it waits for its last batch.
    pub(super) fn is_stopping(self) -> bool {
        matches!(self, Self::Disabling | Self::Deleting)
    }
}

/// An event source mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its UUID.
    pub uuid: String,
    /// Its ARN.
    pub arn: String,
    /// The queue that it polls.
    pub queue_arn: String,
    /// The function that it invokes, by name.
    pub function_name: String,
    /// The function's ARN.
    pub function_arn: String,
    /// Whether it is enabled. A mapping that is being deleted is not.
    pub enabled: bool,
    /// Its state.
    pub state: MappingState,
    /// How many messages a batch has at most.
    pub batch_size: u32,
    /// How many seconds of lab time a batch waits for more messages.
    pub window_seconds: u32,
    /// Whether the function may report which messages failed (`ReportBatchItemFailures`).
    pub report_failures: bool,
    /// How many concurrent invocations it has at most.
    pub maximum_concurrency: Option<u32>,
    /// Which messages the function receives; the others are deleted.
    #[serde(default)]
    pub filters: FilterCriteria,
    /// The result of the last batch. Not stored.
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

/// Settings of a mapping. `None` leaves a setting as it is, and gives a new mapping AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingSettings {
    /// Whether it polls; true by default.
    pub enabled: Option<bool>,
    /// 1 to 10,000; 10 by default.
    pub batch_size: Option<u32>,
    /// 0 to 300; 0 by default.
    pub window_seconds: Option<u32>,
    /// Whether the function reports which messages failed; false by default.
    pub report_failures: Option<bool>,
    /// 2 to 1,000; `Some(None)` removes the limit. No limit by default.
    pub maximum_concurrency: Option<Option<u32>>,
    /// Empty criteria remove the filters. None by default.
    pub filters: Option<FilterCriteria>,
}

impl MappingSettings {
    fn check(&self) -> Result<(), AwsError> {
        within(self.batch_size, "batchSize", 1..=10_000)?;
        within(
            self.window_seconds,
            "maximumBatchingWindowInSeconds",
            0..=300,
        )?;
        within(
            self.maximum_concurrency.flatten(),
            "scalingConfig.maximumConcurrency",
            2..=1000,
        )
    }
}

/// A mapping to be created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMapping {
    /// The ARN of the queue.
    pub queue_arn: String,
    /// The queue's visibility timeout in seconds; `None` if the queue does not exist.
    pub visibility_timeout: Option<u32>,
    /// The function, by name or ARN.
    pub function: String,
    /// Settings.
    pub settings: MappingSettings,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Mapping {
    /// Whether it polls. A mapping keeps polling while its settings change.
    pub fn is_polling(&self) -> bool {
        use MappingState::{Enabled, Updating};
        self.enabled && matches!(self.state, Enabled | Updating)
    }

    pub(super) fn apply(&mut self, settings: &MappingSettings) -> Result<(), AwsError> {
        settings.check()?;
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

    pub(super) fn check_settled(&self, verb: &str) -> Result<(), AwsError> {
        if self.state.is_settled() {
            return Ok(());
        }
        let message = format!("Cannot {verb} the event source mapping because it is in use.");
        Err(AwsError::new("ResourceInUseException", 400, message))
    }

    pub(super) fn settle(&mut self, state: MappingState, now: Now) -> Change {
        self.state = state;
        self.modified = now.wall;
        self.due = Due::default();
        self.put()
    }

    pub(super) fn settled_state(&self) -> MappingState {
        if self.enabled {
            MappingState::Enabled
        } else {
            MappingState::Disabled
        }
    }
}
