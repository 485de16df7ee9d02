//! The lab's whole life, command by command, as the README tells it.

use serde_json::{Value, json};

use crate::lab::Lab;

#[test]
fn a_lab_lives_from_up_to_down() {
    let lab = Lab::new();
    let up = lab.good(&["up", "--speed", "50"]);
    let outcomes = |document: &Value| -> Vec<String> {
        let resources = document["resources"].as_array().expect("resources");
        resources
            .iter()
            .map(|resource| resource["outcome"].as_str().expect("outcome").to_owned())
            .collect()
    };
    assert!(
        outcomes(&up).iter().all(|outcome| outcome == "created"),
        "{up:#}"
    );
    let again = lab.good(&["provision"]);
    assert!(
        outcomes(&again)
            .iter()
            .all(|outcome| outcome == "unchanged"),
        "{again:#}"
    );

    let run = lab.good(&[
        "simulate",
        "--count",
        "20",
        "--seed",
        "7",
        "--fault-rate",
        "0.2",
    ]);
    assert_eq!(run["sent"], 20);
    let (stored, dead) = (
        run["stored"].as_u64().expect("stored"),
        run["dead_lettered"].as_u64().expect("dead"),
    );
    assert_eq!(stored + dead, 20);
    assert_eq!(run["bad"].as_u64(), Some(dead));
    assert!(dead > 0, "the seed is one that has bad orders");

    let letters = lab.good(&["dlq"]);
    assert_eq!(
        letters["messages"].as_array().map(Vec::len),
        usize::try_from(dead).ok()
    );
    assert_eq!(letters["reasons"], json!({ "price_not_a_number": dead }));
    let again = lab.good(&["dlq-inspect"]);
    assert_eq!(
        again["reasons"], letters["reasons"],
        "a look leaves every letter where it was"
    );

    let status = lab.good(&["status"]);
    assert_eq!(status["table"]["items"].as_u64(), Some(stored));
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["missing"]["count"], 0);
    assert_eq!(audit["dead_lettered"].as_u64(), Some(dead));

    let redrive = lab.good(&["redrive"]);
    assert_eq!(redrive["moved"].as_u64(), Some(dead), "{redrive:#}");
    lab.settle();
    lab.good(&["audit"]);

    let logs = lab.good(&["logs", "processor"]);
    let refused = logs.to_string().matches("order_refused").count();
    assert!(
        refused >= usize::try_from(dead * 3).expect("few"),
        "each bad order is refused three times: {refused}"
    );

    let down = lab.good(&["down"]);
    assert!(
        outcomes(&down).iter().all(|outcome| outcome == "deleted"),
        "{down:#}"
    );
    let local = lab.good(&["local", "status"]);
    assert_eq!(local["running"], false, "an empty local cloud stops");
}

#[test]
fn the_demo_leaves_nothing() {
    let lab = Lab::new();
    let output = lab.run(&["demo"]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (_, local) = lab.json(&["local", "status"]);
    assert_eq!(local["running"], false);
}

#[test]
fn labs_live_side_by_side() {
    let lab = Lab::up();
    lab.good(&["up", "--lab", "ann"]);
    lab.good(&[
        "simulate",
        "--count",
        "10",
        "--lab",
        "ann",
        "--fault-rate",
        "0",
    ]);
    let (ann, plain) = (lab.good(&["status", "--lab", "ann"]), lab.good(&["status"]));
    assert_eq!(ann["table"]["items"], 10);
    assert_eq!(plain["table"]["items"], 0);
    lab.good(&["down"]);
    assert_eq!(lab.good(&["status", "--lab", "ann"])["table"]["items"], 10);
}
