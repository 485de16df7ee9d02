//! The local cloud's state: what is said when it is lost or cannot be written, and which commands
//! start a cloud that stays.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::lab::{Lab, stderr};

fn is_running(lab: &Lab) -> bool {
    lab.good(&["local", "status"])["running"] == true
}

/// The error of a command that must fail because of something on this machine.
fn failure(lab: &Lab, arguments: &[&str]) -> (String, String) {
    let (code, document) = lab.json(arguments);
    assert_eq!(code, 3, "{document:#}");
    let text = |value: &Value| value.to_string();
    let error = &document["error"];
    (text(&error["message"]), text(&error["hints"]))
}

#[test]
fn reading_nothing_starts_nothing() {
    let lab = Lab::new();
    assert_eq!(lab.good(&["status"])["up"], false);
    assert_eq!(lab.good(&["list"])["labs"], json!([]));
    lab.assert(&["doctor"]).success();
    assert!(!lab.home().join("cloud").exists());
}

#[test]
fn a_cloud_without_a_lab_does_not_stay() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    lab.good(&["local", "stop"]);
    for (arguments, code) in [
        (&["status"][..], 0),
        (&["list"], 0),
        (&["up", "--plan"], 1),
        (&["audit"], 4),
        (&["simulate", "--count", "1"], 4),
    ] {
        assert_eq!(lab.json(arguments).0, code, "{arguments:?}");
        assert!(!is_running(&lab), "{arguments:?}");
    }
    // One that was there before stays, and so does one that other programs are pointed at.
    lab.good(&["env"]);
    assert!(is_running(&lab));
    lab.good(&["status"]);
    assert!(is_running(&lab));
}

#[test]
fn a_cloud_with_a_lab_stays() {
    let lab = Lab::up();
    lab.good(&["local", "stop"]);
    assert_eq!(lab.good(&["status"])["up"], true);
    assert!(is_running(&lab));
}

#[test]
fn unpacked_code_is_unpacked_again() {
    let lab = Lab::up();
    lab.good(&["local", "stop"]);
    fs::remove_dir_all(lab.home().join("cloud/functions")).expect("removed");
    lab.good(&["simulate", "--count", "3", "--fault-rate", "0"]);
    // The same while the cloud runs: a changed setting ends the environments that have it open.
    fs::remove_dir_all(lab.home().join("cloud/functions/code")).expect("removed");
    lab.good(&["up", "--memory", "256"]);
    lab.good(&["simulate", "--count", "3", "--fault-rate", "0"]);
}

#[test]
fn lost_code_is_reported_and_repaired() {
    let lab = Lab::up();
    lab.good(&["local", "stop"]);
    fs::remove_dir_all(lab.home().join("cloud/packages")).expect("removed");
    let status = lab.good(&["status"]);
    assert_eq!(
        (&status["up"], &status["drifted"]),
        (&json!(false), &json!(true))
    );
    let reason = "The function's code is lost. Update the function's code.";
    assert_eq!(status["functions"][0]["state"], reason, "{status:#}");
    let up = lab.good(&["up"]);
    let outcome = |kind: &str| {
        let resources = up["resources"].as_array().expect("resources").iter();
        let of_kind = resources.filter(|one| one["kind"] == kind);
        of_kind
            .map(|one| one["outcome"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcome("function"), ["updated", "updated"]);
    assert_eq!(outcome("queue"), ["unchanged", "unchanged"]);
    lab.good(&["simulate", "--count", "3", "--fault-rate", "0"]);
}

#[test]
fn half_of_the_state_is_not_taken_for_a_new_cloud() {
    for (lost, kept) in [("state.db", "tables.db"), ("tables.db", "state.db")] {
        let lab = Lab::up();
        lab.good(&["local", "stop"]);
        let path = lab.home().join("cloud").join(lost);
        let copy = fs::read(&path).expect("its content");
        // SQLite leaves a log where the last reader ends in the midst of something.
        let log = path.with_extension("db-wal");
        let copy_of_log = fs::read(&log).ok();
        fs::write(&path, "").expect("emptied");
        if copy_of_log.is_some() {
            fs::remove_file(&log).expect("removed");
        }
        let (message, hints) = failure(&lab, &["status"]);
        assert!(
            message.contains(lost) && message.contains(kept),
            "{message}"
        );
        assert!(hints.contains("Put the file back"), "{hints}");
        let (code, doctor) = lab.json(&["doctor"]);
        assert_eq!(code, 1, "{doctor:#}");
        assert!(doctor.to_string().contains(lost), "{doctor:#}");
        fs::write(&path, copy).expect("put back");
        if let Some(copy) = copy_of_log {
            fs::write(&log, copy).expect("put back");
        }
        assert_eq!(lab.good(&["status"])["up"], true);
    }
}

#[test]
fn a_full_disk_is_called_full() {
    // A small disk can be had in a mount namespace only, which not every machine allows.
    let small = "mount -t tmpfs -o size=24m tmpfs /tmp/orders-lab-small-disk";
    let namespace = ["--user", "--map-root-user", "--mount", "sh", "-ec"];
    let directory = "/tmp/orders-lab-small-disk";
    fs::create_dir_all(directory).expect("a directory");
    let allowed = Command::new("unshare").args(namespace).arg(small).status();
    if !allowed.is_ok_and(|status| status.success()) {
        return;
    }
    let program = env!("CARGO_BIN_EXE_orders-lab");
    let script = format!(
        r#"{small}
        export ORDERS_LAB_HOME={directory}/lab HOME={directory}
        t={program}
        trap '$t local stop --force >/dev/null 2>&1' EXIT
        $t local start >/dev/null; $t local stop >/dev/null
        head -c 50000000 /dev/zero >{directory}/filler 2>/dev/null || true
        truncate -s -16384 {directory}/filler
        if $t local start >/dev/null; then echo 'it started' >&2; fi
        if $t doctor >&2; then echo 'in order' >&2; fi
        rm {directory}/filler
        $t local start >/dev/null && echo 'goes on' >&2"#
    );
    let run = Command::new("unshare").args(namespace).arg(script).output();
    let text = stderr(&run.expect("it runs"));
    assert!(text.contains("is full"), "{text}");
    assert!(text.contains("Make room on that disk"), "{text}");
    assert!(!text.contains("local reset"), "{text}");
    assert!(
        !text.contains("it started") && !text.contains("in order"),
        "{text}"
    );
    assert!(text.contains("goes on"), "{text}");
}

#[test]
fn a_verbose_cloud_has_a_line_for_each_request() {
    let lab = Lab::new();
    let mut cloud = lab.spawn(&["local", "serve", "--verbose"]);
    let errors = cloud.stderr.take().expect("its stderr");
    let mut lines = BufReader::new(errors)
        .lines()
        .map(|line| line.expect("a line"));
    lines
        .find(|line| line.contains("listens on"))
        .expect("it starts");
    lab.good(&["up"]);
    let created = lines
        .find(|line| line.contains("sqs:CreateQueue orders-dl-queue"))
        .expect("a line for the request");
    let words: Vec<&str> = created.split_whitespace().collect();
    assert!(
        matches!(
            words[words.len() - 6..],
            ["sqs:CreateQueue", "orders-dl-queue", "200", _, "ms", _]
        ),
        "{created}"
    );
    lab.good(&["local", "stop"]);
    lines.for_each(drop);
    cloud.wait().expect("it ends");
}
