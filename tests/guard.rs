//! The account guard: what is printed and refused before any call, what is asked and remembered.
//! The local cloud is in the place of AWS.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;

use crate::support::aws_env::{ACCOUNT, AwsEnv, UncalledEndpoint};
use crate::support::lab::{Lab, interrupt, stderr};

/// Variables, flags, and why they are refused.
type Invalid<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);

#[test]
fn invalid_target_is_refused_before_any_call() {
    let lab = Lab::new();
    let uncalled = UncalledEndpoint::new();
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let url = uncalled.url();
    let endpoint = ("AWS_ENDPOINT_URL", &*url);
    let profile = ["--profile", "nope"];
    let invalid: [Invalid<'_>; 6] = [
        (&[("AWS_ENDPOINT_URL_SQS", &url)], &[], "half on AWS"),
        (
            &[("AWS_ENDPOINT_URL", "localhost:4566")],
            &[],
            "which is not a URL",
        ),
        (&[endpoint], &profile, "no AWS profile nope"),
        (
            &[endpoint, ("AWS_PROFILE", "nope")],
            &[],
            "no AWS profile nope",
        ),
        (
            &[endpoint, ("AWS_SECRET_ACCESS_KEY", "")],
            &[],
            "AWS_ACCESS_KEY_ID is set, but not",
        ),
        (&[endpoint, ("AWS_REGION", "us east")], &[], "as the region"),
    ];
    for (variables, flags, why) in invalid {
        let mut command = lab.command(&["status", "--target", "aws"]);
        command.args(flags).envs(keys).envs(variables.to_vec());
        let output = command.output().expect("the tool runs");
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{why}: {text}");
        assert!(text.contains(why), "{why}: {text}");
        assert!(text.contains("hint:"), "{why}: {text}");
        assert!(uncalled.was_not_called(), "{why}: a call was made");
    }
}

#[test]
fn target_is_printed_before_the_account() {
    let aws = AwsEnv::new();
    let output = aws.command(&["status", "--target", "aws"]).output();
    let text = stderr(&output.expect("the tool runs"));
    let place = format!(
        "AWS, region us-east-1, endpoint {}, keys from the environment.",
        aws.variable("AWS_ENDPOINT_URL")
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..2],
        [&place, "Lab default in account 000000000000, as root."],
        "{text}"
    );
    let (_, document) = aws.json(&["status", "--target", "aws"]);
    assert_eq!(
        document["target"]["caller"],
        "arn:aws:iam::000000000000:root"
    );
}

#[test]
fn target_is_printed_even_when_quiet() {
    let aws = AwsEnv::new();
    for flags in [
        &["--quiet"][..],
        &["--progress", "none"],
        &["--progress", "bar"],
    ] {
        let output = aws
            .command(&["status", "--target", "aws"])
            .args(flags)
            .output();
        let text = stderr(&output.expect("the tool runs"));
        assert!(
            text.contains("AWS, region us-east-1, endpoint"),
            "{flags:?}: {text}"
        );
        assert!(
            text.contains("in account 000000000000"),
            "{flags:?}: {text}"
        );
    }
}

#[test]
fn target_is_printed_before_the_first_call() {
    let lab = Lab::new();
    let endpoint = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", endpoint.local_addr().expect("an address"));
    for command in ["status", "doctor", "up"] {
        let mut tool = lab.command(&[command, "--target", "aws", "--yes", "--quiet"]);
        tool.env("AWS_ACCESS_KEY_ID", "AKIA")
            .env("AWS_SECRET_ACCESS_KEY", "x");
        tool.env("AWS_ENDPOINT_URL", &url)
            .env("AWS_REGION", "eu-west-1");
        let mut running = tool
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        // It was called. What was not printed by now never will be.
        drop(endpoint.accept().expect("a call"));
        running.kill().expect("killed");
        let text = stderr(&running.wait_with_output().expect("it ends"));
        assert!(
            text.starts_with("AWS, region eu-west-1, endpoint"),
            "{command}: {text}"
        );
    }
}

#[test]
fn cost_on_aws_is_reported() {
    let aws = AwsEnv::new();
    aws.lab.good(&["up", "--speed", "100"]);
    let sent = [
        "simulate",
        "--target",
        "aws",
        "--yes",
        "--count",
        "3",
        "--fault-rate",
        "0",
    ];
    for (arguments, orders) in [
        (&["up", "--plan", "--target", "aws"][..], 1000),
        (&["status", "--target", "aws"], 1000),
        (&sent, 3),
    ] {
        let (_, document) = aws.json(arguments);
        assert_eq!(document["run_orders"], orders, "{arguments:?}: {document}");
        for dollars in ["run_dollars", "standing_dollars_per_hour"] {
            let dollars = document[dollars].as_f64();
            assert!(
                dollars.is_some_and(|some| some > 0.0),
                "{arguments:?}: {document}"
            );
        }
    }
    let local = aws.lab.good(&["status", "--target", "local"]);
    assert_eq!(
        local["run_dollars"],
        Value::Null,
        "nothing is billed locally"
    );
}

