//! Operations of DynamoDB Streams.

use dynoxide::actions::describe_stream::{DescribeStreamRequest, DescribeStreamResponse};
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::{GetShardIteratorRequest, GetShardIteratorResponse};
use dynoxide::actions::list_streams::{ListStreamsRequest, ListStreamsResponse};
use dynoxide::{Database, DynoxideError};
use serde::{Deserialize, Deserializer};

use super::operation::{Answer, DynoxideRequest, localize_table, on_thread};
use super::permissions::on_arn;
use crate::dynamodb::Tables;
use crate::dynamodb::shard_iterators::ShardIterator;
use crate::iam::RequiredPermission;
use crate::service::Required;

impl DynoxideRequest for ListStreamsRequest {
    const NAME: &'static str = "ListStreams";
    const HAS_ARNS: bool = true;
    type Response = ListStreamsResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        if let Some(table) = &mut self.table_name {
            localize_table(table, tables)?;
        }
        if let Some(arn) = &mut self.exclusive_start_stream_arn {
            localize_stream(arn, tables)?;
        }
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        self.table_name.iter().cloned().collect()
    }

    fn required_permissions(&self, _: &Tables) -> Required {
        Ok(vec![on_arn(Self::NAME, "*")])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::list_streams).await
    }
}

impl DynoxideRequest for DescribeStreamRequest {
    const NAME: &'static str = "DescribeStream";
    const HAS_ARNS: bool = true;
    type Response = DescribeStreamResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_stream(&mut self.stream_arn, tables)
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        Ok(vec![on_stream(Self::NAME, &self.stream_arn, tables)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, |database, request| {
            check_stream(database, &request.stream_arn)?;
            database.describe_stream(request)
        })
        .await
    }
}

impl DynoxideRequest for GetShardIteratorRequest {
    const NAME: &'static str = "GetShardIterator";
    const HAS_ARNS: bool = true;
    type Response = GetShardIteratorResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_stream(&mut self.stream_arn, tables)
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        Ok(vec![on_stream(Self::NAME, &self.stream_arn, tables)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        let stream_arn = self.stream_arn.clone();
        let mut answer = on_thread(tables, self, |database, request| {
            check_stream(database, &request.stream_arn)?;
            database.get_shard_iterator(request)
        })
        .await?;
        answer.shard_iterator = signed(answer.shard_iterator, stream_arn, tables);
        Ok(answer)
    }
}

/// A request for the records of a stream, which its iterator names.
#[derive(Debug)]
pub(super) struct GetRecords {
    request: GetRecordsRequest,
    stream_arn: String,
}

impl<'de> Deserialize<'de> for GetRecords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            request: GetRecordsRequest::deserialize(deserializer)?,
            stream_arn: String::new(),
        })
    }
}

impl DynoxideRequest for GetRecords {
    const NAME: &'static str = "GetRecords";
    type Response = GetRecordsResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        let iterator = tables
            .shard_iterators()
            .read(&self.request.shard_iterator)?;
        self.request.shard_iterator = iterator.inner;
        self.stream_arn = iterator.stream_arn;
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        Ok(vec![on_stream(Self::NAME, &self.stream_arn, tables)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        let stream_arn = self.stream_arn.clone();
        let mut answer = on_thread(
            tables,
            self,
            |database,
             Self {
                 request,
                 stream_arn,
             }| {
                check_stream(database, &stream_arn)?;
                database.get_records(request)
            },
        )
        .await?;
        answer.next_shard_iterator = signed(answer.next_shard_iterator, stream_arn, tables);
        Ok(answer)
    }
}

/// A client's iterator of the stream for dynoxide's.
fn signed(inner: Option<String>, stream_arn: String, tables: &Tables) -> Option<String> {
    let iterator = inner.map(|inner| ShardIterator { stream_arn, inner });
    iterator.map(|iterator| tables.shard_iterators().write(&iterator))
}

/// Puts dynoxide's ARN in the place of a stream's.
fn localize_stream(arn: &mut String, tables: &Tables) -> Result<(), DynoxideError> {
    tables.arns().table_of_stream(arn)?;
    *arn = tables.arns().to_dynoxide(arn);
    Ok(())
}

/// The permission for an operation on the stream that dynoxide knows by this ARN.
fn on_stream(operation: &str, arn: &str, tables: &Tables) -> RequiredPermission {
    on_arn(operation, tables.arns().to_cloud(arn))
}

/// Checks that a table has this very stream: dynoxide looks at the table in its ARN alone.
fn check_stream(database: &Database, arn: &str) -> Result<(), DynoxideError> {
    let table = arn.split('/').nth(1).unwrap_or_default();
    let described = database.describe_table(DescribeTableRequest {
        table_name: table.to_owned(),
    });
    let stream = described
        .ok()
        .and_then(|described| described.table.latest_stream_arn);
    if stream.as_deref() == Some(arn) {
        return Ok(());
    }
    let message = format!("Requested resource not found: Stream: {arn} not found");
    Err(DynoxideError::ResourceNotFoundException(message))
}
