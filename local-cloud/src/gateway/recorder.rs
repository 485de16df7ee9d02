//! Records every signed request, for tests that check what the tool and the functions send to AWS.
//! Requests are recorded only where the cloud's process is given a file. The record holds no secret
//! other than what the body of a request holds.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::clock::WallMs;
use crate::protocol::http::Reply;

use super::canonical::Parts;

/// The headers that are recorded beside those that begin with `x-amz-`.
const HEADERS: [&str; 3] = ["content-type", "user-agent", "x-amzn-query-mode"];

/// Headers of the signature, which are not recorded: one holds a secret, the others say nothing
/// about the operation.
const SIGNATURE: [&str; 3] = ["x-amz-security-token", "x-amz-date", "x-amz-content-sha256"];

/// The file that requests are recorded in, one JSON object a line.
#[derive(Debug)]
pub(crate) struct Recorder(Mutex<File>);

impl Recorder {
    /// Appends to the record in this file, readable by its owner alone.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(path)?;
        // `open` sets the mode of a new file only, and a device keeps its mode.
        if file.metadata()?.is_file() {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(Self(Mutex::new(file)))
    }

    /// Starts an entry for a request. It is written when it is dropped, with the reply where there
    /// was one before the client hung up.
    pub(crate) fn begin<'a>(
        &'a self,
        parts: &'a Parts<'a>,
        body: &Bytes,
        now: WallMs,
    ) -> Entry<'a> {
        Entry {
            recorder: self,
            parts,
            body: body.clone(),
            at: now,
            outcome: (None, None),
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    recorder: &'a Recorder,
    parts: &'a Parts<'a>,
    body: Bytes,
    at: WallMs,
    /// The reply's status and error code.
    outcome: (Option<u16>, Option<String>),
}

impl Entry<'_> {
    /// Adds the outcome to the entry.
    pub(crate) fn answered(mut self, reply: &Reply) {
        self.outcome = (Some(reply.status), reply.error_code());
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let line = format!("{}\n", line(self));
        let mut file = self
            .recorder
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // One write for one line, so that a kill leaves no half line.
        if let Err(problem) = file.write_all(line.as_bytes()) {
            tracing::error!(%problem, "a request could not be recorded");
        }
    }
}

fn line(entry: &Entry<'_>) -> Value {
    let parts = entry.parts;
    let text = |name: &str| parts.headers.get(name)?.to_str().ok();
    let headers = parts.headers.keys().map(|name| name.as_str());
    let recorded: Map<String, Value> = headers
        .filter(|name| {
            HEADERS.contains(name) || name.starts_with("x-amz-") && !SIGNATURE.contains(name)
        })
        .filter_map(|name| Some((name.to_owned(), text(name)?.into())))
        .collect();
    let scope = text("authorization")
        .and_then(|text| text.split_once("Credential="))
        .and_then(|(_, rest)| rest.split([',', ' ']).next());
    json!({
        "at": entry.at.0,
        "method": parts.method,
        "path": parts.path,
        "query": parts.query,
        "headers": recorded,
        "scope": scope,
        "body": STANDARD.encode(&entry.body),
        "status": entry.outcome.0,
        "error": entry.outcome.1,
    })
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn an_existing_record_becomes_private() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("requests");
        std::fs::write(&path, "earlier\n").expect("it is written");
        let everybody = Permissions::from_mode(0o644);
        std::fs::set_permissions(&path, everybody).expect("they are set");
        Recorder::open(&path).expect("it opens");
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let kept = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(kept, "earlier\n");
    }

    #[test]
    fn the_signature_is_not_recorded() {
        let mut headers = HeaderMap::new();
        let authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/sqs/aws4_request, \
                             SignedHeaders=host, Signature=cafe";
        for (name, value) in [
            ("authorization", authorization),
            ("x-amz-security-token", "token"),
            ("x-amz-target", "AmazonSQS.ListQueues"),
            ("host", "127.0.0.1:1"),
        ] {
            headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        }
        let parts = Parts {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
        };
        let reply = Reply::new(400, "application/json", r#"{"__type":"a#Bad"}"#);
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("requests");
        let recorder = Recorder::open(&path).expect("it opens");
        let body = Bytes::from("{}");
        recorder.begin(&parts, &body, WallMs(7)).answered(&reply);
        drop(recorder.begin(&parts, &body, WallMs(8)));
        let text = std::fs::read_to_string(&path).expect("it is there");
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines[1]["status"], Value::Null, "its client hung up");
        assert_eq!(
            lines[0],
            json!({
                "at": 7, "method": "POST", "path": "/", "query": "",
                "headers": { "x-amz-target": "AmazonSQS.ListQueues" },
                "scope": "AKID/20260101/us-east-1/sqs/aws4_request",
                "body": "e30=", "status": 400, "error": "Bad",
            })
        );
    }
}
