//! What the items of a write transaction do to which table.

use std::collections::HashMap;

use dynoxide::AttributeValue;
use dynoxide::actions::transact_write_items::TransactWriteItem;

use super::conditions::{Attributes, ItemConditions, leading_keys, return_values};
use super::expressions::Names;
use crate::dynamodb::Tables;

/// A part of an item of a transaction. A valid item has one part.
pub(super) struct Part<'a> {
    /// The action that it requires.
    pub(super) action: &'static str,
    /// Its table's name.
    pub(super) table: &'a str,
    item: &'a HashMap<String, AttributeValue>,
    update: Option<&'a str>,
    condition: Option<&'a str>,
    names: &'a Names,
}

impl<'a> Part<'a> {
    /// The parts of an item.
    pub(super) fn of(item: &'a TransactWriteItem) -> impl Iterator<Item = Self> {
        let check = item.condition_check.as_ref().map(|check| Self {
            action: "ConditionCheckItem",
            table: &check.table_name,
            item: &check.key,
            update: None,
            condition: Some(&check.condition_expression),
            names: &check.expression_attribute_names,
        });
        let delete = item.delete.as_ref().map(|delete| Self {
            action: "DeleteItem",
            table: &delete.table_name,
            item: &delete.key,
            update: None,
            condition: delete.condition_expression.as_deref(),
            names: &delete.expression_attribute_names,
        });
        let put = item.put.as_ref().map(|put| Self {
            action: "PutItem",
            table: &put.table_name,
            item: &put.item,
            update: None,
            condition: put.condition_expression.as_deref(),
            names: &put.expression_attribute_names,
        });
        let update = item.update.as_ref().map(|update| Self {
            action: "UpdateItem",
            table: &update.table_name,
            item: &update.key,
            update: Some(&update.update_expression),
            condition: update.condition_expression.as_deref(),
            names: &update.expression_attribute_names,
        });
        [check, delete, put, update].into_iter().flatten()
    }

    /// What it says of the condition keys.
    pub(super) fn conditions(&self, tables: &Tables) -> ItemConditions {
        ItemConditions {
            leading_keys: leading_keys(tables, self.table, [self.item]),
            attributes: Attributes::default()
                .and(self.item.keys())
                .of_expression(self.update, self.names)
                .of_expression(self.condition, self.names),
            return_values: return_values(None),
            ..ItemConditions::default()
        }
    }
}
