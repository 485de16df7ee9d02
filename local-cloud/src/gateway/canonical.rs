//! The canonical form of a request, which SigV4 signs.
//!
//! From "Create a signed AWS API request" in AWS's IAM user guide, for services other than S3:
//! the path is encoded once more than it was sent, and its dot segments are resolved.

use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// The parts of a request that are signed beside its body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) method: &'a str,
    /// As sent, without the query.
    pub(crate) path: &'a str,
    /// As sent, without `?`.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// The canonical request. `signed_headers` is the client's list, and `payload_hash` the hexadecimal
/// SHA-256 of the body.
pub(crate) fn canonical_request(
    parts: &Parts<'_>,
    signed_headers: &str,
    payload_hash: &str,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut line = |bytes: &[u8]| {
        out.extend_from_slice(bytes);
        out.push(b'\n');
    };
    line(parts.method.as_bytes());
    line(path(parts.path).as_bytes());
    line(query(parts.query).as_bytes());
    for name in signed_headers.split(';') {
        line(&header(parts.headers, name));
    }
    line(b"");
    line(signed_headers.as_bytes());
    out.extend_from_slice(payload_hash.as_bytes());
    out
}

fn path(sent: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in sent.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| sent.ends_with(end));
    let mut plain = format!("/{}", segments.join("/"));
    if is_folder && !plain.ends_with('/') {
        plain.push('/');
    }
    utf8_percent_encode(&plain, PATH).to_string()
}

fn query(sent: &str) -> String {
    let encode = |text: &str| {
        let spaced = text.replace('+', " ");
        let plain = percent_decode_str(&spaced).decode_utf8_lossy();
        utf8_percent_encode(&plain, QUERY).to_string()
    };
    let mut pairs: Vec<(String, String)> = sent
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// `name:value`, with the values of a repeated header joined by commas, spaces trimmed, and runs of
/// spaces replaced by one.
fn header(headers: &HeaderMap, name: &str) -> Vec<u8> {
    let mut out = [name.as_bytes(), b":"].concat();
    for (place, value) in headers.get_all(name).iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let mut words = value.as_bytes().split(|byte| *byte == b' ');
        let mut words = words.by_ref().filter(|word| !word.is_empty());
        if let Some(first) = words.next() {
            out.extend_from_slice(first);
        }
        for word in words {
            out.push(b' ');
            out.extend_from_slice(word);
        }
    }
    out
}
