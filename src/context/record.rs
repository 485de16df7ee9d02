//! The record of a lab: where it was built, and with which handlers, so that later commands need no
//! flags.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{CommandEnv, Context, Target};
use crate::error::CommandError;
use crate::home;

/// The record of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Where it is.
    #[serde(flatten)]
    pub target: Target,
    /// The absolute path of the folder that its functions' code came from; `None` for the embedded
    /// code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handlers: Option<PathBuf>,
}

impl CommandEnv {
    /// The lab's record; `None` where there is none.
    ///
    /// # Errors
    /// When the record cannot be read or is damaged.
    pub fn record(&self) -> Result<Option<Record>, CommandError> {
        self.record_of(self.globals.lab.as_str())
    }

    fn record_of(&self, lab: &str) -> Result<Option<Record>, CommandError> {
        let path = self.home.target_record(lab);
        home::read_json(&path).map_err(|error| {
            error.hint(
                "Remove it and pass --target to say where the lab is; the lab itself is not affected.",
            )
        })
    }

    /// Removes the records of all labs in the local cloud.
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
    /// The lab's record, where it is for this target.
    ///
    /// # Errors
    /// When the record cannot be read or is damaged.
    pub fn record(&self) -> Result<Option<Record>, CommandError> {
        let record = self.env.record_of(self.names.lab().as_str())?;
        Ok(record.filter(|record| record.target.is_same(&self.target)))
    }

    /// Records the lab's target and the folder of its handlers. Warns where a lab of this name is
    /// recorded on another target, because commands no longer act on that one.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn remember(&self, handlers: Option<&Path>) -> Result<(), CommandError> {
        let lab = self.names.lab();
        let known = self.env.record_of(lab.as_str())?;
        let elsewhere = known.filter(|known| !known.target.is_same(&self.target));
        if let Some(Record { target, .. }) = elsewhere {
            self.events().warn(format!(
                "The lab {lab} was recorded in {target}; from now on commands act on the one in {}. To act on the other one, pass {}.",
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

    /// Removes all records of the lab on this target.
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
        let written = serde_json::to_string(&record).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Record>(&written).expect("a record"),
            record
        );
    }
}
