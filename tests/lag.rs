//! Counts that lag behind, letters that are hidden, answers that are lost, credentials that end: no
//! order is called missing before that is known, and none that is missing goes unnoticed.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use orders_lab::aws::Clients;
use serde_json::Value;

use crate::support::fault::{Fault, Which};
use crate::support::harness::{Bench, Keys};
use crate::support::lab::{Cloud, Lab, document};
use crate::support::proxy::Proxy;

/// A run in which good and bad orders are sure.
const RUN: [&str; 7] = [
    "simulate",
    "--count",
    "40",
    "--fault-rate",
    "0.3",
    "--seed",
    "5",
];

/// A lab whose queues say for 1000 s of their time that they hold what they hold now: nothing.
fn lab_that_lags(speed: &str) -> Lab {
    let lab = Lab::new();
    lab.good(&["up", "--speed", speed]);
    lab.good(&["local", "weather", "calm", "--set", "stale-counts=1000s"]);
    lab.good(&["status"]);
    lab
}

/// Deletes a stored order behind the lab's back.
fn lose_one(cloud: &Cloud) -> String {
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
fn orders_that_were_just_sent_are_on_their_way_whatever_the_counts_say() {
    let lab = lab_that_lags("50");
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
fn an_order_that_is_gone_is_missing_once_counts_have_had_the_time_to_say_otherwise() {
    let lab = lab_that_lags("50");
    lab.good(&RUN);
    let lost = lose_one(&lab.cloud(50));
    let output = lab.run(&["audit", "--json"]);
    let (code, audit) = document(&["audit"], &output);
    assert_eq!((code, count(&audit, "missing")), (1, 1), "{audit:#}");
    assert_eq!(audit["missing"]["orders"][0].to_string(), lost);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("1 order is not found yet"), "{told}");
}

#[test]
fn an_interruption_ends_the_wait_and_calls_nothing_missing() {
    // At this speed the wait would be 18 s.
    let lab = lab_that_lags("5");
    lab.good(&["simulate", "--count", "10", "--fault-rate", "0"]);
    lose_one(&lab.cloud(5));
    let mut child = lab.spawn(&["audit", "--json"]);
    wait_for(&mut child, "not found yet");
    let pid = i32::try_from(child.id()).expect("a process id");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let output = child.wait_with_output().expect("the tool ends");
    let (code, audit) = document(&["audit"], &output);
    assert_eq!((code, count(&audit, "missing")), (1, 0), "{audit:#}");
    assert_eq!(audit["waiting"], 1, "{audit:#}");
}

/// Reads what the tool tells until it tells this.
fn wait_for(child: &mut Child, words: &str) {
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines();
    let told = lines.any(|line| line.expect("text").contains(words));
    assert!(told, "{words:?} was never told");
}

/// Receives up to three dead letters as another reader would, who keeps them for so long.
fn hide_letters(cloud: &Cloud, seconds: i32) -> u64 {
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
        let messages = receive.send().await.expect("letters").messages;
        messages.map_or(0, |messages| messages.len() as u64)
    })
}

#[test]
fn dead_letters_that_somebody_else_reads_are_not_missing() {
    let lab = Lab::up();
    let run = lab.good(&RUN);
    let hidden = hide_letters(&lab.cloud(50), 43_200);
    assert!(hidden > 0);
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["hidden"], hidden, "{audit:#}");
    let bad = run["bad"].as_u64().expect("bad ones");
    assert_eq!(audit["dead_lettered"], bad - hidden, "{audit:#}");
}

#[test]
fn dead_letters_that_somebody_else_reads_are_moved_once_they_are_back() {
    let lab = Lab::up();
    let run = lab.good(&RUN);
    // A second at this speed.
    assert!(hide_letters(&lab.cloud(50), 50) > 0);
    let redrive = lab.good(&["redrive"]);
    assert_eq!(redrive["moved"], run["bad"], "{redrive:#}");
    assert_eq!(redrive["dead_lettered"], run["bad"], "{redrive:#}");
}

#[test]
fn what_another_command_sends_meanwhile_is_not_unexpected() {
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
fn letters_are_counted_although_the_answer_to_the_start_of_their_move_is_lost() {
    let bench = Bench::new(100);
    let proxy = Proxy::new(&bench.cloud);
    let run = |words: &[&str]| document(words, &bench.start(&proxy, words).end());
    assert_eq!(run(&["up"]).0, 0);
    let (code, sent) = run(&RUN);
    assert_eq!(code, 0, "{sent:#}");
    let (code, whole) = run(&["redrive"]);
    assert_eq!((code, &whole["moved"]), (0, &sent["bad"]), "{whole:#}");
    let start = "sqs:StartMessageMoveTask";
    proxy.spoil(Which::First(start.to_owned()), Fault::Lost);
    let (code, spoiled) = run(&["redrive"]);
    assert_eq!(proxy.seen().spoiled.as_deref(), Some(start));
    assert_eq!((code, &spoiled["moved"]), (0, &sent["bad"]), "{spoiled:#}");
}

/// A user of this cloud's who may do anything, with a key that can be taken away.
async fn user(clients: &Clients) -> Keys {
    let iam = &clients.iam;
    let create = iam.create_user().user_name("ann").send().await;
    create.expect("a user");
    let all = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let put = iam.put_user_policy().user_name("ann").policy_name("all");
    put.policy_document(all).send().await.expect("a policy");
    let key = iam.create_access_key().user_name("ann").send().await;
    let key = key.expect("a key").access_key.expect("a key");
    Keys {
        access_key: key.access_key_id,
        secret_key: key.secret_access_key,
        token: None,
    }
}

#[test]
fn credentials_that_end_while_orders_are_followed_are_told_with_what_renews_them() {
    let bench = Bench::new(5);
    let keys = bench.runtime.block_on(user(&bench.clients));
    let endpoint = format!("http://127.0.0.1:{}", bench.cloud.port);
    let spawn = |words: &[&str]| -> Child {
        let mut command = bench.command(&endpoint, &keys, words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the tool starts")
    };
    let built = spawn(&["up"]).wait_with_output().expect("it ends");
    assert!(built.status.success(), "{built:?}");
    // Bad orders take 18 s at this speed, which nobody waits for.
    let mut child = spawn(&["simulate", "--count", "10", "--fault-rate", "1"]);
    wait_for(&mut child, "sent 10/10");
    bench.runtime.block_on(async {
        let delete = bench.clients.iam.delete_access_key().user_name("ann");
        let deleted = delete.access_key_id(&keys.access_key).send().await;
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
