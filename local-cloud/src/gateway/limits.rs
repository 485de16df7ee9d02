//! Limits on what a client may use: bytes, headers, time, connections.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::Uri;
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use crate::error::AwsError;

/// How many connections are served at a time. More wait in the system's queue.
pub(crate) const CONNECTIONS: usize = 1024;

/// How many headers a request may have.
pub(crate) const HEADERS: usize = 100;

/// How many bytes the request line and the headers may have in total. Hyper stops reading between
/// this and twice as much; [`check_head`] is exact.
pub(crate) const HEADER_BYTES: usize = 64 * 1024;

/// How long a client may take to send the headers of a request. Hyper counts from the end of the
/// previous request, so an idle connection is closed after this time.
pub(crate) const HEADER_TIME: Duration = Duration::from_secs(60);

/// How long a client may pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// How long a function may pause: the longest time that one may run. Its own timeout ends it
/// earlier.
const RUNTIME_PAUSE: Duration = Duration::from_secs(900);

/// How many bytes of a function's result are read and discarded, so that the function is not cut off
/// while it sends and can read the error.
const DISCARDED: usize = 256 << 20;

/// Code comes as base64 in JSON: 50 MiB of zip, Lambda's limit, are 67 MiB of text.
const CODE_BYTES: usize = 70 << 20;

/// Lambda's payloads of 6 MiB, and some more so that the service refuses larger ones in its own
/// words.
const PAYLOAD_BYTES: usize = 7 << 20;

/// DynamoDB's limit of 16 MiB. A batch of 1 MiB to SQS fits too, with each character escaped as
/// `\u0000`.
const OTHER_BYTES: usize = 16 << 20;

/// Checks that the request line and the headers have at most [`HEADER_BYTES`].
///
/// # Errors
/// They have more.
pub(crate) fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), AwsError> {
    let line = uri.path_and_query().map_or(0, |line| line.as_str().len());
    let one = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    if line + headers.iter().map(one).sum::<usize>() <= HEADER_BYTES {
        return Ok(());
    }
    let message = format!("The request's headers must have at most {HEADER_BYTES} bytes.");
    Err(AwsError::new("RequestHeaderSectionTooLarge", 431, message))
}

/// How much of a body is read, and how fast it must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyLimit {
    /// How many bytes are kept.
    pub(crate) bytes: usize,
    /// How many more are read and discarded before the request is refused.
    discarded: usize,
    /// How long the client may pause.
    pause: Duration,
}

/// The limit for the body of a request to this path. A function's result that is too large is cut
/// and not refused here: the Runtime API sees that it is too large and reports it to the caller of
/// the function too.
pub(crate) fn body_limit(path: &str) -> BodyLimit {
    if path.starts_with("/_runtime/") {
        return BodyLimit {
            bytes: PAYLOAD_BYTES,
            discarded: DISCARDED,
            pause: RUNTIME_PAUSE,
        };
    }
    let path = path.trim_end_matches('/');
    let bytes = if path.ends_with("/functions") || path.ends_with("/code") {
        CODE_BYTES
    } else if path.ends_with("/invocations") || path.ends_with("/invoke-async") {
        PAYLOAD_BYTES
    } else {
        OTHER_BYTES
    };
    BodyLimit {
        bytes,
        discarded: 0,
        pause: BODY_PAUSE,
    }
}

/// Reads a body, however it is framed.
///
/// # Errors
/// When it is longer than `limit` allows, stalls, or breaks off.
pub(crate) async fn read_body(mut body: Incoming, limit: BodyLimit) -> Result<Bytes, AwsError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let max = limit.bytes + limit.discarded;
    if announced > max {
        return Err(too_large(limit.bytes));
    }
    let mut whole = BytesMut::new();
    let mut read = 0;
    loop {
        let frame = tokio::time::timeout(limit.pause, body.frame())
            .await
            .map_err(|_| {
                AwsError::new("RequestTimeout", 408, "The body did not arrive in time.")
            })?;
        let mut data = match frame {
            None => return Ok(whole.freeze()),
            Some(Err(problem)) => {
                let message = format!("The body could not be read: {problem}");
                return Err(AwsError::new("IncompleteBody", 400, message));
            }
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        read += data.len();
        if read > max {
            return Err(too_large(limit.bytes));
        }
        data.truncate(limit.bytes - whole.len());
        if whole.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        // The announced size is within the limit, so it can be reserved at once.
        if whole.is_empty() {
            whole.reserve(announced.min(limit.bytes));
        }
        whole.extend_from_slice(&data);
    }
}

fn too_large(limit: usize) -> AwsError {
    let message = format!("The request's body must have at most {limit} bytes.");
    AwsError::new("RequestEntityTooLargeException", 413, message)
}
