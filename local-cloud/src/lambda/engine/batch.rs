//! What an invocation's result means for the messages of its batch.
//!
//! Source: Lambda's developer guide, "Handling errors for an SQS event source in Lambda", success
//! and failure conditions of partial batch responses.

use std::collections::HashSet;

use serde_json::Value;

/// What happens to the messages of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchResult {
    /// All messages are deleted.
    AllSucceeded,
    /// All messages stay in the queue.
    AllFailed,
    /// The messages with these ids stay, the others are deleted.
    SomeFailed(HashSet<String>),
}

/// What happens to the messages after an invocation. `result` is the function's payload, or `Err`
/// when it failed, timed out or crashed; `report_failures` is whether the mapping has
/// `ReportBatchItemFailures`.
pub fn partial_batch(
    report_failures: bool,
    result: Result<&[u8], ()>,
    message_ids: &[&str],
) -> BatchResult {
    let Ok(payload) = result else {
        return BatchResult::AllFailed;
    };
    if !report_failures {
        return BatchResult::AllSucceeded;
    }
    match reported(payload, message_ids) {
        None => BatchResult::AllFailed,
        Some(failed) if failed.is_empty() => BatchResult::AllSucceeded,
        Some(failed) => BatchResult::SomeFailed(failed),
    }
}

/// The ids that a payload reports; `None` when it is not a valid report on this batch.
fn reported(payload: &[u8], message_ids: &[&str]) -> Option<HashSet<String>> {
    let none = HashSet::new();
    if payload.is_empty() {
        return Some(none);
    }
    let report = match serde_json::from_slice(payload).ok()? {
        Value::Object(report) => report,
        Value::Null => return Some(none),
        // AWS documents that invalid JSON fails the batch, and nothing about JSON that is not an
        // object. It counts as an invalid report: a redelivered message is noticed, and one that
        // was wrongly deleted is not.
        _ => return None,
    };
    let failures = match report.get("batchItemFailures") {
        None | Some(Value::Null) => return Some(none),
        Some(Value::Array(failures)) => failures,
        Some(_) => return None,
    };
    let id = |failure: &Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        message_ids.contains(&id).then(|| id.to_owned())
    };
    failures.iter().map(id).collect()
}
