//! Tables that are being created, updated or deleted. Dynoxide does that at once, AWS takes its
//! time. While chaos is off nothing of this happens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::actions::TableDescription;

use crate::clock::Clock;
use crate::faults::{FaultInjector, Lagging};
use crate::runtime_context::RuntimeContext;

/// The tables in transition.
#[derive(Debug)]
pub(super) struct Transitions {
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    tables: Mutex<Lagging<String, Stage>>,
}

/// What is being done to a table.
#[derive(Debug)]
pub(super) enum Stage {
    Creating,
    Updating,
    /// Holds the table's last description.
    Deleting(Box<TableDescription>),
}

/// What a request wants from a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Update,
    Delete,
    /// To read or write what is in it, or anything else.
    Use,
}

impl Transitions {
    /// No table is in transition.
    pub(super) fn new(context: &RuntimeContext) -> Self {
        Self {
            clock: Arc::clone(&context.clock),
            faults: Arc::clone(&context.faults),
            tables: Mutex::default(),
        }
    }

    /// Begins a table's transition, which ends by itself.
    pub(super) fn begin(&self, table: &str, stage: Stage) {
        let delay_ms = self.faults.delay(|delays| delays.table);
        let now = self.clock.now().lab;
        if delay_ms > 0 {
            let mut tables = self.lock();
            let name = bare_name(table).to_owned();
            tables.forget(&name);
            tables.record(name, stage, delay_ms, now);
        }
    }

    /// Checks that tables may be used. `tables` is evaluated only while any table is in transition.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for a table that is being created or deleted.
    pub(super) fn check_use(
        &self,
        tables: impl FnOnce() -> Vec<String>,
    ) -> Result<(), DynoxideError> {
        let now = self.clock.now().lab;
        if self.lock().is_empty(now) {
            return Ok(());
        }
        let mut tables = tables().into_iter();
        tables.try_for_each(|table| self.check(&table, Purpose::Use))
    }

    /// Checks that a request with this purpose may go on to the table.
    ///
    /// # Errors
    /// `ResourceNotFoundException` or `ResourceInUseException` for a table in transition.
    pub(super) fn check(&self, table: &str, purpose: Purpose) -> Result<(), DynoxideError> {
        let now = self.clock.now().lab;
        let name = bare_name(table);
        let tables = self.lock();
        let Some(stage) = tables.get(&name.to_owned(), now) else {
            return Ok(());
        };
        let what = match (stage, purpose) {
            (Stage::Creating | Stage::Deleting(_), Purpose::Use) => {
                let message = "Requested resource not found".to_owned();
                return Err(DynoxideError::ResourceNotFoundException(message));
            }
            (Stage::Creating, Purpose::Update | Purpose::Delete) => "created",
            (Stage::Updating, Purpose::Update | Purpose::Delete) => "updated",
            (Stage::Deleting(_), Purpose::Create | Purpose::Update) => "deleted",
            _ => return Ok(()),
        };
        Err(DynoxideError::ResourceInUseException(format!(
            "Attempt to change a resource which is still in use: Table is being {what}: {name}"
        )))
    }

    /// The last description of a table that is being deleted.
    pub(super) fn being_deleted(&self, table: &str) -> Option<TableDescription> {
        let now = self.clock.now().lab;
        match self.lock().get(&bare_name(table).to_owned(), now)? {
            Stage::Deleting(description) => Some(TableDescription::clone(description)),
            Stage::Creating | Stage::Updating => None,
        }
    }

    /// The status of a table that exists and is in transition.
    pub(super) fn status(&self, table: &str) -> Option<&'static str> {
        let now = self.clock.now().lab;
        match self.lock().get(&bare_name(table).to_owned(), now)? {
            Stage::Creating => Some("CREATING"),
            Stage::Updating => Some("UPDATING"),
            Stage::Deleting(_) => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lagging<String, Stage>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A table's name, which may be given as an ARN.
pub(super) fn bare_name(table: &str) -> &str {
    table.rsplit('/').next().unwrap_or(table)
}
