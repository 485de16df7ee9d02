//! CloudWatch Logs: AWS JSON 1.1 around the log groups. Operations that the cloud does not have
//! are refused by name.

mod events;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod groups;

use std::sync::Arc;

use serde::Serialize;

use super::DIALECT;
use crate::error::AwsError;
use crate::logs::Logs;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::unknown_operation;

/// The service.
#[derive(Debug)]
pub(crate) struct LogsService {
    logs: Arc<Logs>,
}

impl LogsService {
    pub(crate) fn new(logs: Arc<Logs>) -> Self {
        Self { logs }
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.answer(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&error),
        }
    }

    async fn answer(&self, request: &Request) -> Result<Reply, AwsError> {
        let operation = DIALECT.operation(request)?;
        match operation {
            "CreateLogGroup" => done(&self.create_group(DIALECT.input(request)?).await?),
            "DeleteLogGroup" => done(&self.delete_group(DIALECT.input(request)?).await?),
            "DescribeLogGroups" => done(&self.describe_groups(DIALECT.input(request)?)?),
            "CreateLogStream" => done(&self.create_stream(DIALECT.input(request)?).await?),
            "DeleteLogStream" => done(&self.delete_stream(DIALECT.input(request)?).await?),
            "DescribeLogStreams" => done(&self.describe_streams(DIALECT.input(request)?)?),
            "PutRetentionPolicy" => done(&self.put_retention(DIALECT.input(request)?).await?),
            "DeleteRetentionPolicy" => done(&self.delete_retention(DIALECT.input(request)?).await?),
            "TagResource" => done(&self.tag(DIALECT.input(request)?).await?),
            "UntagResource" => done(&self.untag(DIALECT.input(request)?).await?),
            "ListTagsForResource" => done(&self.list_tags(DIALECT.input(request)?)?),
            "ListTagsLogGroup" => done(&self.list_group_tags(DIALECT.input(request)?)?),
            "PutLogEvents" => done(&self.put_events(DIALECT.input(request)?).await?),
            "GetLogEvents" => done(&self.get_events(DIALECT.input(request)?)?),
            "FilterLogEvents" => done(&self.filter_events(DIALECT.input(request)?)?),
            other => Err(unknown_operation(other)),
        }
    }
}

fn done(output: &impl Serialize) -> Result<Reply, AwsError> {
    Ok(DIALECT.output(output))
}

fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", 400, message)
}

/// A page's size: the input's `limit` where it is between 1 and `most`.
fn limit(asked: Option<u32>, usual: u32, most: u32) -> Result<usize, AwsError> {
    match asked.unwrap_or(usual) {
        size if (1..=most).contains(&size) => Ok(usize::try_from(size).unwrap_or(usize::MAX)),
        size => Err(invalid(&format!(
            "1 validation error detected: Value '{size}' at 'limit' failed to satisfy \
             constraint: Member must be between 1 and {most}"
        ))),
    }
}

#[cfg(test)]
mod tests;
