//! Properties of what comes from a function: its program, what it prints, and the types of its
//! errors.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::entrypoint::unfit;
use super::output::lines;
use super::runtime_api::error_type;
use crate::fuzzing::engines::first_line;

/// What a function prints, in two parts: its lines are the same as in one, and none is empty or
/// holds another. Also the head of its program, and the body of an error that it reports.
pub fn function_output(data: &[u8]) {
    let whole = lines(&[data]);
    let (first, second) = data.split_at(data.len() / 2);
    assert_eq!(lines(&[first, second]), whole);
    assert!(whole.iter().all(|line| !line.is_empty()));
    if let Ok(text) = std::str::from_utf8(data) {
        let lines = text.split('\n');
        let stripped = lines.map(|line| line.strip_suffix('\r').unwrap_or(line));
        let split: Vec<&str> = stripped.filter(|line| !line.is_empty()).collect();
        assert_eq!(whole, split);
    }
    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let is_fit = unfit(data, length, "x86_64").is_none();
    assert!(!is_fit || data.starts_with(b"#!") || data.starts_with(b"\x7fELF"));
    let (value, body) = first_line(data);
    let mut headers = HeaderMap::new();
    error_type(&headers, data);
    if let Ok(value) = HeaderValue::from_bytes(value) {
        let name = HeaderName::from_static("lambda-runtime-function-error-type");
        headers.insert(name, value);
        error_type(&headers, body);
    }
}
