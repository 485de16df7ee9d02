//! The lab's whole life, command by command, as in the README.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::lab::Lab;

#[test]
fn lab_works_from_up_to_down() {
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

    let inspected = lab.good(&["dlq"]);
    assert_eq!(
        inspected["messages"].as_array().map(Vec::len),
        usize::try_from(dead).ok()
    );
    assert_eq!(inspected["reasons"], json!({ "price_err": dead }));
    let again = lab.good(&["dlq-inspect"]);
    assert_eq!(
        again["reasons"], inspected["reasons"],
        "inspecting leaves every message in the queue"
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
fn demo_leaves_nothing() {
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

/// What a command printed, on both streams.
fn printed(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    streams.concat()
}

/// The commands that a text recommends for a lab, without those for the local cloud, which are
/// for all labs, and without help.
fn recommended(text: &str) -> Vec<&str> {
    let commands = text.split('`').skip(1).step_by(2);
    commands
        .filter(|command| command.starts_with("orders-lab"))
        .filter(|command| !command.starts_with("orders-lab local") && !command.ends_with("help"))
        .collect()
}

#[test]
fn hints_name_their_lab() {
    let lab = Lab::new();
    let hints = |arguments: &[&str]| {
        let text = printed(&lab.run(&[arguments, &["--lab", "ann"]].concat()));
        let commands = recommended(&text);
        assert!(
            !commands.is_empty(),
            "{arguments:?} recommends nothing: {text}"
        );
        for command in commands {
            let names_it =
                command.ends_with("--lab ann") || command == "orders-lab demo --lab demo";
            assert!(names_it, "{arguments:?}: {command}");
        }
    };
    hints(&["status"]);
    hints(&["logs"]);
    hints(&["destroy"]);
    hints(&["up", "--plan"]);
    lab.good(&["up", "--speed", "50", "--lab", "ann"]);
    hints(&["status"]);
    hints(&["demo"]);
    lab.good(&["up", "--memory", "512", "--lab", "ann"]);
    lab.good(&[
        "simulate",
        "--count",
        "3",
        "--fault-rate",
        "1",
        "--lab",
        "ann",
    ]);
    hints(&["status"]);
}

#[test]
fn advice_repeats_the_given_options() {
    let lab = Lab::up();
    lab.good(&[
        "simulate",
        "--count",
        "3",
        "--fault-rate",
        "1",
        "--seed",
        "7",
    ]);
    let given = ["--max-receives", "4", "--memory", "512", "--lab", "ann"];
    let again = "`orders-lab up --max-receives 4 --memory 512 --lab ann`";
    for command in [&["up", "--plan"][..], &["up", "--plan", "--show-commands"]] {
        let text = printed(&lab.run(&[command, &given].concat()));
        assert!(text.contains(again), "{command:?}: {text}");
    }
    let text = printed(&lab.run(&["dlq", "--limit", "1", "--full"]));
    let all = "`orders-lab dlq --full --limit 3`";
    assert!(text.contains(all), "{all}: {text}");
}

#[test]
fn changes_of_a_lab_are_explained() {
    let lab = Lab::new();
    let built = printed(&lab.run(&["up", "--speed", "50"]));
    let kept =
        "The local cloud keeps the speed of 50x, for all of its labs, until --speed changes it.";
    assert!(built.contains(kept), "{built}");
    assert!(!built.contains("AWS recommends"), "{built}");
    let again = printed(&lab.run(&["up", "--speed", "50", "--memory", "512"]));
    assert!(!again.contains("keeps the speed"), "{again}");
    assert!(!again.contains("AWS recommends"), "{again}");
    for why in [
        "table orders (tag orders-lab:settings)",
        "function lab-order-processor (memory)",
        "The tag keeps the lab's settings for later commands.",
    ] {
        assert!(again.contains(why), "{why}: {again}");
    }
    let fewer = printed(&lab.run(&["up", "--max-receives", "2"]));
    assert!(fewer.contains("AWS recommends 5 receives"), "{fewer}");
}

#[test]
fn demo_spares_an_existing_lab() {
    let lab = Lab::up();
    lab.good(&["simulate", "--count", "5", "--fault-rate", "0"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let sqs = lab.cloud(50).clients().await.sqs;
        let url = sqs
            .get_queue_url()
            .queue_name("orders-dl-queue")
            .send()
            .await;
        let url = url.expect("a queue").queue_url.expect("a URL");
        let gone = sqs.delete_queue().queue_url(url).send().await;
        gone.expect("the queue is deleted");
    });
    let (code, refused) = lab.json(&["demo"]);
    assert_eq!((code, &refused["error"]["kind"]), (4, &json!("refused")));
    let message = refused["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains("exists already (queue orders-queue and"),
        "{message}"
    );
    assert_eq!(lab.good(&["up"])["ok"], true);
    assert_eq!(
        lab.good(&["status"])["table"]["items"],
        5,
        "nothing was removed"
    );
}

#[test]
fn missing_lab_has_no_logs() {
    let lab = Lab::new();
    for arguments in [&["logs"][..], &["logs", "processor"], &["logs", "--follow"]] {
        let (code, document) = lab.json(arguments);
        let message = document["error"]["message"].as_str().expect("a message");
        assert_eq!(code, 4, "{message}");
        assert!(
            message.starts_with("the lab default does not exist"),
            "{message}"
        );
    }
}

#[test]
fn handlers_folder_is_remembered() {
    let lab = Lab::new();
    lab.stub_handlers();
    // Relative to where the command runs, which later ones need not.
    let mut command = lab.command(&["up", "--handlers", "handlers", "--json"]);
    let built = command
        .current_dir(lab.home())
        .output()
        .expect("the tool runs");
    assert!(built.status.success(), "{}", printed(&built));
    assert_eq!(lab.good(&["status"])["drifted"], false);
    let again = lab.run(&["up", "--plan"]);
    assert!(again.status.success(), "nothing to do: {}", printed(&again));
    let folder = lab.home().join("handlers");
    assert!(
        printed(&again).contains(folder.to_str().expect("a path")),
        "{}",
        printed(&again)
    );
    std::fs::rename(&folder, lab.home().join("elsewhere")).expect("renamed");
    let status = lab.good(&["status"]);
    assert_eq!(status["drifted"], false, "{status:#}");
    let why = status["code_not_compared"].as_str().expect("a reason");
    assert!(why.contains("has no build of order-simulator"), "{why}");
    let own = lab.good(&["up", "--handlers", ""]);
    assert!(own.to_string().contains("updated"), "{own:#}");
    let status = lab.good(&["status"]);
    assert_eq!(
        (&status["drifted"], &status["code_not_compared"]),
        (&json!(false), &Value::Null)
    );
    lab.good(&[
        "up",
        "--handlers",
        lab.home().join("elsewhere").to_str().expect("a path"),
    ]);
    lab.good(&["local", "reset", "--yes"]);
    assert!(
        !lab.home().join("targets/default.json").exists(),
        "nothing of it is remembered"
    );
}
