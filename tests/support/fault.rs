//! Which call a fault is injected into, which fault, and what is recorded of all calls.

use bytes::Bytes;
use hyper::Request;

use super::wire::operation_of;

/// Selects the call that a fault is injected into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallSelector {
    /// The call of this number, counted from 1.
    Nth(usize),
    /// The call of this number, counted from 1, among those of this operation.
    NthOf(String, usize),
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: calls are only counted.
    None,
    /// The call is let through, and the tool is interrupted before the reply arrives.
    Interrupt,
    /// The call is denied, as often as it is made.
    Denied,
    /// The call and all that follow are refused, because the credentials have expired.
    Expired,
    /// The call fails with an internal error of the service, as often as it is made.
    Failing,
    /// The call fails once with an internal error of the service.
    FailsOnce,
    /// The call is throttled once.
    Throttled,
    /// The call takes effect, and its reply is lost: the connection ends.
    Lost,
    /// The call takes effect, and half of its reply arrives.
    CutOff,
    /// In all replies, mappings have no ARN and functions no tags, as on some servers that are
    /// compatible with AWS.
    Incomplete,
    /// The call takes effect and is never answered; the tool is interrupted twice.
    Stuck,
}

impl Fault {
    /// A word for messages and for the names of labs.
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
            Self::CutOff => "cut-off",
            Self::Incomplete => "incomplete",
            Self::Stuck => "stuck",
        }
    }

    /// Whether a call that is made again meets the fault again.
    pub(crate) fn is_permanent(self) -> bool {
        matches!(self, Self::Denied | Self::Expired | Self::Failing)
    }
}

/// A call as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The operation, for example `sqs:CreateQueue`.
    pub(crate) operation: String,
    /// The SDK's `amz-sdk-request` header: `attempt=1; max=6`.
    pub(crate) attempt: String,
    /// The request target.
    path: String,
    /// The body with its bytes sorted: the tool keeps attributes and tags in hash maps, so their
    /// order differs when a call is made again.
    body: Vec<u8>,
}

impl Call {
    /// Records a request.
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        let header = request.headers().get("amz-sdk-request");
        let attempt = header.and_then(|value| value.to_str().ok());
        let mut body = request.body().to_vec();
        body.sort_unstable();
        Self {
            operation: operation_of(request),
            attempt: attempt.unwrap_or_default().to_owned(),
            path: request.uri().to_string(),
            body,
        }
    }

    /// What the call asks for: the same for every attempt, in whatever order.
    pub(crate) fn fingerprint(&self) -> (&str, &str, &[u8]) {
        (&self.operation, &self.path, &self.body)
    }
}

/// What the proxy has recorded since a fault was last set.
#[derive(Debug, Default, Clone)]
pub(crate) struct CallLog {
    /// The calls in order of arrival.
    pub(crate) calls: Vec<Call>,
    /// The operations that arrived after the tool had acknowledged its interruption.
    pub(crate) late: Vec<String>,
    /// The operation that the fault was injected into, if the call was made.
    pub(crate) injected: Option<String>,
    /// Whether the tool was interrupted and did not acknowledge it.
    pub(crate) unacknowledged: bool,
}
