//! Limits on what a client may use: bytes, headers, time, connections.

use std::time::Duration;

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::error::AwsError;

/// How many connections are open at a time, where the system allows as many files.
const CONNECTIONS: usize = 1088;

/// How many of them are kept for the owner.
pub(super) const OWNERS_CONNECTIONS: usize = 64;

/// How many of them one other user of the machine may have.
pub(super) const USERS_CONNECTIONS: usize = 256;

/// How many requests of all others than the owner are answered at a time, long polls included.
pub(super) const OTHERS_REQUESTS: usize = 768;

/// How many of them one access key may have.
pub(super) const KEYS_REQUESTS: usize = 256;

/// How many of them one execution environment may have. It needs one.
pub(super) const ENVIRONMENTS_REQUESTS: usize = 16;

/// How many files are left for the rest of the cloud: databases, code, the output of functions.
const OTHER_FILES: usize = 512;

/// How many headers a request may have.
pub(crate) const HEADERS: usize = 100;

/// How many bytes the request line and the headers may have in total. Hyper stops reading between
/// this and twice as much; [`check_head`] is exact.
pub(crate) const HEADER_BYTES: usize = 64 * 1024;

/// How long a connection may wait for its next request.
pub(super) const IDLE_TIME: Duration = Duration::from_secs(60);

/// How long the headers of a request may take from their first byte on, and the first request of a
/// connection.
pub(super) const HEADER_TIME: Duration = Duration::from_secs(10);

/// How long a client may take none of its reply.
pub(super) const WRITE_TIME: Duration = Duration::from_secs(30);

/// How long the rest of a request that was refused is read and discarded, and how much of it, so that
/// a client that is still sending can read why.
pub(super) const LINGER_TIME: Duration = Duration::from_secs(5);
pub(super) const LINGER_BYTES: usize = CODE_BYTES;

/// How fast a body must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// How long the client may pause, and how far it may be behind the rate.
    pub(super) pause: Duration,
    /// The fewest bytes in a second; 0 for any.
    pub(super) rate: u64,
    /// How long the whole body may take.
    pub(super) total: Duration,
}

/// The pace of a request's body. The largest one fits into the time.
const BODY_PACE: Pace = Pace {
    pause: Duration::from_secs(5),
    rate: 64 << 10,
    total: Duration::from_secs(60),
};

/// The pace of a function's result: within the longest time that one may run. Its own timeout
/// ends it earlier.
const RUNTIME_PACE: Pace = Pace {
    pause: Duration::from_secs(900),
    rate: 0,
    total: Duration::from_secs(900),
};

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

/// How many files this process asks for: more than connections and the rest need, and as many as
/// macOS allows without being configured.
const FILES: u64 = 10_240;

/// How many connections this process can have open, after its limit on open files was raised as far
/// as it may be.
pub(super) fn connections() -> usize {
    let allowed = getrlimit(Resource::Nofile);
    let most = allowed.maximum.unwrap_or(FILES).min(FILES);
    if allowed.current.is_some_and(|current| current < most) {
        let raised = Rlimit {
            current: Some(most),
            ..allowed
        };
        // Where it may not be raised, there are fewer connections.
        let _ = setrlimit(Resource::Nofile, raised);
    }
    let files = getrlimit(Resource::Nofile).current;
    let files = files.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    // Where very few are allowed, connections and the rest share what there is.
    let left = files.saturating_sub(OTHER_FILES).max(files / 4);
    left.clamp(2 * OWNERS_CONNECTIONS, CONNECTIONS)
}

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
    pub(super) discarded: usize,
    /// How fast they must come.
    pub(super) pace: Pace,
}

/// The limit for the body of a request to this path. A function's result that is too large is cut
/// and not refused here: the Runtime API sees that it is too large and reports it to the caller of
/// the function too.
pub(crate) fn body_limit(path: &str) -> BodyLimit {
    if path.starts_with("/_runtime/") {
        return BodyLimit {
            bytes: PAYLOAD_BYTES,
            discarded: DISCARDED,
            pace: RUNTIME_PACE,
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
        pace: BODY_PACE,
    }
}
