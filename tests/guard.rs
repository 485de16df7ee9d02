//! The account guard: what is said and refused before any call, what is asked and remembered, how
//! credentials that fail are explained, and how a slow service looks. The local cloud plays AWS.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use orders_lab::aws::{AwsFailure, Clients, Login, failure};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::lab::{Lab, document};

const ACCOUNT: &str = "000000000000";
/// What the AWS CLI names the file of the session `company`'s token after.
const SHA1_OF_COMPANY: &str = "71b21161ffa1e6516bcc072aaf5ef38cbe85b511";

/// A local cloud, and the variables with which AWS's tools find it.
struct Aws {
    lab: Lab,
    variables: Vec<(String, String)>,
}

impl Aws {
    fn new() -> Self {
        let lab = Lab::new();
        let variables = lab.good(&["env"])["variables"].take();
        let variables = variables.as_object().expect("variables").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            variables: variables
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            lab,
        }
    }

    fn variable(&self, wanted: &str) -> &str {
        let found = self.variables.iter().find(|(name, _)| name == wanted);
        &found.expect("it is exported").1
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.lab.command(arguments);
        command.envs(self.variables.iter().cloned());
        command
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.command(arguments).arg("--json").output();
        document(arguments, &output.expect("the tool runs"))
    }

    /// Runs the tool in a terminal in which the answer is typed already: exit code and screen.
    fn in_a_terminal(&self, arguments: &[&str], answer: &str) -> (Option<i32>, String) {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&screen).expect("a terminal of ours");
        unlockpt(&screen).expect("a terminal to open");
        let name = ptsname(&screen, Vec::new()).expect("a terminal with a name");
        let keyboard = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let keyboard = File::from(keyboard.expect("the terminal's other end"));
        let mut screen = File::from(screen);
        screen.write_all(answer.as_bytes()).expect("typing");
        let mut child = self.command(arguments);
        child.env("TERM", "dumb");
        child.stdin(keyboard.try_clone().expect("a keyboard"));
        child.stdout(Stdio::null()).stderr(keyboard);
        let mut running = child.spawn().expect("the tool starts");
        // The last holder of the other end is the tool; reading fails when it has ended.
        drop(child);
        let mut shown = Vec::new();
        let _ = screen.read_to_end(&mut shown);
        let code = running.wait().expect("the tool ends").code();
        (code, String::from_utf8_lossy(&shown).into_owned())
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An endpoint that tells whether anybody came.
struct Lure(TcpListener);

impl Lure {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }

    fn untouched(&self) -> bool {
        matches!(self.0.accept(), Err(problem) if problem.kind() == ErrorKind::WouldBlock)
    }
}

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

#[test]
fn credentials_that_fail_come_with_what_renews_them() {
    let lab = Lab::new();
    let directory = lab.home().join(".aws/sso/cache");
    std::fs::create_dir_all(&directory).expect("a directory");
    let config = "\
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session company]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile login]
login_session = arn:aws:iam::123456789012:user/alice
[profile process]
credential_process = /bin/false
[profile empty]
region = eu-west-1
";
    std::fs::write(lab.home().join(".aws/config"), config).expect("a config file");
    let token = directory.join(format!("{SHA1_OF_COMPANY}.json"));
    let expired = r#"{"startUrl":"https://example.awsapps.com/start","region":"us-east-1","accessToken":"x","expiresAt":"2024-01-01T00:00:00Z"}"#;
    std::fs::write(token, expired).expect("a token's file");
    for (profile, why, renewal) in [
        (
            "sso",
            "the SSO token has expired",
            "`aws sso login --profile sso`",
        ),
        ("login", "failed to read", "`aws login --profile login`"),
        (
            "process",
            "external process exited",
            "credential_process of the profile process",
        ),
        (
            "empty",
            "holds no credentials",
            "`aws configure --profile empty`",
        ),
    ] {
        let (code, document) = lab.json(&["status", "--target", "aws", "--profile", profile]);
        let error = &document["error"];
        assert_eq!(
            (code, &error["kind"]),
            (3, &"credentials".into()),
            "{document}"
        );
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.contains(why) && !message.contains('\n'),
            "{message}"
        );
        assert!(error["hints"].to_string().contains(renewal), "{document}");
    }
}

