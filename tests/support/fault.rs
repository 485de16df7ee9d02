//! What may happen to a call on its way, to which call, and what is seen of all of them.

use bytes::Bytes;
use hyper::Request;

use crate::support::wire::asked;

/// Which call is spoiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one of this number, counted from 1.
    Number(usize),
    /// The first of this operation.
    First(String),
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: calls are only counted.
    None,
    /// It is let through; before its reply arrives, the tool is interrupted, and says so.
    Interrupt,
    /// It is refused for want of a right, as often as it is made.
    Denied,
    /// It and all that come after it are refused, because the credentials have expired.
    Expired,
    /// It fails for a reason of the service's, as often as it is made.
    Failing,
    /// It fails once for a reason of the service's.
    FailsOnce,
    /// It is asked once to come more slowly.
    Throttled,
    /// It takes effect, and its reply is lost: the connection ends.
    Lost,
    /// It takes effect and is never answered; the tool is interrupted, and once more later.
    Stuck,
}

impl Fault {
    /// The word for labs' names and for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Interrupt => "interrupt",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Failing => "failing",
            Self::FailsOnce => "fails-once",
            Self::Throttled => "throttled",
            Self::Lost => "lost",
            Self::Stuck => "stuck",
        }
    }
}

/// A call as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The operation, for example `sqs:CreateQueue`.
    pub(crate) operation: String,
    /// What the SDK says of its attempts: `attempt=1; max=6`.
    pub(crate) attempt: String,
    /// Where it went.
    path: String,
    /// Its body with the bytes in order: the tool keeps attributes and tags in hash maps, whose
    /// order is drawn anew when it makes a call again.
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        let attempt = request.headers().get("amz-sdk-request");
        let attempt = attempt.and_then(|value| value.to_str().ok());
        let mut body = request.body().to_vec();
        body.sort_unstable();
        Self {
            operation: asked(request),
            attempt: attempt.unwrap_or_default().to_owned(),
            path: request.uri().to_string(),
            body,
        }
    }

    /// What it asks for, in whatever order and at whichever attempt.
    pub(crate) fn essence(&self) -> (&str, &str, &[u8]) {
        (&self.operation, &self.path, &self.body)
    }
}

/// What the proxy has seen since it was last told what to do.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// The calls in the order of their coming.
    pub(crate) calls: Vec<Call>,
    /// The operations that came after the tool had said that it was interrupted.
    pub(crate) late: Vec<String>,
    /// The operation that was spoiled, where one was.
    pub(crate) spoiled: Option<String>,
    /// Whether the tool was interrupted and did not say that it has seen that.
    pub(crate) unheard: bool,
}
