//! The account guard: what is said and refused before any call, what is asked and remembered. The
//! local cloud plays AWS.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;

use crate::support::aws_env::{ACCOUNT, Aws, Lure, words};
use crate::support::lab::Lab;

/// Variables, flags, and why they are refused.
type Wrong<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);

#[test]
fn a_target_that_is_not_right_is_refused_before_any_call() {
    let lab = Lab::new();
    let lure = Lure::new();
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let url = lure.url();
    let endpoint = ("AWS_ENDPOINT_URL", &*url);
    let profile = ["--profile", "nope"];
    let wrong: [Wrong<'_>; 6] = [
        (&[("AWS_ENDPOINT_URL_SQS", &url)], &[], "half on AWS"),
        (
            &[("AWS_ENDPOINT_URL", "localhost:4566")],
            &[],
            "which is no URL",
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
    for (variables, flags, why) in wrong {
        let mut command = lab.command(&["status", "--target", "aws"]);
        command.args(flags).envs(keys).envs(variables.to_vec());
        let output = command.output().expect("the tool runs");
        let said = words(&output);
        assert_eq!(output.status.code(), Some(3), "{why}: {said}");
        assert!(said.contains(why), "{why}: {said}");
        assert!(said.contains("hint:"), "{why}: {said}");
        assert!(lure.untouched(), "{why}: a call was made");
    }
}

#[test]
fn the_target_is_told_before_whose_account_it_is() {
    let aws = Aws::new();
    let output = aws.command(&["status", "--target", "aws"]).output();
    let said = words(&output.expect("the tool runs"));
    let place = format!(
        "AWS, region us-east-1, endpoint {}, keys of the environment.",
        aws.variable("AWS_ENDPOINT_URL")
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..2],
        [&place, "Lab default in account 000000000000, as root."],
        "{said}"
    );
    let (_, document) = aws.json(&["status", "--target", "aws"]);
    assert_eq!(
        document["target"]["caller"],
        "arn:aws:iam::000000000000:root"
    );
}

#[test]
fn the_target_is_told_whatever_else_is_kept_quiet() {
    let aws = Aws::new();
    for flags in [
        &["--quiet"][..],
        &["--progress", "none"],
        &["--progress", "bar"],
    ] {
        let output = aws
            .command(&["status", "--target", "aws"])
            .args(flags)
            .output();
        let said = words(&output.expect("the tool runs"));
        assert!(
            said.contains("AWS, region us-east-1, endpoint"),
            "{flags:?}: {said}"
        );
        assert!(
            said.contains("in account 000000000000"),
            "{flags:?}: {said}"
        );
    }
}

#[test]
fn the_target_is_shown_before_the_first_call_is_made() {
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
        // It is called; what was not shown by now, never will be.
        drop(endpoint.accept().expect("a call"));
        running.kill().expect("killed");
        let said = words(&running.wait_with_output().expect("it ends"));
        assert!(
            said.starts_with("AWS, region eu-west-1, endpoint"),
            "{command}: {said}"
        );
    }
}

#[test]
fn what_the_lab_costs_on_aws_is_told() {
    let aws = Aws::new();
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
    assert_eq!(local["run_dollars"], Value::Null, "nothing is billed here");
}

#[test]
fn the_operators_policy_comes_with_what_to_do_with_it() {
    let lab = Lab::new();
    let output = lab.run(&["policy", "operator", "--lab", "ann"]);
    let said = words(&output);
    assert!(
        said.contains("`orders-lab policy operator --lab ann --target aws`"),
        "{said}"
    );
    assert!(said.contains("managed policy"), "{said}");
    let policy: Value = serde_json::from_slice(&output.stdout).expect("a policy alone");
    assert_eq!(policy["Version"], "2012-10-17");
    let said = words(&lab.run(&["policy", "processor"]));
    assert!(!said.contains("policy operator"), "{said}");
}

#[test]
fn a_no_is_an_interruption_that_changes_nothing() {
    let aws = Aws::new();
    let (code, screen) = aws.in_a_terminal(&["local", "reset"], "n\n");
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.contains("nothing was removed"), "{screen}");
    assert!(aws.lab.cloud_pid().is_some(), "the cloud runs");
}

#[test]
fn the_first_interruption_is_answered_at_once() {
    let lab = Lab::new();
    let mut serving = lab.spawn(&["local", "serve"]);
    let mut stderr = BufReader::new(serving.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("listens on") {
        assert!(stderr.read_line(&mut said).expect("a line") > 0, "{said}");
    }
    let pid = i32::try_from(serving.id()).expect("a process id");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    stderr.read_to_string(&mut said).expect("the rest");
    assert!(said.contains(orders_lab::app::STOPPING), "{said}");
    assert!(serving.wait().expect("it ends").success(), "{said}");
}

#[test]
fn changes_need_a_yes_where_nobody_can_be_asked() {
    let aws = Aws::new();
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
        assert_eq!(code, 4, "the lab is not there: {document}");
    }
}

#[test]
fn a_yes_in_a_terminal_is_remembered() {
    let aws = Aws::new();
    let remembered = aws.lab.home().join(format!("accounts/{ACCOUNT}.json"));
    let command = ["simulate", "--target", "aws"];
    let (code, screen) = aws.in_a_terminal(&command, "n\n");
    assert!(
        screen.contains("Act on AWS account 000000000000"),
        "{screen}"
    );
    assert_eq!(code, Some(130), "{screen}");
    assert!(!remembered.exists(), "a no is no yes");
    let (code, screen) = aws.in_a_terminal(&command, "y\n");
    assert_eq!(code, Some(4), "it went on to look for the lab: {screen}");
    assert!(remembered.exists(), "{screen}");
    let (code, document) = aws.json(&command);
    assert_eq!(code, 4, "it was not asked again: {document}");
}

#[test]
fn another_account_than_the_one_expected_is_refused() {
    let aws = Aws::new();
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
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
}

#[test]
fn flags_of_aws_mean_nothing_in_the_local_cloud() {
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
            words(&output)
        );
    }
}
