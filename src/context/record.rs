//! What is remembered of a lab, so that later commands need not be told: where it was built, and
//! with whose handlers.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{CommandEnv, Context, Target};
use crate::error::CommandError;
use crate::home;

/// What is remembered of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Where it is.
    #[serde(flatten)]
    pub target: Target,
    /// The folder from which its functions' code came, by its whole path; `None` where the code
    /// is this program's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handlers: Option<PathBuf>,
}

impl CommandEnv {
    /// What `up` has recorded of the lab; `None` where nothing is.
    ///
    /// # Errors
    /// When the record cannot be read or makes no sense.
    pub fn record(&self) -> Result<Option<Record>, CommandError> {
        self.record_of(self.globals.lab.as_str())
    }

    fn record_of(&self, lab: &str) -> Result<Option<Record>, CommandError> {
        let path = self.home.target_record(lab);
        home::read_json(&path).map_err(|error| {
            error.hint(
                "Remove it and say where the lab is with --target; the lab itself is not harmed.",
            )
        })
    }

    /// Forgets where the labs of the local cloud are: it has none any more.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn forget_local_labs(&self) -> Result<(), CommandError> {
        for path in home::files(&self.home.target_records())? {
            let record: Option<Record> = home::read_json(&path).ok().flatten();
            if record.is_some_and(|record| record.target.is_local()) {
                home::remove(&path)?;
            }
        }
        Ok(())
    }
}

impl Context<'_> {
    /// What is recorded of this lab, where it is recorded on this target.
    ///
    /// # Errors
    /// When the record cannot be read or makes no sense.
    pub fn record(&self) -> Result<Option<Record>, CommandError> {
        let record = self.env.record_of(self.names.lab().as_str())?;
        Ok(record.filter(|record| record.target.is_same_place(&self.target)))
    }

    /// Remembers the lab's target and the folder of its handlers, so that later commands need not
    /// be told. Tells of a lab of this name on another target, which no command means any more.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn remember(&self, handlers: Option<&Path>) -> Result<(), CommandError> {
        let lab = self.names.lab();
        let known = self.env.record_of(lab.as_str())?;
        let elsewhere = known.filter(|known| !known.target.is_same_place(&self.target));
        if let Some(Record { target, .. }) = elsewhere {
            self.events().warn(format!(
                "The lab {lab} was on record in {target}; from now on commands act on the one in {}. To act on that one, say {}.",
                self.target, target.flags()
            ));
        }
        let record = Record {
            target: self.target.clone(),
            handlers: handlers.map(Path::to_owned),
        };
        let path = self.env.home.target_record(lab.as_str());
        home::write_json(&path, &record)
    }

    /// Forgets all that is remembered of the lab on this target.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn forget(&self) -> Result<(), CommandError> {
        home::remove(&self.lab_directory())?;
        if self.record()?.is_none() {
            return Ok(());
        }
        let lab = self.names.lab().as_str();
        home::remove(&self.env.home.target_record(lab))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_earlier_versions_are_read() {
        let text = r#"{"kind": "aws", "account": "123456789012", "region": "eu-west-1", "endpoint": null}"#;
        let mut record: Record = serde_json::from_str(text).expect("a record");
        assert_eq!(record.target.region, "eu-west-1");
        assert_eq!(record.handlers, None);
        record.handlers = Some("/builds".into());
        let text = serde_json::to_string(&record).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Record>(&text).expect("a record"),
            record
        );
    }
}
