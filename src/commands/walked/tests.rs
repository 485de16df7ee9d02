//! What `up` and `down` say of a walk.

use super::*;
use crate::aws::AwsFailure;
use crate::error::ErrorKind;
use crate::provision::Outcome;

fn walk() -> ApplyReport {
    let end = |kind, outcome| ResourceResult {
        kind,
        name: "one".to_owned(),
        outcome,
        began: 500,
        milliseconds: 1500,
    };
    ApplyReport {
        resources: vec![
            end("queue", Some(Ok(Outcome::Created))),
            end("log_group", Some(Err(Problem::Foreign))),
            end("function", None),
        ],
        longest_chain: vec!["queue one".to_owned()],
        longest_chain_milliseconds: 1500,
        milliseconds: 2000,
    }
}

#[test]
fn a_part_that_failed_is_reported_with_what_was_done() {
    let report = report(&walk(), "`up`", |_| Some("A way out.".to_owned()));
    assert!(!report.ok);
    let end = |kind: &str, outcome: &str| json!({"kind": kind, "name": "one", "outcome": outcome, "began": 0.5, "seconds": 1.5});
    let mut expected = json!([
        end("queue", "created"),
        end("log_group", "failed"),
        end("function", "skipped")
    ]);
    expected[1]["reason"] = Problem::Foreign.to_string().into();
    expected[2]["reason"] = NOT_BEGUN.into();
    assert_eq!(report.data["resources"], expected);
    assert_eq!(
        report.data["walk"],
        json!({"seconds": 2.0, "longest_chain": ["queue one"], "longest_chain_seconds": 1.5})
    );
}

#[test]
fn only_an_interruption_that_left_work_is_an_error() {
    let mut done = walk();
    done.resources.truncate(1);
    assert!(stop_early(&walk(), false, "`up`").is_ok());
    assert!(stop_early(&done, true, "`up`").is_ok());
    let error = stop_early(&walk(), true, "`up`").expect_err("work is left");
    assert_eq!(error.kind, ErrorKind::Interrupted);
    assert_eq!(
        error.message,
        "interrupted; done: queue one; not finished: log group one, function one"
    );
    assert_eq!(error.hints, ["`up` again goes on from here."]);
}

#[test]
fn credentials_that_end_on_the_way_are_an_error_of_their_own() {
    let mut expired = walk();
    expired.resources[1].outcome = Some(Err(AwsFailure {
        operation: "logs:CreateLogGroup",
        class: Class::Credentials,
        code: Some("ExpiredTokenException".to_owned()),
        message: "The security token included in the request is expired".to_owned(),
        request_id: None,
    }
    .into()));
    let error = stop_early(&expired, false, "`up`").expect_err("keys have expired");
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(
        error
            .message
            .ends_with("; done: queue one; not finished: log group one, function one")
    );
    let call = error.call.expect("the call that failed");
    assert_eq!(call.operation, "logs:CreateLogGroup");
}
