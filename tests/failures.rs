//! How failed orders are told: `dlq` and `logs` say the same of each, in the words of
//! `simulate --faults`.

use serde_json::Value;

use crate::support::lab::Lab;

/// A lab with bad orders of each kind in the dead-letter queue.
fn lab_with_dead_letters() -> (Lab, Vec<Value>) {
    let lab = Lab::up();
    let wrong = ["--fault-rate", "1", "--faults", "all", "--seed", "4"];
    lab.good(&[&["simulate", "--count", "12"][..], &wrong].concat());
    let dlq = lab.good(&["dlq"]);
    let messages = dlq["messages"].as_array().expect("messages").clone();
    assert_eq!(messages.len(), 12);
    (lab, messages)
}

fn text(lab: &Lab, arguments: &[&str]) -> String {
    let output = lab.run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn failures_are_told_in_one_set_of_words() {
    let (lab, messages) = lab_with_dead_letters();
    let faults = "price_err missing_field wrong_type broken_json empty_object number_as_text";
    let logs = lab.good(&["logs", "--errors"]);
    let events = logs["events"].as_array().expect("events");
    for message in &messages {
        let reason = message["reason"].as_str().expect("a reason");
        assert!(faults.split(' ').any(|fault| fault == reason), "{reason}");
        // The processor received it three times, and two commands have looked at it.
        assert_eq!(message["failed_receives"], 3, "{message:#}");
        assert!(message["receive_count"].as_u64() >= Some(4), "{message:#}");
        let about = |event: &&Value| {
            event["detail"] == message["detail"] && event["order_number"] == message["order_number"]
        };
        let mut attempts: Vec<u64> = events
            .iter()
            .filter(about)
            .inspect(|event| assert_eq!(event["reason"], message["reason"]))
            .filter_map(|event| event["attempt"].as_u64())
            .collect();
        attempts.sort_unstable();
        attempts.dedup();
        assert_eq!(attempts, [1, 2, 3], "{message:#}");
    }
}

#[test]
fn failures_are_counted_by_the_limit_of_their_time() {
    let (lab, messages) = lab_with_dead_letters();
    let failed = |messages: &[Value]| -> Vec<Option<u64>> {
        let failed = messages.iter().map(|one| one["failed_receives"].as_u64());
        failed.collect()
    };
    assert_eq!(failed(&messages), [Some(3); 12]);
    for limit in ["8", "1"] {
        lab.good(&["up", "--max-receives", limit]);
        // As many looks as to reach the present limit.
        for _ in 0..5 {
            lab.good(&["dlq"]);
        }
        let messages = lab.good(&["dlq"])["messages"].take();
        let messages = messages.as_array().expect("messages");
        assert_eq!(failed(messages), [Some(3); 12], "with {limit} receives");
    }
    // Without the log nobody knows.
    let processor = "/aws/lambda/lab-order-processor";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let logs = lab.cloud(50).clients().await.logs;
        let deleted = logs.delete_log_group().log_group_name(processor).send();
        deleted.await.expect("deleted");
    });
    let text = text(&lab, &["dlq"]);
    let heading = text.lines().find(|line| line.starts_with("ORDER NUMBER"));
    assert_eq!(heading, Some("ORDER NUMBER  AGE  WHY"), "{text}");
}

#[test]
fn broken_orders_have_the_number_that_is_legible() {
    let (lab, messages) = lab_with_dead_letters();
    let mut as_text = messages.iter().filter(|one| {
        let body = one["body"].as_str().expect("a body");
        body.contains("\"order_number\": \"1")
    });
    let number = as_text.next().expect("one with a number as text")["order_number"].to_string();
    let logged = lab.good(&["logs", "--order", &number]);
    assert_eq!(
        logged["events"].as_array().map(Vec::len),
        Some(3),
        "{logged:#}"
    );
}

#[test]
fn logs_are_readable_unless_raw() {
    let (lab, messages) = lab_with_dead_letters();
    let numbered = messages
        .iter()
        .find(|message| message["order_number"].is_u64());
    let numbered = numbered.expect("one with a number");
    let number = numbered["order_number"].to_string();
    let words = text(&lab, &["logs", "processor"]);
    let line = format!(
        " UTC  processor  order {number}, attempt 1: {}, {}\n",
        numbered["reason"].as_str().expect("a reason"),
        numbered["detail"].as_str().expect("a detail")
    );
    assert!(words.contains(&line), "{line} in {words}");
    assert!(words.contains("invocation took "), "{words}");
    assert!(!words.contains("RequestId"), "{words}");
    let raw = text(&lab, &["logs", "--raw"]);
    for part in [
        "START RequestId",
        "REPORT RequestId",
        "\"event\":\"order_refused\"",
    ] {
        assert!(raw.contains(part), "{part} in {raw}");
    }
    let errors = text(&lab, &["logs", "--errors"]);
    assert!(errors.lines().count() >= 36, "{errors}");
    assert!(
        errors.lines().all(|line| line.contains("attempt ")),
        "{errors}"
    );
    let one = text(&lab, &["logs", "--order", &number]);
    assert!(one.lines().count() >= 3, "{one}");
    assert!(one.lines().all(|line| line.contains(&number)), "{one}");
    let none = text(&lab, &["logs", "--order", "200000000002"]);
    assert!(
        none.starts_with("Nothing is logged about this order"),
        "{none}"
    );
}

#[test]
fn a_limit_shortens_the_list_of_dead_letters() {
    let (lab, messages) = lab_with_dead_letters();
    let all = text(&lab, &["dlq"]);
    let details = |text: &str| {
        let listed = |message: &&Value| text.contains(message["detail"].as_str().expect("text"));
        messages.iter().filter(listed).count()
    };
    assert_eq!(details(&all), 12, "a pipe has room for all: {all}");
    let some = text(&lab, &["dlq", "--limit", "2"]);
    assert!(some.contains("12 dead letters"), "{some}");
    assert!(
        some.contains("10 more: `orders-lab dlq --limit 12` shows all."),
        "{some}"
    );
    let document = lab.good(&["dlq", "--limit", "2"]);
    assert_eq!(document["messages"].as_array().map(Vec::len), Some(2));
    let counts = document["reasons"].as_object().expect("reasons").values();
    assert_eq!(counts.filter_map(Value::as_u64).sum::<u64>(), 12);
}
