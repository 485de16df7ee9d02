//! Mistakes of the user and of the environment: each has a clear error and its exit code.

use std::os::unix::fs::PermissionsExt as _;

use assert_cmd::assert::OutputAssertExt as _;

use crate::support::lab::{Lab, document, stderr};

#[test]
fn invalid_command_line_is_exit_2() {
    let lab = Lab::new();
    for arguments in [
        &["simulat"][..],
        &["simulate", "--count", "0"],
        &["simulate", "--count", "x"],
        &["simulate", "--fault-rate", "1.5"],
        &["simulate", "--faults", "nonsense"],
        &["up", "--lab", "Not A Name"],
        &["local", "start", "--speed", "0"],
    ] {
        lab.assert(arguments).code(2).stdout("");
    }
    let (code, document) = lab.json(&["simulate", "--count", "x"]);
    assert_eq!((code, &document["error"]["kind"]), (2, &"usage".into()));
}

#[test]
fn missing_lab_hints_at_up() {
    let lab = Lab::new();
    for command in ["simulate", "dlq", "redrive"] {
        let (code, document) = lab.json(&[command]);
        assert_ne!(code, 0, "{command}");
        assert_eq!(document["ok"], false);
        assert!(
            document["error"]["hints"]
                .to_string()
                .contains("orders-lab up"),
            "{command}: {document:#}"
        );
    }
}

#[test]
fn unusable_state_directory_is_exit_3() {
    let lab = Lab::new();
    let blocked = lab.home().join("file");
    std::fs::write(&blocked, "not a directory").expect("written");
    let mut command = lab.command(&["status"]);
    let run = command.env("ORDERS_LAB_HOME", &blocked).assert().code(3);
    let text = stderr(run.get_output());
    assert!(text.contains("file"), "it names the path: {text}");
}

#[test]
fn damaged_state_is_named_and_kept() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    lab.good(&["local", "stop"]);
    let state = lab.home().join("cloud/state.db");
    std::fs::write(
        &state,
        "this is no database, and longer than a header would be",
    )
    .expect("written");
    let (code, document) = lab.json(&["local", "start"]);
    assert_eq!(code, 3, "{document:#}");
    assert!(
        document["error"]["message"]
            .to_string()
            .contains("state.db"),
        "{document:#}"
    );
    assert!(
        std::fs::read_to_string(&state)
            .expect("it still exists")
            .starts_with("this is no database")
    );
}

#[test]
fn stale_process_record_is_ignored() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    lab.kill_cloud();
    lab.await_cloud_end();
    let status = lab.good(&["local", "status"]);
    assert_eq!(
        status["running"], false,
        "the lock decides what runs, not the record"
    );
    assert_eq!(lab.good(&["local", "start"])["running"], true);
}

#[test]
fn concurrent_starts_share_one_cloud() {
    let lab = Lab::new();
    let children: Vec<_> = (0..4)
        .map(|_| lab.spawn(&["local", "start", "--json"]))
        .collect();
    let mut processes: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("the tool ends");
            let (code, document) = document(&["local", "start"], &output);
            assert_eq!(code, 0, "{document:#}");
            document["pid"].to_string()
        })
        .collect();
    processes.dedup();
    assert_eq!(processes.len(), 1);
}

#[test]
fn requested_port_that_is_taken_is_named() {
    let lab = Lab::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let (code, document) = lab.json(&["local", "start", "--port", &port]);
    assert_eq!(code, 3);
    assert!(
        document["error"]["message"].to_string().contains(&port),
        "{document:#}"
    );
}

#[test]
fn secrets_are_readable_by_owner_only() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    for file in ["owner.json", "state.db", "tables.db", "cloud.log"] {
        let metadata = std::fs::metadata(lab.home().join("cloud").join(file)).expect(file);
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{file}");
    }
}
