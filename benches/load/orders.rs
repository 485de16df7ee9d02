//! The pipeline: orders go through the trigger and the processor into the table.

use std::time::{Duration, Instant};

use crate::Figures;
use crate::client::{Client, Login};
use crate::lab::Lab;

/// How many orders wait when the trigger is enabled.
const WAITING: u64 = 20_000;

/// How many orders are sent one at a time.
const ALONE: usize = 100;

pub(crate) fn measure(figures: &Figures) {
    if figures.wants("trigger") {
        let lab = Lab::new();
        let login = lab.start();
        lab.run(&["up"]);
        let rate = through_trigger(&lab, &login);
        figures.print(
            "trigger: orders stored, batches of 10",
            rate,
            "orders/s",
            "8000",
        );
    }
    if figures.wants("latency") {
        let lab = Lab::new();
        let login = lab.start();
        lab.run(&["up"]);
        let mut took = latencies(&login);
        took.sort_unstable();
        let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1000.0;
        figures.print(
            "latency: sent until stored, idle lab, p50",
            at(50),
            "ms",
            "8",
        );
        figures.print("latency: the same, p99", at(99), "ms", "-");
    }
}

fn through_trigger(lab: &Lab, login: &Login) -> f64 {
    let mut lambda = Client::new(login, "lambda");
    let path = "/2015-03-31/event-source-mappings/";
    let mappings = lambda.rest("GET", path, "", "");
    let uuid = mappings["EventSourceMappings"][0]["UUID"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{path}{uuid}");
    lambda.rest("PUT", &path, "", r#"{"Enabled":false}"#);
    while lambda.rest("GET", &path, "", "")["State"] != "Disabled" {
        std::thread::sleep(Duration::from_millis(10));
    }
    let count = WAITING.to_string();
    lab.run(&[
        "simulate",
        "--count",
        &count,
        "--fault-rate",
        "0",
        "--no-wait",
    ]);
    let began = Instant::now();
    lambda.rest("PUT", &path, "", r#"{"Enabled":true}"#);
    let mut sqs = Client::new(login, "sqs");
    let url = format!("http://{}/000000000000/orders-queue", login.authority);
    let ask = format!(
        r#"{{"QueueUrl":"{url}","AttributeNames":["ApproximateNumberOfMessages","ApproximateNumberOfMessagesNotVisible"]}}"#
    );
    loop {
        let counts = sqs.json("GetQueueAttributes", &ask);
        if counts["Attributes"]
            .as_object()
            .unwrap()
            .values()
            .all(|count| count == "0")
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    WAITING as f64 / began.elapsed().as_secs_f64()
}

/// How long each of some orders, sent one at a time, took until it was stored.
fn latencies(login: &Login) -> Vec<Duration> {
    let mut sqs = Client::new(login, "sqs");
    let mut dynamodb = Client::new(login, "dynamodb");
    let url = format!("http://{}/000000000000/orders-queue", login.authority);
    (0..ALONE)
        .map(|index| {
            let number = 150_000_000_000 + index as u64;
            let order = format!(
                r#"{{\"order_number\":{number},\"num_items\":1,\"price_per_item\":110.0,\"item_description\":\"zTV\"}}"#
            );
            let send = format!(r#"{{"QueueUrl":"{url}","MessageBody":"{order}"}}"#);
            let get = format!(
                r#"{{"TableName":"orders","ConsistentRead":true,"Key":{{"id":{{"N":"{number}"}}}}}}"#
            );
            let began = Instant::now();
            sqs.call("SendMessage", &send);
            while dynamodb.json("GetItem", &get)["Item"].is_null() {
                std::thread::sleep(Duration::from_micros(200));
            }
            began.elapsed()
        })
        .collect()
}
