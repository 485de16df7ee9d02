//! Operations on several items.

use dynoxide::actions::batch_get_item::{BatchGetItemRequest, BatchGetItemResponse};
use dynoxide::actions::batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse};
use dynoxide::actions::transact_get_items::{TransactGetItemsRequest, TransactGetItemsResponse};
use dynoxide::actions::transact_write_items::{
    TransactWriteItem, TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::{Database, DynoxideError};

use super::conditions::{Attributes, ItemConditions, leading_keys, select};
use super::operation::{Answer, DynoxideRequest, localize_keys, localize_table, on_thread};
use super::permissions::{on_table, some};
use super::transactions::Part;
use crate::dynamodb::Tables;
use crate::service::Required;

impl DynoxideRequest for BatchGetItemRequest {
    const NAME: &'static str = "BatchGetItem";
    type Response = BatchGetItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_keys(&mut self.request_items, tables)
    }

    fn tables(&self) -> Vec<String> {
        self.request_items.keys().cloned().collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let permissions = self.request_items.iter().map(|(table, of_table)| {
            let names = &of_table.expression_attribute_names;
            let projection = of_table.projection_expression.as_deref();
            let has_projection = projection.is_some() || of_table.attributes_to_get.is_some();
            let keys = of_table.keys.iter().flat_map(|key| key.keys());
            let conditions = ItemConditions {
                leading_keys: leading_keys(tables, table, &of_table.keys),
                attributes: Attributes::default()
                    .and(keys)
                    .and(of_table.attributes_to_get.iter().flatten())
                    .of_expression(projection, names),
                return_consumed_capacity: self.return_consumed_capacity.clone(),
                select: select(None, has_projection, false),
                ..ItemConditions::default()
            };
            Ok(conditions.of(on_table(Self::NAME, table, tables)?))
        });
        sorted(permissions.collect())
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_get_item).await
    }
}

impl DynoxideRequest for BatchWriteItemRequest {
    const NAME: &'static str = "BatchWriteItem";
    type Response = BatchWriteItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_keys(&mut self.request_items, tables)
    }

    fn tables(&self) -> Vec<String> {
        self.request_items.keys().cloned().collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let permissions = self.request_items.iter().map(|(table, writes)| {
            let puts = writes.iter().filter_map(|write| write.put_request.as_ref());
            let deletes = writes.iter().filter_map(|one| one.delete_request.as_ref());
            let items = puts
                .map(|put| &put.item)
                .chain(deletes.map(|delete| &delete.key));
            let items: Vec<_> = items.collect();
            let conditions = ItemConditions {
                leading_keys: leading_keys(tables, table, items.iter().copied()),
                attributes: Attributes::default().and(items.iter().flat_map(|item| item.keys())),
                return_consumed_capacity: self.return_consumed_capacity.clone(),
                ..ItemConditions::default()
            };
            Ok(conditions.of(on_table(Self::NAME, table, tables)?))
        });
        sorted(permissions.collect())
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_write_item).await
    }
}

/// The permissions on the tables of a batch, which dynoxide keeps in no particular order.
fn sorted(permissions: Required) -> Required {
    let mut permissions = permissions?;
    permissions.sort_by(|one, other| one.resource.cmp(&other.resource));
    some(permissions, "requestItems")
}

impl DynoxideRequest for TransactGetItemsRequest {
    const NAME: &'static str = "TransactGetItems";
    type Response = TransactGetItemsResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        let mut items = self.transact_items.iter_mut();
        items.try_for_each(|item| localize_table(&mut item.get.table_name, tables))
    }

    fn tables(&self) -> Vec<String> {
        let tables = self.transact_items.iter().map(|item| &item.get.table_name);
        tables.cloned().collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let permissions = self.transact_items.iter().map(|item| {
            let get = &item.get;
            let projection = get.projection_expression.as_deref();
            let conditions = ItemConditions {
                leading_keys: leading_keys(tables, &get.table_name, [&get.key]),
                attributes: Attributes::default()
                    .and(get.key.keys())
                    .of_expression(projection, &get.expression_attribute_names),
                enclosing_operation: Some(Self::NAME),
                return_consumed_capacity: self.return_consumed_capacity.clone(),
                select: select(None, projection.is_some(), false),
                ..ItemConditions::default()
            };
            Ok(conditions.of(on_table("GetItem", &get.table_name, tables)?))
        });
        some(permissions.collect::<Required>()?, "transactItems")
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::transact_get_items).await
    }
}

impl DynoxideRequest for TransactWriteItemsRequest {
    const NAME: &'static str = "TransactWriteItems";
    type Response = TransactWriteItemsResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        let mut names = self.transact_items.iter_mut().flat_map(table_names);
        names.try_for_each(|name| localize_table(name, tables))
    }

    fn tables(&self) -> Vec<String> {
        let parts = self.transact_items.iter().flat_map(Part::of);
        parts.map(|part| part.table.to_owned()).collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let parts = self.transact_items.iter().flat_map(Part::of);
        let permissions = parts.map(|part| {
            let permission = on_table(part.action, part.table, tables)?;
            let conditions = ItemConditions {
                enclosing_operation: Some(Self::NAME),
                return_consumed_capacity: self.return_consumed_capacity.clone(),
                ..part.conditions(tables)
            };
            Ok(conditions.of(permission))
        });
        some(permissions.collect::<Required>()?, "transactItems")
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::transact_write_items).await
    }
}

/// The names of the tables in an item of a transaction.
fn table_names(item: &mut TransactWriteItem) -> impl Iterator<Item = &mut String> {
    let names = [
        item.condition_check
            .as_mut()
            .map(|check| &mut check.table_name),
        item.delete.as_mut().map(|delete| &mut delete.table_name),
        item.put.as_mut().map(|put| &mut put.table_name),
        item.update.as_mut().map(|update| &mut update.table_name),
    ];
    names.into_iter().flatten()
}
