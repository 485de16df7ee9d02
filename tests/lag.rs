//! Stale counts, hidden dead letters, lost replies and expired credentials: no order is reported
//! missing before that is known, and every missing one is.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use orders_lab::aws::Clients;
use serde_json::Value;

use crate::support::fault::{CallSelector, Fault};
use crate::support::harness::{Credentials, Harness};
use crate::support::lab::{Cloud, Lab, document, interrupt};
use crate::support::proxy::Proxy;

/// A run with good and bad orders.
const RUN: [&str; 7] = [
    "simulate",
    "--count",
    "40",
    "--fault-rate",
    "0.3",
    "--seed",
    "5",
];

/// A lab whose queues report their current counts, which are zero, for another 1000 s of lab time.
fn lab_with_stale_counts(speed: &str) -> Lab {
    let lab = Lab::new();
    lab.good(&["up", "--speed", speed]);
    lab.good(&["local", "chaos", "off", "--set", "stale-counts=1000s"]);
    lab.good(&["status"]);
    lab
}

/// Deletes a stored order without the tool. Returns its id.
fn delete_one_order(cloud: &Cloud) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let clients = cloud.clients().await;
        let page = clients.dynamodb.scan().table_name("orders").send().await;
        let items = page.expect("a page").items.expect("items");
        let id = items
            .into_iter()
            .next()
            .and_then(|mut item| item.remove("id"));
        let id = id.expect("an order");
        let key: HashMap<String, AttributeValue> = [("id".to_owned(), id.clone())].into();
        let delete = clients.dynamodb.delete_item().table_name("orders");
        let deleted = delete.set_key(Some(key)).send().await;
        deleted.expect("it is deleted");
        id.as_n().expect("a number").clone()
    })
}

fn count(audit: &Value, listing: &str) -> u64 {
    audit[listing]["count"].as_u64().expect("a count")
}

#[test]
fn stale_counts_hide_no_orders() {
    let lab = lab_with_stale_counts("50");
    let run = lab.good(&[&RUN[..], &["--no-wait"]].concat());
    let places = ["stored", "dead_lettered", "waiting", "in_flight"];
    let found: Vec<u64> = places
        .iter()
        .filter_map(|place| run[place].as_u64())
        .collect();
    assert_eq!(found.iter().sum::<u64>(), 40, "{run:#}");
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["dead_lettered"], run["bad"], "{audit:#}");
    assert_eq!(audit["stored"], run["good"], "{audit:#}");
}

#[test]
fn deleted_order_is_missing_once_counts_are_fresh() {
    let lab = lab_with_stale_counts("50");
    lab.good(&RUN);
    let lost = delete_one_order(&lab.cloud(50));
    let output = lab.run(&["audit", "--json"]);
    let (code, audit) = document(&["audit"], &output);
    assert_eq!((code, count(&audit, "missing")), (1, 1), "{audit:#}");
    assert_eq!(audit["missing"]["orders"][0].to_string(), lost);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("1 order is not found yet"), "{text}");
}

#[test]
fn interrupted_audit_reports_nothing_missing() {
    // At this speed the wait would be 18 s.
    let lab = lab_with_stale_counts("5");
    lab.good(&["simulate", "--count", "10", "--fault-rate", "0"]);
    delete_one_order(&lab.cloud(5));
    let mut child = lab.spawn(&["audit", "--json"]);
    wait_for(&mut child, "not found yet");
    interrupt(&child);
    let output = child.wait_with_output().expect("the tool ends");
    let (code, audit) = document(&["audit"], &output);
    assert_eq!((code, count(&audit, "missing")), (1, 0), "{audit:#}");
    assert_eq!(audit["waiting"], 1, "{audit:#}");
}

/// Reads the tool's stderr until a line contains these words.
fn wait_for(child: &mut Child, words: &str) {
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines();
    let found = lines.any(|line| line.expect("text").contains(words));
    assert!(found, "{words:?} was never printed");
}

/// Receives up to three dead letters as another consumer, hiding them for so many seconds.
/// Returns how many.
fn hide_dead_letters(cloud: &Cloud, seconds: i32) -> u64 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let sqs = cloud.clients().await.sqs;
        let url = sqs
            .get_queue_url()
            .queue_name("orders-dl-queue")
            .send()
            .await;
        let url = url.expect("a queue").queue_url.expect("a URL");
        let receive = sqs.receive_message().queue_url(url);
        let receive = receive
            .max_number_of_messages(3)
            .visibility_timeout(seconds);
        let messages = receive.send().await.expect("messages").messages;
        messages.map_or(0, |messages| messages.len() as u64)
    })
}

