//! Every case of Lambda's table of partial batch responses.

use crate::lambda::engine::{BatchResult, partial_batch};

const IDS: [&str; 2] = ["a", "b"];

fn batch_result(payload: &str) -> BatchResult {
    partial_batch(true, Ok(payload.as_bytes()), &IDS)
}

#[test]
fn nothing_reported_is_success() {
    let payloads = [
        "",
        "null",
        "{}",
        r#"{"batchItemFailures":[]}"#,
        r#"{"batchItemFailures":null}"#,
        r#"{"batch_item_failures":[{"itemIdentifier":"a"}]}"#,
    ];
    for payload in payloads {
        assert_eq!(
            batch_result(payload),
            BatchResult::AllSucceeded,
            "{payload}"
        );
    }
}

#[test]
fn reported_messages_stay() {
    let one = batch_result(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#);
    assert_eq!(one, BatchResult::SomeFailed(["b".to_owned()].into()));
    let twice =
        batch_result(r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}"#);
    assert_eq!(twice, BatchResult::SomeFailed(["a".to_owned()].into()));
}

#[test]
fn an_invalid_report_fails_the_whole_batch() {
    let payloads = [
        "{",
        "not json",
        "[]",
        r#""ok""#,
        r#""""#,
        "7",
        "true",
        r#"[{"batchItemFailures":[]}]"#,
        r#"{"batchItemFailures":{}}"#,
        r#"{"batchItemFailures":[null]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":7}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
        r#"{"batchItemFailures":[{"itemId":"a"}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#,
        r#"{"batchItemFailures":["a"]}"#,
        r#"{"batchItemFailures":"a"}"#,
    ];
    for payload in payloads {
        assert_eq!(batch_result(payload), BatchResult::AllFailed, "{payload}");
    }
}

#[test]
fn failed_invocations_fail_the_batch() {
    for flag in [true, false] {
        assert_eq!(partial_batch(flag, Err(()), &IDS), BatchResult::AllFailed);
    }
    for payload in ["{", r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#] {
        let result = partial_batch(false, Ok(payload.as_bytes()), &IDS);
        assert_eq!(result, BatchResult::AllSucceeded);
    }
}