#[test]
fn a_machine_without_credentials_is_told_so_soon() {
    let lab = Lab::new();
    // It takes connections and never answers, as what guards a metadata service may do.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let mut command = lab.command(&["status", "--target", "aws", "--json"]);
    command.env(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        format!("http://{address}"),
    );
    let (code, document) = document(&[], &command.output().expect("the tool runs"));
    assert_eq!(code, 3, "{document}");
    let message = document["error"]["message"].as_str().expect("a message");
    assert!(
        message.starts_with("there are no AWS credentials"),
        "{message}"
    );
    assert!(
        document["error"]["hints"]
            .to_string()
            .contains("`aws configure`")
    );
}

#[test]
fn a_refused_key_is_told_with_the_call_and_its_request() {
    let aws = Aws::new();
    let mut command = aws.command(&["status", "--target", "aws", "--json"]);
    command.env("AWS_SECRET_ACCESS_KEY", "wrong");
    let (code, document) = document(&[], &command.output().expect("the tool runs"));
    let error = &document["error"];
    assert_eq!(
        (code, &error["kind"]),
        (3, &"credentials".into()),
        "{document}"
    );
    assert_eq!(error["operation"], "sts:GetCallerIdentity");
    assert_eq!(error["code"], "SignatureDoesNotMatch");
    assert!(error["request_id"].is_string(), "{document}");
}

/// The failure of a call about something that is not there.
macro_rules! refusal {
    ($call:expr) => {
        failure("refusal", $call.send().await.expect_err("it is not there"))
    };
}

#[test]
fn the_errors_of_every_service_have_their_requests_ids() {
    let aws = Aws::new();
    let login = Login::Local {
        endpoint: aws.variable("AWS_ENDPOINT_URL").to_owned(),
        region: aws.variable("AWS_REGION").to_owned(),
        access_key: aws.variable("AWS_ACCESS_KEY_ID").to_owned(),
        secret_key: aws.variable("AWS_SECRET_ACCESS_KEY").to_owned(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let failures: [AwsFailure; 6] = runtime.block_on(async {
        let clients = Clients::new(&Clients::configuration(login).await);
        let role = format!("arn:aws:iam::{ACCOUNT}:role/none");
        let role = clients.sts.assume_role().role_arn(role);
        [
            refusal!(clients.sqs.get_queue_url().queue_name("none")),
            refusal!(clients.dynamodb.describe_table().table_name("none")),
            refusal!(clients.lambda.get_function().function_name("none")),
            refusal!(clients.iam.get_role().role_name("none")),
            refusal!(role.role_session_name("none")),
            refusal!(clients.logs.filter_log_events().log_group_name("none")),
        ]
    });
    for failure in failures {
        assert!(failure.request_id.is_some(), "{failure:?}");
        assert!(failure.code.is_some(), "{failure:?}");
    }
}

#[test]
fn a_service_that_asks_to_go_slower_is_waited_for() {
    let aws = Aws::new();
    aws.lab.good(&["up", "--speed", "50"]);
    aws.lab.good(&[
        "local",
        "weather",
        "calm",
        "--set",
        "sqs:GetQueueUrl.throttled=0.5",
    ]);
    for _ in 0..20 {
        let output = aws.command(&["status", "--target", "aws"]).output();
        let output = output.expect("the tool runs");
        let said = words(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        if said
            .contains("SQS asks us to go slower (RequestThrottled); trying again, attempt 2 of 12.")
        {
            return;
        }
    }
    panic!("half of the calls were throttled, and none was told");
}

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
