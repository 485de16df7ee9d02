//! Operations on items.

use dynoxide::actions::batch_get_item::{BatchGetItemRequest, BatchGetItemResponse};
use dynoxide::actions::batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse};
use dynoxide::actions::delete_item::{DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::get_item::{GetItemRequest, GetItemResponse};
use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use dynoxide::actions::search_vectors::{SearchVectorsRequest, SearchVectorsResponse};
use dynoxide::actions::transact_get_items::{TransactGetItemsRequest, TransactGetItemsResponse};
use dynoxide::actions::transact_write_items::{
    TransactWriteItem, TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::actions::update_item::{UpdateItemRequest, UpdateItemResponse};
use dynoxide::{Database, DynoxideError};

use super::operation::{Answer, DynoxideRequest, on_item, on_reader, on_thread};
use super::permissions::{on_index, on_table, or_any};
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::dynamodb::paging::page;
use crate::iam::RequiredPermission;

impl DynoxideRequest for GetItemRequest {
    const NAME: &'static str = "GetItem";
    type Response = GetItemResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::get_item).await
    }
}

impl DynoxideRequest for PutItemRequest {
    const NAME: &'static str = "PutItem";
    type Response = PutItemResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::put_item).await
    }
}

impl DynoxideRequest for UpdateItemRequest {
    const NAME: &'static str = "UpdateItem";
    type Response = UpdateItemResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::update_item).await
    }
}

impl DynoxideRequest for DeleteItemRequest {
    const NAME: &'static str = "DeleteItem";
    type Response = DeleteItemResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::delete_item).await
    }
}

impl DynoxideRequest for BatchGetItemRequest {
    const NAME: &'static str = "BatchGetItem";
    type Response = BatchGetItemResponse;

    fn tables(&self) -> Vec<String> {
        self.request_items.keys().cloned().collect()
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_get_item).await
    }
}

impl DynoxideRequest for BatchWriteItemRequest {
    const NAME: &'static str = "BatchWriteItem";
    type Response = BatchWriteItemResponse;

    fn tables(&self) -> Vec<String> {
        self.request_items.keys().cloned().collect()
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_write_item).await
    }
}

impl DynoxideRequest for TransactGetItemsRequest {
    const NAME: &'static str = "TransactGetItems";
    type Response = TransactGetItemsResponse;

    fn tables(&self) -> Vec<String> {
        let tables = self.transact_items.iter().map(|item| &item.get.table_name);
        tables.cloned().collect()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let tables = self.transact_items.iter().map(|item| &item.get.table_name);
        let permissions = tables.map(|table| on_table("GetItem", table, arns));
        or_any(Self::NAME, permissions.collect())
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::transact_get_items).await
    }
}

impl DynoxideRequest for TransactWriteItemsRequest {
    const NAME: &'static str = "TransactWriteItems";
    type Response = TransactWriteItemsResponse;

    fn tables(&self) -> Vec<String> {
        let named = self.transact_items.iter().flat_map(named_tables);
        named.map(|(_, table)| table.to_owned()).collect()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let named = self.transact_items.iter().flat_map(named_tables);
        let permissions = named.map(|(action, table)| on_table(action, table, arns));
        or_any(Self::NAME, permissions.collect())
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::transact_write_items).await
    }
}

impl DynoxideRequest for QueryRequest {
    const NAME: &'static str = "Query";
    type Response = QueryResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let index = self.index_name.as_deref();
        vec![on_index(Self::NAME, &self.table_name, index, arns)]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_reader(tables, self, |database, request| page(database, &request)).await
    }
}

impl DynoxideRequest for ScanRequest {
    const NAME: &'static str = "Scan";
    type Response = ScanResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let index = self.index_name.as_deref();
        vec![on_index(Self::NAME, &self.table_name, index, arns)]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        if self.total_segments.is_some() {
            tables.prepare_segments(&self.table_name).await?;
        }
        on_reader(tables, self, |database, request| page(database, &request)).await
    }
}

impl DynoxideRequest for SearchVectorsRequest {
    const NAME: &'static str = "SearchVectors";
    type Response = SearchVectorsResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::search_vectors).await
    }
}

/// The tables that an item of a transaction names, each with the action on it.
fn named_tables(item: &TransactWriteItem) -> impl Iterator<Item = (&'static str, &str)> {
    let check = item.condition_check.as_ref();
    let named = [
        check.map(|check| ("ConditionCheckItem", &*check.table_name)),
        item.delete
            .as_ref()
            .map(|delete| ("DeleteItem", &*delete.table_name)),
        item.put.as_ref().map(|put| ("PutItem", &*put.table_name)),
        item.update
            .as_ref()
            .map(|update| ("UpdateItem", &*update.table_name)),
    ];
    named.into_iter().flatten()
}

/// Writes of one item put a sentence before some errors of validation.
fn enveloped(error: DynoxideError) -> DynoxideError {
    match error {
        DynoxideError::EnvelopedValidation(message) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    }
}
