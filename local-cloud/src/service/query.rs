//! Tables of operations for services that speak the Query protocol.

use std::sync::Arc;

use super::{Call, CallContext, Operation, typed_call};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::query::{Dialect, Params, Xml};

/// A service that speaks the Query protocol.
pub(crate) trait QueryService: Send + Sync + 'static {
    /// The service's dialect.
    const DIALECT: Dialect;
}

/// The input of an operation, read from the parameters of a request.
pub(crate) trait FromParams: Sized {
    /// Reads the input.
    ///
    /// # Errors
    /// `ValidationError` or `MalformedInput` for parameters that do not have the operation's shape.
    fn from_params(params: &Params) -> Result<Self, AwsError>;
}

/// What writes an operation's result; `None` for an operation without one.
pub(crate) type Output = Option<Box<dyn FnOnce(&mut Xml) + Send>>;

/// The output that `write` writes.
pub(crate) fn output(write: impl FnOnce(&mut Xml) + Send + 'static) -> Output {
    Some(Box::new(write))
}

/// Reads the input of an operation into a call.
type Read<S> = fn(&Arc<S>, &Params, &Request) -> Result<Box<dyn Call>, AwsError>;

/// A row of a service's table of operations.
pub(crate) struct Row<S> {
    name: &'static str,
    read: Read<S>,
}

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
    S: QueryService,
    O: Operation<S, Output = Output> + FromParams,
{
    Row {
        name: O::NAME,
        read: |service, params, request| {
            let input = O::from_params(params)?;
            Ok(typed_call(service, input, request, write::<S, O>))
        },
    }
}

/// Reads a request into a call of the operation that it names.
///
/// # Errors
/// `MissingAction`, `InvalidAction`, or the error for an input that does not have the operation's
/// shape.
pub(crate) fn read<S: QueryService>(
    table: &[Row<S>],
    service: &Arc<S>,
    request: &Request,
) -> Result<Box<dyn Call>, AwsError> {
    let params = Params::parse(&request.body)?;
    let name = S::DIALECT.operation(&params)?;
    let row = table.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| S::DIALECT.unknown_operation(name))?;
    (row.read)(service, &params, request)
}

fn write<S, O>(result: Result<Output, AwsError>, context: &CallContext) -> Reply
where
    S: QueryService,
    O: Operation<S>,
{
    let request_id = &context.request_id;
    match result {
        Ok(output) => S::DIALECT.output(O::NAME, request_id, output),
        Err(error) => S::DIALECT.error(request_id, &error),
    }
}