#[test]
fn hidden_dead_letters_are_not_missing() {
    let lab = Lab::up();
    let run = lab.good(&RUN);
    let hidden = hide_dead_letters(&lab.cloud(50), 43_200);
    assert!(hidden > 0);
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["hidden"], hidden, "{audit:#}");
    let bad = run["bad"].as_u64().expect("bad ones");
    assert_eq!(audit["dead_lettered"], bad - hidden, "{audit:#}");
}

#[test]
fn redrive_waits_for_hidden_dead_letters() {
    let lab = Lab::up();
    let run = lab.good(&RUN);
    // A second at this speed.
    assert!(hide_dead_letters(&lab.cloud(50), 50) > 0);
    let redrive = lab.good(&["redrive"]);
    assert_eq!(redrive["moved"], run["bad"], "{redrive:#}");
    assert_eq!(redrive["dead_lettered"], run["bad"], "{redrive:#}");
}

#[test]
fn concurrent_sends_are_not_unexpected() {
    let lab = Lab::up();
    let simulate = ["simulate", "--count", "4000", "--no-wait", "--json"];
    let mut child = lab.spawn(&simulate);
    while child.try_wait().expect("the tool can be asked").is_none() {
        lab.good(&["audit"]);
    }
    let output = child.wait_with_output().expect("the tool ends");
    let (code, _) = document(&simulate, &output);
    assert_eq!(code, 0);
}

#[test]
fn redrive_counts_despite_a_lost_reply() {
    let harness = Harness::new(100);
    let proxy = Proxy::new(&harness.cloud);
    let run = |words: &[&str]| document(words, &harness.start(&proxy, words).end());
    assert_eq!(run(&["up"]).0, 0);
    let (code, sent) = run(&RUN);
    assert_eq!(code, 0, "{sent:#}");
    let (code, whole) = run(&["redrive"]);
    assert_eq!((code, &whole["moved"]), (0, &sent["bad"]), "{whole:#}");
    let start = "sqs:StartMessageMoveTask";
    proxy.inject(CallSelector::NthOf(start.to_owned(), 1), Fault::Lost);
    let (code, again) = run(&["redrive"]);
    assert_eq!(proxy.log().injected.as_deref(), Some(start));
    assert_eq!((code, &again["moved"]), (0, &sent["bad"]), "{again:#}");
}

/// Credentials of a new user who may do everything. Unlike the owner's, they can be deleted.
async fn administrator(clients: &Clients) -> Credentials {
    let iam = &clients.iam;
    let create = iam.create_user().user_name("ann").send().await;
    create.expect("a user");
    let all = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let put = iam.put_user_policy().user_name("ann").policy_name("all");
    put.policy_document(all).send().await.expect("a policy");
    let key = iam.create_access_key().user_name("ann").send().await;
    let key = key.expect("a key").access_key.expect("a key");
    Credentials {
        access_key: key.access_key_id,
        secret_key: key.secret_access_key,
        token: None,
    }
}

#[test]
fn credentials_may_expire_while_orders_are_followed() {
    let harness = Harness::new(5);
    let credentials = harness.runtime.block_on(administrator(&harness.clients));
    let endpoint = harness.cloud.endpoint();
    let spawn = |words: &[&str]| -> Child {
        let mut command = harness.command(&endpoint, &credentials, words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the tool starts")
    };
    let built = spawn(&["up"]).wait_with_output().expect("it ends");
    assert!(built.status.success(), "{built:?}");
    // Bad orders take 18 s at this speed; the test does not wait for them.
    let mut child = spawn(&["simulate", "--count", "10", "--fault-rate", "1"]);
    wait_for(&mut child, "10 sent,");
    harness.runtime.block_on(async {
        let delete = harness.clients.iam.delete_access_key().user_name("ann");
        let deleted = delete.access_key_id(&credentials.access_key).send().await;
        deleted.expect("it is deleted");
    });
    let output = child.wait_with_output().expect("the tool ends");
    let (code, document) = document(&["simulate"], &output);
    assert_eq!(code, 3, "{document:#}");
    assert_eq!(document["error"]["kind"], "credentials", "{document:#}");
    let hints = document["error"]["hints"].to_string();
    assert!(hints.contains("AWS_ACCESS_KEY_ID"), "{hints}");
    assert!(hints.contains("audit --run"), "{hints}");
}
