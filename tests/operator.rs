//! The person's policy: the whole demo passes under exactly what `policy operator` prints, and
//! where one right is missing, `up` names it.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use orders_lab::aws::Clients;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::lab::{Cloud, Lab, document};

/// How many labs are built side by side.
const SIDE_BY_SIDE: usize = 4;

/// The rights without which a first `up` cannot do its work. The others are for what comes
/// later: changes, orders, letters, removal.
const NEEDED_FIRST: [&str; 19] = [
    "dynamodb:CreateTable",
    "dynamodb:DescribeTable",
    "dynamodb:TagResource",
    "iam:CreateRole",
    "iam:GetRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:GetFunction",
    "lambda:ListEventSourceMappings",
    "lambda:TagResource",
    "logs:CreateLogGroup",
    "logs:DescribeLogGroups",
    "logs:TagResource",
    "sqs:CreateQueue",
    "sqs:GetQueueUrl",
    "sqs:TagQueue",
];

/// A cloud, and its owner's clients.
struct Bench {
    lab: Lab,
    cloud: Cloud,
    runtime: Runtime,
    clients: Clients,
}

/// Keys that a role has lent.
struct Keys {
    access_key: String,
    secret_key: String,
    token: String,
}

impl Bench {
    fn new() -> Self {
        let lab = Lab::new();
        let cloud = lab.cloud(50);
        let runtime = Runtime::new().expect("a runtime");
        let clients = runtime.block_on(cloud.clients());
        Self {
            lab,
            cloud,
            runtime,
            clients,
        }
    }

    /// The operator's policy for a lab.
    fn policy(&self, lab: &str) -> Value {
        self.lab.good(&["policy", "operator", "--lab", lab])["policy"].take()
    }

    /// Keys of a new role that may do what the policy says: a user's own policies are too short
    /// for it, and people who sign in once come as a role anyway.
    fn keys(&self, role: &str, policy: &Value) -> Keys {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole",
        }]});
        let (iam, sts) = (&self.clients.iam, &self.clients.sts);
        let work = async {
            let create = iam.create_role().role_name(role);
            let create = create.assume_role_policy_document(trust.to_string());
            create.send().await.expect("a role");
            let put = iam
                .put_role_policy()
                .role_name(role)
                .policy_name("operator");
            let put = put.policy_document(policy.to_string()).send().await;
            put.expect("a policy");
            let assume = sts.assume_role().role_session_name("operator");
            let arn = format!("arn:aws:iam::000000000000:role/{role}");
            assume.role_arn(arn).send().await.expect("a session")
        };
        let lent = self.runtime.block_on(work).credentials.expect("keys");
        Keys {
            access_key: lent.access_key_id,
            secret_key: lent.secret_access_key,
            token: lent.session_token,
        }
    }

    /// The tool on AWS, which is the local cloud, with these keys.
    fn command(&self, keys: &Keys, arguments: &[&str]) -> Command {
        let mut command = self.lab.command(arguments);
        command
            .args(["--target", "aws", "--yes", "--json"])
            .env(
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.cloud.port),
            )
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &keys.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_key)
            .env("AWS_SESSION_TOKEN", &keys.token);
        command
    }

    fn json(&self, keys: &Keys, arguments: &[&str]) -> (i32, Value) {
        let output = self
            .command(keys, arguments)
            .output()
            .expect("the tool runs");
        document(arguments, &output)
    }

    /// Builds a lab of its own without one right; whether that failed, naming the right.
    fn without(&self, number: usize, action: &str) -> bool {
        let lab = format!("l{number}");
        let mut policy = self.policy(&lab);
        for statement in policy["Statement"].as_array_mut().expect("statements") {
            let actions = statement["Action"].as_array_mut().expect("actions");
            actions.retain(|one| one != action);
        }
        let statements = policy["Statement"].as_array_mut().expect("statements");
        statements.retain(|one| one["Action"] != json!([]));
        let keys = self.keys(&format!("operator-{number}"), &policy);
        let handlers = self.lab.home().join("handlers");
        let handlers = handlers.to_str().expect("a path");
        let (code, said) = self.json(&keys, &["up", "--lab", &lab, "--handlers", handlers]);
        if code == 0 {
            return false;
        }
        // SQS writes the actions that it denies in small letters.
        let told = said.to_string().to_lowercase();
        assert!(
            told.contains(&action.to_lowercase()),
            "without {action}: {said:#}"
        );
        true
    }
}

fn actions(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements
        .iter()
        .flat_map(|one| one["Action"].as_array().expect("actions"));
    let mut actions: Vec<String> = actions
        .map(|one| one.as_str().expect("a text").to_owned())
        .collect();
    actions.sort();
    actions.dedup();
    actions
}

#[test]
fn the_demo_passes_under_exactly_the_policy_that_is_printed() {
    let bench = Bench::new();
    let keys = bench.keys("operator", &bench.policy("default"));
    let (code, demo) = bench.json(&keys, &["demo"]);
    assert_eq!(code, 0, "{demo:#}");
    assert!(
        demo["steps"]["down"]["certificate"]["by_tag"] == true,
        "the removal was looked for by tag: {demo:#}"
    );
}

#[test]
#[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
fn up_names_the_right_that_is_missing() {
    let bench = Bench::new();
    bench.lab.tiny_handlers();
    let all = actions(&bench.policy("default"));
    let left = Mutex::new(all.iter().enumerate());
    let failed = Mutex::new(Vec::new());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((number, action)) = next() {
                    if bench.without(number, action) {
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push(action.clone());
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort();
    eprintln!(
        "{} rights were taken away alone, {} of them missed by a first `up`",
        all.len(),
        failed.len()
    );
    assert_eq!(failed, NEEDED_FIRST);
}
