//! The operations of CloudWatch Logs. Those that this cloud does not have are refused by name.

mod events;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod groups;
mod permissions;
mod service;
mod streams;
mod tags;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use service::LogsService;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DESCRIPTOR, DIALECT};
use crate::error::AwsError;
use crate::protocol::http::Request;
use crate::protocol::json::Dialect;
use crate::service::json::{JsonService, Row, read, row};
use crate::service::{Call, Descriptor, Service};

/// Every operation, and where it is.
const OPERATIONS: &[Row<LogsService>] = &[
    row::<_, groups::CreateLogGroup>(),
    row::<_, groups::DeleteLogGroup>(),
    row::<_, groups::DescribeLogGroups>(),
    row::<_, groups::PutRetentionPolicy>(),
    row::<_, groups::DeleteRetentionPolicy>(),
    row::<_, tags::TagResource>(),
    row::<_, tags::UntagResource>(),
    row::<_, tags::ListTagsForResource>(),
    row::<_, tags::ListTagsLogGroup>(),
    row::<_, streams::CreateLogStream>(),
    row::<_, streams::DeleteLogStream>(),
    row::<_, streams::DescribeLogStreams>(),
    row::<_, events::PutLogEvents>(),
    row::<_, events::GetLogEvents>(),
    row::<_, events::FilterLogEvents>(),
];

impl Service for LogsService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    /// Streams have the tags of their group.
    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let group = arn
            .split_once(":log-stream:")
            .map_or(arn, |(group, _)| group);
        let tags = self
            .logs
            .read(|store, _| Ok::<_, AwsError>(store.group(store.name_of(group)?)?.tags.clone()));
        tags.unwrap_or_default()
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl JsonService for LogsService {
    const DIALECT: Dialect = DIALECT;
}
