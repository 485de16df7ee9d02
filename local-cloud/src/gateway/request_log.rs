//! One entry for each request, for whoever runs the cloud and wants to see them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::protocol::http::Reply;
use crate::service::{Call, Descriptor};

/// A request that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEntry {
    /// The service and the operation, for example `sqs:SendMessage`; `sqs:?` where the request was
    /// refused before its operation was read.
    pub action: String,
    /// The name of what it is about; `*` where that is nothing in particular.
    pub resource: String,
    /// The reply's status; `None` where the client hung up first.
    pub status: Option<u16>,
    /// The error's code, where it is one.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// The request's id, which its reply reports.
    pub request_id: String,
}

impl fmt::Display for RequestEntry {
    /// For example `sqs:SendMessage orders-queue 200 1.3 ms 0d4c3b2a-…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.action, self.resource)?;
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("client hung up")?,
        }
        if let Some(error) = &self.error {
            write!(f, " {error}")?;
        }
        let milliseconds = self.took.as_secs_f64() * 1000.0;
        write!(f, " {milliseconds:.1} ms {}", self.request_id)
    }
}

/// Where entries go. Called from many threads; it should not block.
#[derive(Clone)]
pub struct RequestLog(Arc<dyn Fn(RequestEntry) + Send + Sync>);

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLog").finish_non_exhaustive()
    }
}

impl RequestLog {
    /// A log that hands each entry to this function.
    pub fn new(write: impl Fn(RequestEntry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Starts the entry of a request to a service, if it is known to which.
    pub(super) fn begin(&self, service: Option<&Descriptor>, request_id: &str) -> OpenEntry {
        let prefix = service.map_or("?", |service| service.action_prefix);
        OpenEntry {
            log: self.clone(),
            began: Instant::now(),
            entry: RequestEntry {
                action: format!("{prefix}:?"),
                resource: "*".to_owned(),
                status: None,
                error: None,
                took: Duration::ZERO,
                request_id: request_id.to_owned(),
            },
        }
    }

    /// Writes the entry of a request that was refused before a service saw it.
    pub(super) fn refused(&self, service: Option<&Descriptor>, reply: &Reply, request_id: &str) {
        self.begin(service, request_id).answered(reply);
    }
}

/// The entry of a request that is being answered. It is written when it is dropped.
pub(super) struct OpenEntry {
    log: RequestLog,
    began: Instant,
    entry: RequestEntry,
}

impl OpenEntry {
    /// Adds what the request is about.
    pub(super) fn read(&mut self, descriptor: &Descriptor, call: &dyn Call) {
        self.entry.action = format!("{}:{}", descriptor.action_prefix, call.name());
        // Where it cannot be told, the request is refused.
        let required = call.required_permissions().unwrap_or_default();
        if let Some(first) = required.first() {
            self.entry.resource = name(&first.resource).to_owned();
        }
    }

    /// Adds the reply.
    pub(super) fn answered(&mut self, reply: &Reply) {
        self.entry.status = Some(reply.status);
        self.entry.error = reply.error_code();
    }
}

impl Drop for OpenEntry {
    fn drop(&mut self) {
        self.entry.took = self.began.elapsed();
        (self.log.0)(self.entry.clone());
    }
}

/// What is behind the account in an ARN.
fn name(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line() {
        let answered = RequestEntry {
            action: "sqs:SendMessage".to_owned(),
            resource: name("arn:aws:sqs:us-east-1:000000000000:orders-queue").to_owned(),
            status: Some(200),
            error: None,
            took: Duration::from_micros(1_260),
            request_id: "id".to_owned(),
        };
        let line = "sqs:SendMessage orders-queue 200 1.3 ms id";
        assert_eq!(answered.to_string(), line);
        let refused = RequestEntry {
            resource: name("*").to_owned(),
            status: Some(400),
            error: Some("InvalidParameterValue".to_owned()),
            ..answered.clone()
        };
        let line = "sqs:SendMessage * 400 InvalidParameterValue 1.3 ms id";
        assert_eq!(refused.to_string(), line);
        let gone = RequestEntry {
            status: None,
            ..answered
        };
        let line = "sqs:SendMessage orders-queue client hung up 1.3 ms id";
        assert_eq!(gone.to_string(), line);
    }
}
