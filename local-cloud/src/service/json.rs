//! Tables of operations for services that speak AWS JSON.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, CallContext, Operation, typed_call};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::{Dialect, unknown_operation};

/// A service that speaks AWS JSON.
pub(crate) trait JsonService: Send + Sync + 'static {
    /// The service's dialect.
    const DIALECT: Dialect;
}

/// An input that is read from a body by the service's own rules.
pub(crate) trait FromBody<S>: Sized {
    /// Reads the input.
    ///
    /// # Errors
    /// The service's error for a body that does not have the operation's shape.
    fn from_body(body: &[u8], service: &S) -> Result<Self, AwsError>;
}

/// An output that the service has written as JSON.
#[derive(Debug)]
pub(crate) struct JsonText(pub(crate) String);

/// A row of a service's table of operations.
pub(crate) struct Row<S> {
    name: &'static str,
    read: Read<S>,
}

/// Reads a request into a call of the row's operation.
type Read<S> = fn(&Arc<S>, &Request) -> Result<Box<dyn Call>, AwsError>;

#[cfg(test)]
impl<S> Row<S> {
    /// The operation's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// The row of the operation `O`.
pub(crate) const fn row<S, O>() -> Row<S>
where
    S: JsonService,
    O: Operation<S> + DeserializeOwned,
    O::Output: Serialize,
{
    Row {
        name: O::NAME,
        read: |service, request| {
            let input: O = S::DIALECT.input(request)?;
            Ok(typed_call(service, input, request, write::<S, O::Output>))
        },
    }
}

/// The row of the operation `O`, whose input and output the service reads and writes itself.
pub(crate) const fn text_row<S, O>() -> Row<S>
where
    S: JsonService,
    O: Operation<S, Output = JsonText> + FromBody<S>,
{
    Row {
        name: O::NAME,
        read: |service, request| {
            let input = O::from_body(&request.body, service)?;
            Ok(typed_call(service, input, request, write_text::<S>))
        },
    }
}

/// Reads a request into a call of the operation that it names.
///
/// # Errors
/// `UnknownOperationException`, or the error for an input that does not have the operation's shape.
pub(crate) fn read<S: JsonService>(
    table: &[Row<S>],
    service: &Arc<S>,
    request: &Request,
) -> Result<Box<dyn Call>, AwsError> {
    let name = S::DIALECT.operation(request)?;
    let row = table.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| unknown_operation(name))?;
    (row.read)(service, request)
}

fn write<S: JsonService, T: Serialize>(result: Result<T, AwsError>, _: &CallContext) -> Reply {
    match result {
        Ok(output) => S::DIALECT.output(&output),
        Err(error) => S::DIALECT.error(&error),
    }
}

fn write_text<S: JsonService>(result: Result<JsonText, AwsError>, _: &CallContext) -> Reply {
    match result {
        Ok(JsonText(body)) => Reply::new(200, S::DIALECT.content_type, body),
        Err(error) => S::DIALECT.error(&error),
    }
}
