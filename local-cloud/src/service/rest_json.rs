//! Tables of operations for services that speak REST-JSON.

use std::sync::Arc;

use super::{Call, CallContext, Operation, typed_call};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::rest_json::{self, segments};

/// The input of an operation, read from a request.
pub(crate) trait FromRequest: Sized {
    /// Reads the input; `labels` are the parts of the path that the row's pattern leaves open,
    /// decoded, in their order.
    ///
    /// # Errors
    /// The service's error for a request that does not have the operation's shape.
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError>;
}

/// A row of a service's table of operations.
pub(crate) struct Row<S> {
    #[cfg(test)]
    name: &'static str,
    method: &'static str,
    /// The path without its first slash; a part that is `{}` may be anything.
    path: &'static str,
    read: Read<S>,
}

#[cfg(test)]
impl<S> Row<S> {
    /// The operation's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// Reads a request into a call of the row's operation; the labels are those of the path.
type Read<S> = fn(&Arc<S>, Vec<String>, &Request) -> Result<Box<dyn Call>, AwsError>;

/// The row of the operation `O`, which has this method and path.
pub(crate) const fn row<S, O>(method: &'static str, path: &'static str) -> Row<S>
where
    S: Send + Sync + 'static,
    O: Operation<S, Output = Reply> + FromRequest,
{
    Row {
        #[cfg(test)]
        name: O::NAME,
        method,
        path,
        read: |service, labels, request| {
            let input = O::from_request(labels, request)?;
            Ok(typed_call(service, input, request, write))
        },
    }
}

/// Reads a request into a call of the operation that its method and path name.
///
/// # Errors
/// `UnknownOperationException` naming both, or the error for a request that does not have the
/// operation's shape.
pub(crate) fn read<S>(
    table: &[Row<S>],
    service: &Arc<S>,
    request: &Request,
) -> Result<Box<dyn Call>, AwsError> {
    let segments = segments(&request.path)?;
    for row in table.iter().filter(|row| row.method == request.method) {
        if let Some(labels) = labels(row.path, &segments) {
            return (row.read)(service, labels, request);
        }
    }
    let (method, path) = (&request.method, &request.path);
    let message = format!("The operation {method} {path} does not exist in this local cloud.");
    Err(AwsError::new("UnknownOperationException", 404, message))
}

/// What stands in the open parts of a pattern; `None` for a path that does not fit it.
fn labels(pattern: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut parts = pattern.split('/');
    let mut labels = Vec::new();
    for segment in segments {
        match parts.next()? {
            "{}" => labels.push(segment.clone()),
            part if part == segment => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(labels)
}

fn write(result: Result<Reply, AwsError>, _: &CallContext) -> Reply {
    result.unwrap_or_else(|error| rest_json::error(&error))
}
