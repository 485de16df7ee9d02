//! The person's policy: the whole demo passes under exactly what `policy operator` prints, and
//! where one right is missing, `up` names it.

use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::support::harness::{Bench, Keys};
use crate::support::inventory::whole;
use crate::support::lab::document;

/// How many labs are built side by side.
const SIDE_BY_SIDE: usize = 4;

/// The rights without which a first `up` cannot do its work. The others are for what comes
/// later: changes, orders, letters, removal.
const NEEDED_FIRST: [&str; 20] = [
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
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:TagQueue",
];

/// The operator's policy for a lab.
fn policy(bench: &Bench, lab: &str) -> Value {
    bench.lab.good(&["policy", "operator", "--lab", lab])["policy"].take()
}

/// Keys of a new role that may do what the policy says: a user's own policies are too short for
/// it, and people who sign in once come as a role anyway.
fn keys(bench: &Bench, role: &str, policy: &Value) -> Keys {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole",
    }]});
    let (iam, sts) = (&bench.clients.iam, &bench.clients.sts);
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
    let lent = bench.runtime.block_on(work).credentials.expect("keys");
    Keys {
        access_key: lent.access_key_id,
        secret_key: lent.secret_access_key,
        token: Some(lent.session_token),
    }
}

/// The tool on AWS, which is the local cloud, with these keys.
fn run(bench: &Bench, keys: &Keys, arguments: &[&str]) -> (i32, Value) {
    let endpoint = format!("http://127.0.0.1:{}", bench.cloud.port);
    let output = bench.command(&endpoint, keys, arguments).output();
    document(arguments, &output.expect("the tool runs"))
}

/// Builds a lab of its own without one right; whether that failed, naming the right.
fn is_missed(bench: &Bench, number: usize, action: &str) -> bool {
    let lab = format!("l{number}");
    let mut policy = policy(bench, &lab);
    let statements = policy["Statement"].as_array_mut().expect("statements");
    for statement in &mut *statements {
        let actions = statement["Action"].as_array_mut().expect("actions");
        actions.retain(|one| one != action);
    }
    statements.retain(|one| one["Action"] != json!([]));
    let keys = keys(bench, &format!("operator-{number}"), &policy);
    let (code, said) = run(bench, &keys, &["up", "--lab", &lab]);
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
    let bench = Bench::new(50);
    let keys = keys(&bench, "operator", &policy(&bench, "default"));
    let (code, demo) = run(&bench, &keys, &["demo"]);
    assert_eq!(code, 0, "{demo:#}");
    assert!(
        demo["steps"]["down"]["certificate"]["by_tag"] == true,
        "the removal was looked for by tag: {demo:#}"
    );
}

#[test]
fn the_policy_of_one_lab_is_enough_beside_another() {
    let bench = Bench::new(50);
    bench.lab.good(&["up", "--lab", "other"]);
    let keys = keys(&bench, "operator", &policy(&bench, "mine"));
    let mine = |command: &str| {
        let words = command.split(' ').chain(["--lab", "mine"]);
        run(&bench, &keys, &words.collect::<Vec<_>>())
    };
    for command in [
        "up",
        "simulate --count 20 --fault-rate 0.2",
        "status",
        "audit",
        "logs processor",
        "dlq",
        "redrive",
    ] {
        let (code, document) = mine(command);
        assert_eq!(code, 0, "{command}: {document:#}");
    }
    let (_, doctor) = mine("doctor");
    assert!(!doctor.to_string().contains("AccessDenied"), "{doctor:#}");
    let (code, list) = mine("list");
    let labs: Vec<_> = list["labs"].as_array().into_iter().flatten().collect();
    assert_eq!(code, 0, "{list:#}");
    assert!(labs.iter().any(|lab| lab["name"] == "mine"), "{list:#}");
    // What it may not remove it leaves, and says why.
    let (code, down) = mine("down --all");
    let removed = |name: &str| {
        let labs = down["labs"].as_array().into_iter().flatten();
        let mut named = labs.filter(|lab| lab["lab"] == name);
        named
            .next()
            .map(|lab| (lab["removed"] == true, lab["reason"].to_string()))
    };
    assert_eq!(code, 1, "{down:#}");
    assert!(
        removed("mine").is_some_and(|(removed, _)| removed),
        "{down:#}"
    );
    let other = removed("other");
    let is_told = other.is_some_and(|(removed, why)| !removed && why.contains("AccessDenied"));
    assert!(is_told, "{down:#}");
    assert_eq!(bench.found("mine"), Vec::<String>::new());
    assert_eq!(bench.found("other"), whole("other"));
}

#[test]
#[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
fn up_names_the_right_that_is_missing() {
    let bench = Bench::with_tiny_handlers(50);
    let all = actions(&policy(&bench, "default"));
    let left = Mutex::new(all.iter().enumerate());
    let failed = Mutex::new(Vec::new());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((number, action)) = next() {
                    if is_missed(&bench, number, action) {
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
