//! Where a lab is on record: it is found again there, and no other is taken for it. The local cloud
//! plays AWS.

use crate::support::aws_env::{ACCOUNT, Aws, Lure, words};
use crate::support::lab::document;

/// Records that the default lab was built on AWS.
fn record(aws: &Aws, account: &str, region: &str, endpoint: &str) {
    let record = aws.lab.home().join("targets/default.json");
    let target = serde_json::json!({
        "kind": "aws", "account": account, "region": region, "endpoint": endpoint, "profile": "work",
    });
    std::fs::create_dir_all(record.parent().expect("a directory")).expect("a directory");
    std::fs::write(&record, target.to_string()).expect("a record");
}

#[test]
fn a_lab_is_found_again_where_it_was_built() {
    let aws = Aws::new();
    let endpoint = aws.variable("AWS_ENDPOINT_URL");
    record(&aws, ACCOUNT, "us-east-1", endpoint);
    for flags in [&[][..], &["--target", "aws"]] {
        let mut command = aws.command(&["status", "--json"]);
        command.args(flags).env("AWS_REGION", "eu-north-1");
        let output = command.output().expect("the tool runs");
        let said = words(&output);
        assert!(said.contains("was built in us-east-1"), "{said}");
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
    let lure = Lure::new();
    record(&aws, ACCOUNT, "us-east-1", &lure.url());
    let (code, other) = aws.json(&["status"]);
    assert_eq!(code, 3, "{other}");
    assert!(
        other["error"]["hints"].to_string().contains(&lure.url()),
        "{other}"
    );
    assert!(lure.untouched(), "the recorded endpoint was called");
}

#[test]
fn a_lab_of_another_place_does_not_say_where_to_look_when_target_does() {
    let aws = Aws::new();
    let endpoint = aws.variable("AWS_ENDPOINT_URL");
    let status = ["status", "--target", "aws"];
    record(&aws, "123456789012", "eu-north-1", endpoint);
    let (code, other) = aws.json(&status);
    assert_eq!(
        (code, &other["target"]["region"]),
        (0, &"us-east-1".into()),
        "{other}"
    );
    let lure = Lure::new();
    record(&aws, ACCOUNT, "eu-north-1", &lure.url());
    let (code, other) = aws.json(&status);
    assert_eq!(
        (code, &other["target"]["region"]),
        (0, &"us-east-1".into()),
        "{other}"
    );
    assert!(lure.untouched(), "the recorded endpoint was called");
}

#[test]
fn a_lab_built_elsewhere_is_not_forgotten_silently() {
    let aws = Aws::new();
    aws.lab.tiny_handlers();
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
    let said = words(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("was on record in AWS, account 000000000000, region eu-north-1"),
        "{said}"
    );
    assert!(said.contains("--target aws --region eu-north-1"), "{said}");
    assert_eq!(aws.json(&["status"]).1["target"]["region"], "us-east-1");
}
