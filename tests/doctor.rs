//! `doctor`: each problem is found, named with what to do, and hides no other.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::aws_env::variables;
use crate::support::lab::{Lab, document};

/// One check of a report.
fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("there is no check {name}: {report:#}"))
}

fn examine(lab: &Lab, variables: &[(String, String)]) -> (i32, Value) {
    let arguments = ["doctor", "--target", "aws", "--json"];
    let mut command = lab.command(&arguments);
    // The metadata service of a machine without one is not waited for.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().cloned());
    document(&arguments, &command.output().expect("the tool runs"))
}

#[test]
fn new_user_has_no_problems() {
    let lab = Lab::new();
    let report = lab.good(&["doctor"]);
    assert_eq!(report["checked_for"], "local");
    assert_eq!(
        check(&report, "local cloud")["state"],
        "ok",
        "it need not run"
    );
    assert!(lab.cloud_pid().is_none(), "`doctor` starts nothing");
    lab.good(&["local", "start"]);
    let report = lab.good(&["doctor"]);
    let found = check(&report, "local cloud")["found"].to_string();
    assert!(found.contains("http://127.0.0.1:"), "{found}");
}

#[test]
fn open_or_unusable_state_directory_is_reported() {
    let lab = Lab::new();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(lab.home(), open).expect("set");
    let report = lab.good(&["doctor"]);
    let state = check(&report, "state directory");
    assert_eq!(state["state"], "warning", "{state}");
    assert!(state["advice"].to_string().contains("chmod 700"), "{state}");
    let file = lab.home().join("file");
    std::fs::write(&file, "no directory").expect("written");
    let mut command = lab.command(&["doctor", "--json"]);
    let output = command.env("ORDERS_LAB_HOME", &file).output();
    let (code, report) = document(&["doctor"], &output.expect("the tool runs"));
    assert_eq!(code, 1);
    assert_eq!(check(&report, "state directory")["state"], "problem");
    assert_eq!(
        check(&report, "processor's build")["state"],
        "ok",
        "one problem hides nothing"
    );
}

#[test]
fn every_aws_check_runs() {
    let lab = Lab::new();
    let aws = variables(&lab);
    let (_, report) = examine(&lab, &aws);
    for name in [
        "credentials",
        "region",
        "account",
        "endpoint",
        "clock",
        "Lambda quota",
    ] {
        assert_eq!(check(&report, name)["state"], "ok", "{name}: {report:#}");
    }
    assert!(
        check(&report, "account")["found"]
            .to_string()
            .contains("000000000000")
    );
    let exported = aws.iter().find(|(name, _)| name == "AWS_SECRET_ACCESS_KEY");
    let (_, secret) = exported.expect("it is exported");
    assert!(
        !report.to_string().contains(secret),
        "secrets are not printed"
    );
}

#[test]
fn checks_what_commands_would_call() {
    let lab = Lab::new();
    let mut aws = variables(&lab);
    let exported = aws.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
    let (_, endpoint) = exported.expect("it is exported");
    let record = serde_json::json!({
        "kind": "aws", "account": "000000000000", "region": "us-east-1", "endpoint": endpoint,
    });
    let targets = lab.home().join("targets");
    std::fs::create_dir_all(&targets).expect("a directory");
    std::fs::write(targets.join("default.json"), record.to_string()).expect("a record");
    aws.push(("AWS_REGION".to_owned(), "eu-north-1".to_owned()));
    let (_, report) = examine(&lab, &aws);
    let found = check(&report, "region")["found"].as_str().expect("words");
    assert!(
        found.starts_with("us-east-1, where the lab was built"),
        "{found}"
    );
    // Without `--target`, an endpoint other than the recorded one is refused, and not called.
    aws.push((
        "AWS_ENDPOINT_URL".to_owned(),
        "http://127.0.0.1:9".to_owned(),
    ));
    let mut command = lab.command(&["doctor", "--json"]);
    let output = command.envs(aws).output().expect("the tool runs");
    let (code, report) = document(&["doctor"], &output);
    assert_eq!(code, 1);
    let refused = check(&report, "endpoint")["found"].as_str().expect("words");
    assert!(refused.contains("was built at"), "{refused}");
    assert_eq!(check(&report, "account")["state"], "unknown");
}

#[test]
fn credential_process_runs_once() {
    let lab = Lab::new();
    let mut aws = variables(&lab);
    let take = |aws: &mut Vec<(String, String)>, name: &str| {
        let at = aws.iter().position(|(known, _)| known == name);
        aws.remove(at.expect("it is exported")).1
    };
    let [key, secret] =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| take(&mut aws, name));
    let reply = serde_json::json!({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret});
    let program = lab.home().join("credentials");
    let runs = lab.home().join("runs");
    let script = format!(
        "#!/bin/sh\necho run >> {}\necho '{reply}'\n",
        runs.display()
    );
    std::fs::write(&program, script).expect("a program");
    let executable = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(&program, executable).expect("executable");
    std::fs::create_dir(lab.home().join(".aws")).expect("a directory");
    let config = format!("[default]\ncredential_process = {}\n", program.display());
    std::fs::write(lab.home().join(".aws/config"), config).expect("a config file");
    let (_, report) = examine(&lab, &aws);
    assert_eq!(check(&report, "account")["state"], "ok", "{report:#}");
    let lines = std::fs::read_to_string(runs).expect("it was run");
    assert_eq!(
        lines.lines().count(),
        1,
        "a second factor is requested only once"
    );
}

#[test]
fn missing_credentials_do_not_stop_other_checks() {
    let lab = Lab::new();
    let (code, report) = examine(&lab, &[]);
    assert_eq!(code, 1);
    let credentials = check(&report, "credentials");
    assert_eq!(credentials["state"], "problem");
    assert!(
        credentials["advice"].to_string().contains("aws configure"),
        "{credentials}"
    );
    assert_eq!(check(&report, "region")["state"], "warning");
    for name in ["account", "clock", "Lambda quota"] {
        assert_eq!(check(&report, name)["state"], "unknown", "{name}");
    }
    assert_eq!(check(&report, "simulator's build")["state"], "ok");
}

#[test]
fn invalid_key_differs_from_silent_endpoint() {
    let lab = Lab::new();
    let mut aws = variables(&lab);
    let set = |aws: &mut Vec<(String, String)>, name: &str, value: String| {
        aws.retain(|(known, _)| known != name);
        aws.push((name.to_owned(), value));
    };
    set(&mut aws, "AWS_SECRET_ACCESS_KEY", "wrong".to_owned());
    let (code, report) = examine(&lab, &aws);
    assert_eq!(code, 1);
    assert_eq!(check(&report, "account")["state"], "problem", "{report:#}");
    assert_eq!(check(&report, "endpoint")["state"], "ok");
    assert_eq!(
        check(&report, "clock")["state"],
        "ok",
        "a refusal tells the time too"
    );
    // It accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    set(&mut aws, "AWS_ENDPOINT_URL", url);
    let (code, report) = examine(&lab, &aws);
    assert_eq!(code, 1);
    assert_eq!(check(&report, "endpoint")["state"], "problem", "{report:#}");
    assert_eq!(check(&report, "account")["state"], "unknown");
}
