//! What policies depend on in tables: their partition keys and their tags. Kept here because a policy is
//! evaluated before a request waits for the tables.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use dynoxide::actions::TableDescription;
use dynoxide::types::{KeySchemaElement, KeyType};

/// What is known of all tables, by their names.
#[derive(Debug, Default)]
pub(super) struct Schemas(RwLock<HashMap<String, Schema>>);

#[derive(Debug, Default)]
struct Schema {
    partition_key: String,
    /// By the names of the indexes.
    index_partition_keys: HashMap<String, String>,
    tags: BTreeMap<String, String>,
}

impl Schemas {
    /// Records a table that was created or changed, whose tags stay.
    pub(super) fn record(&self, table: &TableDescription) {
        let global = table.global_secondary_indexes.iter().flatten();
        let local = table.local_secondary_indexes.iter().flatten();
        let indexes = global
            .map(|index| (&index.index_name, &index.key_schema))
            .chain(local.map(|index| (&index.index_name, &index.key_schema)));
        let index_partition_keys = indexes
            .filter_map(|(name, keys)| Some((name.clone(), partition_key(keys)?)))
            .collect();
        self.change(|schemas| {
            let schema = schemas.entry(table.table_name.clone()).or_default();
            schema.partition_key = partition_key(&table.key_schema).unwrap_or_default();
            schema.index_partition_keys = index_partition_keys;
        });
    }

    /// Records the tags of a table.
    pub(super) fn record_tags(&self, table: &str, tags: BTreeMap<String, String>) {
        self.change(|schemas| {
            if let Some(schema) = schemas.get_mut(table) {
                schema.tags = tags;
            }
        });
    }

    /// Forgets a table that was deleted.
    pub(super) fn forget(&self, table: &str) {
        self.change(|schemas| drop(schemas.remove(table)));
    }

    /// The name of the partition key of a table, or of one of its indexes; `None` where there is no
    /// such table or index.
    pub(super) fn partition_key(&self, table: &str, index: Option<&str>) -> Option<String> {
        let schemas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let schema = schemas.get(table)?;
        match index {
            None => Some(schema.partition_key.clone()),
            Some(index) => schema.index_partition_keys.get(index).cloned(),
        }
    }

    /// The tags of a table; none where there is no such table.
    pub(super) fn tags(&self, table: &str) -> BTreeMap<String, String> {
        let schemas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        schemas
            .get(table)
            .map(|schema| schema.tags.clone())
            .unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<String, Schema>)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

fn partition_key(keys: &[KeySchemaElement]) -> Option<String> {
    let mut keys = keys.iter().filter(|key| key.key_type == KeyType::HASH);
    // An index may have several: then no single value leads.
    match (keys.next(), keys.next()) {
        (Some(key), None) => Some(key.attribute_name.clone()),
        _ => None,
    }
}
