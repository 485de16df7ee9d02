//! The record of where a lab was built: the lab is found there again, and no other is mistaken for
//! it. The local cloud is in the place of AWS.

use crate::support::aws_env::{ACCOUNT, AwsEnv, UncalledEndpoint};
use crate::support::lab::{document, stderr};

/// Records that the default lab was built on AWS.
fn record(aws: &AwsEnv, account: &str, region: &str, endpoint: &str) {
    let path = aws.lab.home().join("targets/default.json");
    let target = serde_json::json!({
        "kind": "aws", "account": account, "region": region, "endpoint": endpoint, "profile": "work",
    });
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    std::fs::write(&path, target.to_string()).expect("a record");
}

#[test]
fn lab_is_found_where_it_was_built() {
    let aws = AwsEnv::new();
    let endpoint = aws.variable("AWS_ENDPOINT_URL");
    record(&aws, ACCOUNT, "us-east-1", endpoint);
    for flags in [&[][..], &["--target", "aws"]] {
        let mut command = aws.command(&["status", "--json"]);
        command.args(flags).env("AWS_REGION", "eu-north-1");
        let output = command.output().expect("the tool runs");
        let text = stderr(&output);
        assert!(text.contains("was built in us-east-1"), "{text}");
        assert_eq!(document(&[], &output).1["target"]["region"], "us-east-1");
    }
    record(&aws, "123456789012", "us-east-1", endpoint);
    let (code, other) = aws.json(&["status"]);
    assert_eq!(code, 3, "{other}");
    assert!(
        other["error"]["hints"]
            .to_string()
            .contains("--profile work"),
        "{other}"
    );
    let uncalled = UncalledEndpoint::new();
    record(&aws, ACCOUNT, "us-east-1", &uncalled.url());
    let (code, other) = aws.json(&["status"]);
    assert_eq!(code, 3, "{other}");
    assert!(
        other["error"]["hints"]
            .to_string()
            .contains(&uncalled.url()),
        "{other}"
    );
    assert!(
        uncalled.was_not_called(),
        "the recorded endpoint was called"
    );
}

#[test]
fn target_flag_overrides_the_record() {
    let aws = AwsEnv::new();
    let endpoint = aws.variable("AWS_ENDPOINT_URL");
    let status = ["status", "--target", "aws"];
    record(&aws, "123456789012", "eu-north-1", endpoint);
    let (code, other) = aws.json(&status);
    assert_eq!(
        (code, &other["target"]["region"]),
        (0, &"us-east-1".into()),
        "{other}"
    );
    let uncalled = UncalledEndpoint::new();
    record(&aws, ACCOUNT, "eu-north-1", &uncalled.url());
    let (code, other) = aws.json(&status);
    assert_eq!(
        (code, &other["target"]["region"]),
        (0, &"us-east-1".into()),
        "{other}"
    );
    assert!(
        uncalled.was_not_called(),
        "the recorded endpoint was called"
    );
}

#[test]
fn replaced_record_is_reported() {
    let aws = AwsEnv::new();
    aws.lab.stub_handlers();
    let handlers = aws.lab.home().join("handlers");
    record(
        &aws,
        ACCOUNT,
        "eu-north-1",
        aws.variable("AWS_ENDPOINT_URL"),
    );
    let mut up = aws.command(&["up", "--target", "aws", "--yes", "--region", "us-east-1"]);
    let output = up
        .arg("--handlers")
        .arg(handlers)
        .output()
        .expect("the tool runs");
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("was recorded in AWS, account 000000000000, region eu-north-1"),
        "{text}"
    );
    assert!(text.contains("--target aws --region eu-north-1"), "{text}");
    assert_eq!(aws.json(&["status"]).1["target"]["region"], "us-east-1");
}
