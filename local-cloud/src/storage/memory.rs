//! Storage in memory, for tests.

use std::collections::BTreeMap;

use super::{Change, Collection, Entry, Storage, StorageError};

/// Collections in memory.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    collections: BTreeMap<Collection, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Storage for MemoryStorage {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        let entries = self.collections.get(collection);
        Ok(entries
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        for change in changes {
            let entries = self.collections.entry(change.collection).or_default();
            match &change.value {
                Some(value) => entries.insert(change.key.clone(), value.clone()),
                None => entries.remove(&change.key),
            };
        }
        Ok(())
    }
}