#[test]
fn operator_policy_comes_with_instructions() {
    let lab = Lab::new();
    let output = lab.run(&["policy", "operator", "--lab", "ann"]);
    let text = stderr(&output);
    assert!(
        text.contains("`orders-lab policy operator --lab ann --target aws`"),
        "{text}"
    );
    assert!(text.contains("managed policy"), "{text}");
    let policy: Value = serde_json::from_slice(&output.stdout).expect("a policy alone");
    assert_eq!(policy["Version"], "2012-10-17");
    let text = stderr(&lab.run(&["policy", "processor"]));
    assert!(!text.contains("policy operator"), "{text}");
}

#[test]
fn answering_no_changes_nothing() {
    let aws = AwsEnv::new();
    let (code, screen) = aws.in_terminal(&["local", "reset"], "n\n");
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.contains("Nothing was removed."), "{screen}");
    assert!(aws.lab.cloud_pid().is_some(), "the cloud runs");
}

#[test]
fn first_interruption_is_acknowledged() {
    let lab = Lab::new();
    let mut serving = lab.spawn(&["local", "serve"]);
    let mut stderr = BufReader::new(serving.stderr.take().expect("a pipe"));
    let mut text = String::new();
    while !text.contains("listens on") {
        assert!(stderr.read_line(&mut text).expect("a line") > 0, "{text}");
    }
    interrupt(&serving);
    stderr.read_to_string(&mut text).expect("the rest");
    assert!(text.contains(orders_lab::app::STOPPING), "{text}");
    assert!(serving.wait().expect("it ends").success(), "{text}");
}

#[test]
fn changes_without_a_terminal_need_yes() {
    let aws = AwsEnv::new();
    for command in ["up", "simulate", "redrive", "down", "demo"] {
        let (code, document) = aws.json(&[command, "--target", "aws"]);
        assert_eq!(
            (code, &document["error"]["kind"]),
            (2, &"usage".into()),
            "{command}"
        );
        let message = document["error"]["message"].as_str().expect("a message");
        assert!(message.contains(ACCOUNT), "{message}");
        let hints = document["error"]["hints"].to_string();
        assert!(hints.contains("--yes"), "{hints}");
    }
    for command in ["simulate", "dlq"] {
        let (code, document) = aws.json(&[command, "--target", "aws", "--yes"]);
        assert_eq!(code, 4, "the lab does not exist: {document}");
    }
}

#[test]
fn answering_yes_is_remembered() {
    let aws = AwsEnv::new();
    let remembered = aws.lab.home().join(format!("accounts/{ACCOUNT}.json"));
    let command = ["simulate", "--target", "aws"];
    let (code, screen) = aws.in_terminal(&command, "n\n");
    assert!(
        screen.contains("Act on AWS account 000000000000"),
        "{screen}"
    );
    assert_eq!(code, Some(130), "{screen}");
    assert!(!remembered.exists(), "a no is not remembered");
    let (code, screen) = aws.in_terminal(&command, "y\n");
    assert_eq!(
        code,
        Some(4),
        "it continued and looked for the lab: {screen}"
    );
    assert!(remembered.exists(), "{screen}");
    let (code, document) = aws.json(&command);
    assert_eq!(code, 4, "it did not ask again: {document}");
}

#[test]
fn unexpected_account_is_refused() {
    let aws = AwsEnv::new();
    let status = ["status", "--target", "aws"];
    let expecting = |account| [&status[..], &["--expect-account", account]].concat();
    let (code, document) = aws.json(&expecting("123456789012"));
    assert_eq!(code, 3, "{document}");
    let message = document["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains("123456789012") && message.contains(ACCOUNT),
        "{message}"
    );
    assert_eq!(aws.json(&expecting(ACCOUNT)).0, 0);
    assert_eq!(aws.json(&expecting("1234")).0, 2);
    let mut command = aws.command(&status);
    command.env("ORDERS_LAB_EXPECT_ACCOUNT", "123456789012");
    let output = command.output().expect("the tool runs");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn aws_flags_are_refused_locally() {
    let lab = Lab::new();
    for (flags, code) in [
        (["--profile", "work"], 2),
        (["--region", "eu-west-1"], 2),
        (["--region", "Not A Region"], 2),
        (["--expect-account", "123456789012"], 3),
        (["--expect-account", ACCOUNT], 0),
        (["--region", "us-east-1"], 0),
    ] {
        let output = lab.run(&[&["status"][..], &flags].concat());
        assert_eq!(
            output.status.code(),
            Some(code),
            "{flags:?}: {}",
            stderr(&output)
        );
    }
}
