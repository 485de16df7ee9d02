//! What `up` and `down` say at their end.

use serde_json::json;

use super::super::Difference;
use super::*;
use crate::aws::AwsFailure;
use crate::error::ErrorKind;
use crate::ui::Block;

fn applied() -> ApplyReport {
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
fn a_partial_result_is_reported() {
    let report = report(&applied(), false, "`up`", |_| {
        Some("Some advice.".to_owned())
    });
    assert!(!report.ok);
    assert!(matches!(report.text.first(), Some(Block::Table(_))));
    let end = |kind: &str, outcome: &str| json!({"kind": kind, "name": "one", "outcome": outcome, "began_seconds": 0.5, "seconds": 1.5, "reason": null});
    let mut expected = json!([
        end("queue", "created"),
        end("log_group", "failed"),
        end("function", "skipped")
    ]);
    expected[1]["reason"] = Problem::Foreign.to_string().into();
    expected[2]["reason"] = NOT_BEGUN.into();
    let data = serde_json::to_value(&report.data).expect("JSON");
    assert_eq!(data["resources"], expected);
    assert_eq!(
        data["timing"],
        json!({"seconds": 2.0, "longest_chain": ["queue one"], "longest_chain_seconds": 1.5})
    );
}

#[test]
fn success_is_one_line() {
    let mut applied = applied();
    let mut said = |outcomes: [Outcome; 3]| {
        for (end, outcome) in applied.resources.iter_mut().zip(outcomes) {
            end.outcome = Some(Ok(outcome));
        }
        ready(&applied, &[])
    };
    use Outcome::{Created, Unchanged, Updated};
    let created = said([Created; 3]);
    assert_eq!(created, "Lab ready: 3 resources in 2.0 s.");
    assert_eq!(
        said([Created, Updated, Unchanged]),
        "Lab ready: 3 resources in 2.0 s; created 1; updated log group one."
    );
    assert_eq!(
        said([Unchanged; 3]),
        "Lab ready: 3 resources, nothing to change (2.0 s)."
    );
    let report = |details| report(&applied, details, "`up`", |_| None);
    assert!(report(false).text.is_empty());
    assert_eq!(report(true).text.len(), 1);
}

#[test]
fn updates_say_what_differed() {
    let mut applied = applied();
    applied.resources.truncate(1);
    applied.resources[0].outcome = Some(Ok(Outcome::Updated));
    let found = |settings: &[&str]| {
        let differences = settings.iter().map(|name| Difference::new(*name, "1", "2"));
        [Inspected {
            kind: "queue",
            name: "one".to_owned(),
            observed: Ok(Observed::ours(differences.collect())),
        }]
    };
    let policy = ready(&applied, &found(&["RedrivePolicy", "VisibilityTimeout"]));
    let differed = "; updated queue one (RedrivePolicy, VisibilityTimeout).";
    assert!(policy.ends_with(differed), "{policy}");
    let tag = ready(&applied, &found(&["tag orders-lab:settings"]));
    let why = "(tag orders-lab:settings). The tag keeps the lab's settings for later commands.";
    assert!(tag.ends_with(why), "{tag}");
}

#[test]
fn an_interruption_with_nothing_left_passes() {
    let mut done = applied();
    done.resources.truncate(1);
    assert!(stop_early(&applied(), false, "`up`").is_ok());
    assert!(stop_early(&done, true, "`up`").is_ok());
    let error = stop_early(&applied(), true, "`up`").expect_err("work is left");
    assert_eq!(error.kind, ErrorKind::Interrupted);
    assert_eq!(
        error.message,
        "interrupted; done: queue one; not finished: log group one, function one"
    );
    assert_eq!(error.hints, ["`up` again continues from here."]);
}

#[test]
fn expired_credentials_end_the_command() {
    let mut expired = applied();
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
