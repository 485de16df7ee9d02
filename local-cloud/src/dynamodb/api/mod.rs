//! The operations of DynamoDB and DynamoDB Streams: dynoxide's requests are their typed inputs, its
//! responses are written as the replies. Dynoxide's own dispatch is part of its HTTP server, which
//! would be a second endpoint without signatures. Operations that this cloud does not have are
//! refused by name.

mod batches;
mod conditions;
mod errors;
mod expressions;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod integers;
mod items;
mod operation;
mod partiql;
mod partiql_conditions;
mod partiql_tokens;
mod permissions;
mod reads;
mod statements;
mod streams;
mod table_names;
mod tables;
#[cfg(test)]
mod tests;
mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;

use dynoxide::actions::batch_execute_statement::BatchExecuteStatementRequest;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::delete_table::DeleteTableRequest;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::describe_time_to_live::DescribeTimeToLiveRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::execute_transaction::ExecuteTransactionRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::actions::list_tables::ListTablesRequest;
use dynoxide::actions::list_tags_of_resource::ListTagsOfResourceRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::search_vectors::SearchVectorsRequest;
use dynoxide::actions::tag_resource::TagResourceRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::untag_resource::UntagResourceRequest;
use dynoxide::actions::update_item::UpdateItemRequest;
use dynoxide::actions::update_table::UpdateTableRequest;
use dynoxide::actions::update_time_to_live::UpdateTimeToLiveRequest;

use super::{DESCRIPTOR, DIALECT, Tables};
use crate::error::AwsError;
use crate::protocol::http::Request;
use crate::protocol::json::Dialect;
use crate::service::json::{JsonService, Row, read, text_row as row};
use crate::service::{Call, Descriptor, Service};
use streams::GetRecords;

/// Every operation.
const OPERATIONS: &[Row<DynamoDbService>] = &[
    row::<_, GetItemRequest>(),
    row::<_, PutItemRequest>(),
    row::<_, UpdateItemRequest>(),
    row::<_, DeleteItemRequest>(),
    row::<_, BatchGetItemRequest>(),
    row::<_, BatchWriteItemRequest>(),
    row::<_, TransactGetItemsRequest>(),
    row::<_, TransactWriteItemsRequest>(),
    row::<_, QueryRequest>(),
    row::<_, ScanRequest>(),
    row::<_, SearchVectorsRequest>(),
    row::<_, ExecuteStatementRequest>(),
    row::<_, BatchExecuteStatementRequest>(),
    row::<_, ExecuteTransactionRequest>(),
    row::<_, CreateTableRequest>(),
    row::<_, UpdateTableRequest>(),
    row::<_, DeleteTableRequest>(),
    row::<_, DescribeTableRequest>(),
    row::<_, ListTablesRequest>(),
    row::<_, UpdateTimeToLiveRequest>(),
    row::<_, DescribeTimeToLiveRequest>(),
    row::<_, TagResourceRequest>(),
    row::<_, UntagResourceRequest>(),
    row::<_, ListTagsOfResourceRequest>(),
    row::<_, ListStreamsRequest>(),
    row::<_, DescribeStreamRequest>(),
    row::<_, GetShardIteratorRequest>(),
    row::<_, GetRecords>(),
];

/// The service.
#[derive(Debug)]
pub(crate) struct DynamoDbService {
    tables: Arc<Tables>,
}

impl DynamoDbService {
    /// The service around these tables.
    pub(crate) fn new(tables: Arc<Tables>) -> Self {
        Self { tables }
    }
}

impl Service for DynamoDbService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    /// Indexes and streams have the tags of their table.
    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let of_tables = self.tables.arns().of_table("");
        let path = arn.strip_prefix(&of_tables).unwrap_or_default();
        let (table, _) = path.split_once('/').unwrap_or((path, ""));
        self.tables.schemas().tags(table)
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl JsonService for DynamoDbService {
    const DIALECT: Dialect = DIALECT;
}
