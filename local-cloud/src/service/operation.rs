//! Typed operations, and the calls that requests make of them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::protocol::http::{Caller, Reply, Request};

/// An operation of the service `S`. The implementing type is the operation's typed input.
pub(crate) trait Operation<S>: Sized + Send + Sync + 'static {
    /// The operation's name. Behind the service's prefix it is the action that chaos profiles
    /// match: `sqs:SendMessage`.
    const NAME: &'static str;

    /// What a reply is written from.
    type Output: Send;

    /// Everything that the caller must be allowed to do.
    fn required_permissions(&self, service: &S, caller: &Caller) -> Vec<RequiredPermission>;

    /// Carries out the operation.
    ///
    /// # Errors
    /// The operation's own errors, as AWS words them.
    fn run(
        self,
        service: &S,
        context: &CallContext,
    ) -> impl Future<Output = Result<Self::Output, AwsError>> + Send;
}

/// What an operation is told of its request beside the input.
#[derive(Debug, Clone)]
pub(crate) struct CallContext {
    /// Who signed the request.
    pub(crate) caller: Arc<Caller>,
    /// The request's id, which its reply reports.
    pub(crate) request_id: String,
}

impl CallContext {
    /// The context of a request.
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            caller: Arc::clone(&request.caller),
            request_id: request.request_id.clone(),
        }
    }
}

/// A request that was read and can be carried out.
pub(crate) trait Call: Send {
    /// The operation's name.
    fn name(&self) -> &str;

    /// Everything that the caller must be allowed to do.
    fn required_permissions(&self) -> Vec<RequiredPermission>;

    /// Carries out the call. Dropping the future ends the call where it waits.
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = Reply> + Send>>;
}

/// Writes an operation's result in the service's protocol.
type Write<T> = fn(Result<T, AwsError>, &CallContext) -> Reply;

struct TypedCall<S, O: Operation<S>> {
    service: Arc<S>,
    operation: O,
    context: CallContext,
    write: Write<O::Output>,
}

/// A call of an operation whose input was read; `write` makes the reply.
pub(crate) fn typed_call<S, O>(
    service: &Arc<S>,
    operation: O,
    request: &Request,
    write: Write<O::Output>,
) -> Box<dyn Call>
where
    S: Send + Sync + 'static,
    O: Operation<S>,
{
    Box::new(TypedCall {
        service: Arc::clone(service),
        operation,
        context: CallContext::of(request),
        write,
    })
}

impl<S, O> Call for TypedCall<S, O>
where
    S: Send + Sync + 'static,
    O: Operation<S>,
{
    fn name(&self) -> &str {
        O::NAME
    }

    fn required_permissions(&self) -> Vec<RequiredPermission> {
        let caller = &self.context.caller;
        self.operation.required_permissions(&self.service, caller)
    }

    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
        Box::pin(async move {
            let Self {
                service,
                operation,
                context,
                write,
            } = *self;
            write(operation.run(&service, &context).await, &context)
        })
    }
}
