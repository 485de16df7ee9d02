//! Operations of DynamoDB Streams.

use dynoxide::Database;
use dynoxide::actions::describe_stream::{DescribeStreamRequest, DescribeStreamResponse};
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::{GetShardIteratorRequest, GetShardIteratorResponse};
use dynoxide::actions::list_streams::{ListStreamsRequest, ListStreamsResponse};

use super::operation::{Answer, DynoxideRequest, on_thread};
use super::permissions::{on_arn, on_given};
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::iam::RequiredPermission;

impl DynoxideRequest for ListStreamsRequest {
    const NAME: &'static str = "ListStreams";
    const HAS_ARNS: bool = true;
    type Response = ListStreamsResponse;

    fn tables(&self) -> Vec<String> {
        self.table_name.iter().cloned().collect()
    }

    fn required_permissions(&self, _: &Arns) -> Vec<RequiredPermission> {
        vec![on_arn(Self::NAME, "*")]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::list_streams).await
    }
}

impl DynoxideRequest for DescribeStreamRequest {
    const NAME: &'static str = "DescribeStream";
    const HAS_ARNS: bool = true;
    type Response = DescribeStreamResponse;

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_given(Self::NAME, Some(&self.stream_arn), arns)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::describe_stream).await
    }
}

impl DynoxideRequest for GetShardIteratorRequest {
    const NAME: &'static str = "GetShardIterator";
    const HAS_ARNS: bool = true;
    type Response = GetShardIteratorResponse;

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_given(Self::NAME, Some(&self.stream_arn), arns)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::get_shard_iterator).await
    }
}

impl DynoxideRequest for GetRecordsRequest {
    const NAME: &'static str = "GetRecords";
    type Response = GetRecordsResponse;

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::get_records).await
    }
}
