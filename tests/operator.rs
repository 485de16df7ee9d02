//! The operator's policy: the whole demo works with exactly what `policy operator` prints, and
//! `up` names the permission that is missing.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::support::harness::{Credentials, Harness};
use crate::support::inventory::complete_lab;
use crate::support::lab::document;

/// How many labs are built side by side.
const SIDE_BY_SIDE: usize = 4;

/// The permissions without which a first `up` fails. The others are for what comes later:
/// changes, orders, dead letters, removal.
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
fn policy(harness: &Harness, lab: &str) -> Value {
    harness.lab.good(&["policy", "operator", "--lab", lab])["policy"].take()
}

/// Credentials of a new role with this policy. A user's inline policies are too small for it, and
/// people who sign in once come as a role anyway.
fn credentials(harness: &Harness, role: &str, policy: &Value) -> Credentials {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole",
    }]});
    let (iam, sts) = (&harness.clients.iam, &harness.clients.sts);
    let work = async {
        iam.create_role()
            .role_name(role)
            .assume_role_policy_document(trust.to_string())
            .send()
            .await
            .expect("a role");
        iam.put_role_policy()
            .role_name(role)
            .policy_name("operator")
            .policy_document(policy.to_string())
            .send()
            .await
            .expect("a policy");
        sts.assume_role()
            .role_session_name("operator")
            .role_arn(format!("arn:aws:iam::000000000000:role/{role}"))
            .send()
            .await
            .expect("a session")
    };
    let session = harness.runtime.block_on(work).credentials.expect("keys");
    Credentials {
        access_key: session.access_key_id,
        secret_key: session.secret_access_key,
        token: Some(session.session_token),
    }
}

/// The tool on AWS, which is the local cloud, with these keys.
fn run(harness: &Harness, credentials: &Credentials, arguments: &[&str]) -> (i32, Value) {
    let endpoint = harness.cloud.endpoint();
    let output = harness.command(&endpoint, credentials, arguments).output();
    document(arguments, &output.expect("the tool runs"))
}

/// Builds a new lab without one permission. Returns whether that failed, which must name the
/// permission.
fn fails_without(harness: &Harness, number: usize, action: &str) -> bool {
    let lab = format!("l{number}");
    let mut policy = policy(harness, &lab);
    let statements = policy["Statement"].as_array_mut().expect("statements");
    for statement in &mut *statements {
        let actions = statement["Action"].as_array_mut().expect("actions");
        actions.retain(|one| one != action);
    }
    statements.retain(|one| one["Action"] != json!([]));
    let credentials = credentials(harness, &format!("operator-{number}"), &policy);
    let (code, document) = run(harness, &credentials, &["up", "--lab", &lab]);
    if code == 0 {
        return false;
    }
    // SQS writes denied actions in lower case.
    let text = document.to_string().to_lowercase();
    assert!(
        text.contains(&action.to_lowercase()),
        "without {action}: {document:#}"
    );
    true
}

/// The actions of a policy, sorted.
fn actions(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let actions: BTreeSet<String> = statements
        .iter()
        .flat_map(|one| one["Action"].as_array().expect("actions"))
        .map(|one| one.as_str().expect("a text").to_owned())
        .collect();
    actions.into_iter().collect()
}

#[test]
fn demo_works_with_the_printed_policy() {
    let harness = Harness::new(50);
    let credentials = credentials(&harness, "operator", &policy(&harness, "default"));
    let (code, demo) = run(&harness, &credentials, &["demo"]);
    assert_eq!(code, 0, "{demo:#}");
    assert!(
        demo["steps"]["down"]["certificate"]["by_tag"] == true,
        "the removal was verified by tag: {demo:#}"
    );
}

#[test]
fn policy_covers_its_lab_only() {
    let harness = Harness::new(50);
    harness.lab.good(&["up", "--lab", "other"]);
    let credentials = credentials(&harness, "operator", &policy(&harness, "mine"));
    let mine = |command: &str| {
        let words = command.split(' ').chain(["--lab", "mine"]);
        run(&harness, &credentials, &words.collect::<Vec<_>>())
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
    let mut labs = list["labs"].as_array().into_iter().flatten();
    assert_eq!(code, 0, "{list:#}");
    assert!(labs.any(|lab| lab["name"] == "mine"), "{list:#}");
    // What it may not remove stays, with the reason.
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
    let has_reason = other.is_some_and(|(removed, why)| !removed && why.contains("AccessDenied"));
    assert!(has_reason, "{down:#}");
    assert_eq!(harness.resources_of("mine"), Vec::<String>::new());
    assert_eq!(harness.resources_of("other"), complete_lab("other"));
}

#[test]
fn looking_into_another_queue_needs_only_reads() {
    let harness = Harness::new(50);
    for name in ["other", "other-dlq"] {
        let request = harness.clients.sqs.create_queue().queue_name(name);
        harness.runtime.block_on(request.send()).expect("a queue");
    }
    let words = [
        "policy",
        "operator",
        "--queue",
        "other",
        "--queue",
        "other-dlq",
    ];
    let mut policy = harness.lab.good(&words)["policy"].take();
    let statements = policy["Statement"].as_array_mut().expect("statements");
    let other = |one: &Value| {
        one["Sid"]
            .as_str()
            .is_some_and(|sid| sid.starts_with("OtherQueues"))
    };
    statements.retain(other);
    let file = harness.lab.home().join("f.jsonl").display().to_string();
    let looks = [
        vec!["dlq", "--queue", "other-dlq"],
        vec!["dlq", "export", &file, "--queue", "other-dlq"],
    ];
    let changes = [
        vec!["dlq", "import", &file, "--to", "other"],
        vec!["dlq", "copy", "--queue", "other-dlq", "--to", "other"],
        vec!["dlq", "delete", "--queue", "other-dlq", "--limit", "1"],
        vec!["dlq", "purge", "--queue", "other-dlq"],
    ];
    let fill = || {
        let url = harness.clients.sqs.get_queue_url().queue_name("other-dlq");
        harness.runtime.block_on(async {
            let url = url.send().await.expect("a queue").queue_url.expect("a URL");
            let send = harness.clients.sqs.send_message().queue_url(url);
            send.message_body("m").send().await.expect("sent")
        })
    };
    fill();
    let all = credentials(&harness, "all", &policy);
    policy["Statement"]
        .as_array_mut()
        .expect("statements")
        .pop();
    let reads = credentials(&harness, "reads", &policy);
    for words in &looks {
        let (code, document) = run(&harness, &reads, words);
        assert_eq!(code, 0, "{words:?}: {document:#}");
    }
    for words in &changes {
        let (code, document) = run(&harness, &reads, words);
        assert_eq!(code, 4, "{words:?}: {document:#}");
        let (code, document) = run(&harness, &all, words);
        assert_eq!(code, 0, "{words:?}: {document:#}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
fn up_names_a_missing_permission() {
    let harness = Harness::with_stub_handlers(50);
    let all = actions(&policy(&harness, "default"));
    let left = Mutex::new(all.iter().enumerate());
    let failed = Mutex::new(Vec::new());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((number, action)) = next() {
                    if fails_without(&harness, number, action) {
                        failed
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(action.clone());
                    }
                }
            });
        }
    });
    let mut needed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    needed.sort();
    eprintln!(
        "{} permissions were removed one at a time; a first `up` fails without {} of them",
        all.len(),
        needed.len()
    );
    assert_eq!(needed, NEEDED_FIRST);
}
