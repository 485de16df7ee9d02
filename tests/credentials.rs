//! Credentials that fail are explained, every failed call is named with its request id, and a
//! throttled call is retried. The local cloud is in the place of AWS.

use std::net::TcpListener;

use orders_lab::aws::{AwsFailure, Clients, Login, failure};

use crate::support::aws_env::{ACCOUNT, AwsEnv};
use crate::support::lab::{Lab, document, stderr};

/// The name of the AWS CLI's cache file for the token of the session `company`.
const SHA1_OF_COMPANY: &str = "71b21161ffa1e6516bcc072aaf5ef38cbe85b511";

#[test]
fn failed_credentials_hint_at_renewal() {
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
            "has no credentials",
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
fn missing_credentials_are_reported_soon() {
    let lab = Lab::new();
    // It accepts connections and never answers, as a firewalled metadata service may do.
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
fn refused_key_names_call_and_request() {
    let aws = AwsEnv::new();
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

/// The failure of a call about something that does not exist.
macro_rules! not_found {
    ($call:expr) => {
        failure("call", $call.send().await.expect_err("it does not exist"))
    };
}

#[test]
fn errors_of_every_service_have_request_ids() {
    let aws = AwsEnv::new();
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
            not_found!(clients.sqs.get_queue_url().queue_name("none")),
            not_found!(clients.dynamodb.describe_table().table_name("none")),
            not_found!(clients.lambda.get_function().function_name("none")),
            not_found!(clients.iam.get_role().role_name("none")),
            not_found!(role.role_session_name("none")),
            not_found!(clients.logs.filter_log_events().log_group_name("none")),
        ]
    });
    for failure in failures {
        assert!(failure.request_id.is_some(), "{failure:?}");
        assert!(failure.code.is_some(), "{failure:?}");
    }
}

#[test]
fn throttled_calls_are_retried() {
    let aws = AwsEnv::new();
    aws.lab.good(&["up", "--speed", "50"]);
    aws.lab.good(&[
        "local",
        "chaos",
        "off",
        "--set",
        "sqs:GetQueueUrl.throttled=0.5",
    ]);
    for _ in 0..20 {
        let mut command = aws.command(&["status", "--target", "aws"]);
        let output = command.output().expect("the tool runs");
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        if text.contains("SQS is throttling (RequestThrottled); trying again.") {
            return;
        }
    }
    panic!("half of the calls were throttled, and no retry was reported");
}
