//! Typed operations, and the calls that requests make of them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::required_permission::RequiredPermission;
use crate::error::AwsError;
use crate::protocol::http::{Caller, Reply, Request};

/// What a request requires of its caller, or why that cannot be told.
pub(crate) type Required = Result<Vec<RequiredPermission>, AwsError>;

/// An operation of the service `S`. The implementing type is the operation's typed input.
pub(crate) trait Operation<S>: Sized + Send + Sync + 'static {
    /// The operation's name. Behind the service's prefix it is the action that chaos profiles
    /// match: `sqs:SendMessage`.
    const NAME: &'static str;

    /// What a reply is written from.
    type Output: Send;

    /// Everything that the caller must be allowed to do. Never empty, except where nobody needs a
    /// permission.
    ///
    /// # Errors
    /// The service's error for a request whose resource cannot be told. Such a request is refused.
    fn required_permissions(&self, service: &S, caller: &Caller) -> Required;

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
    /// What the request says of its sender.
    pub(crate) origin: RequestOrigin,
}

/// What a request says of its sender, for condition keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestOrigin {
    /// The header `User-Agent`.
    pub(crate) user_agent: Option<String>,
    /// The header `Referer`.
    pub(crate) referer: Option<String>,
}

impl RequestOrigin {
    /// That of a request.
    pub(crate) fn of(request: &Request) -> Self {
        let header = |name| request.header(name).map(str::to_owned);
        Self {
            user_agent: header("user-agent"),
            referer: header("referer"),
        }
    }
}

impl CallContext {
    /// The context of a request.
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            caller: Arc::clone(&request.caller),
            request_id: request.request_id.clone(),
            origin: RequestOrigin::of(request),
        }
    }
}

/// A request that was read and can be carried out.
pub(crate) trait Call: Send {
    /// The operation's name.
    fn name(&self) -> &str;

    /// Everything that the caller must be allowed to do.
    ///
    /// # Errors
    /// For a request whose resource cannot be told.
    fn required_permissions(&self) -> Required;

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

    fn required_permissions(&self) -> Required {
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
