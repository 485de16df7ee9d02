//! A state directory that is not its user's alone is used by no command, and by no cloud.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::lab::Lab;

/// Every command that uses the state directory, with arguments that it accepts.
const COMMANDS: &[&[&str]] = &[
    &["demo"],
    &["up"],
    &["up", "--plan"],
    &["simulate"],
    &["status"],
    &["dlq"],
    &["redrive"],
    &["audit"],
    &["logs"],
    &["down", "--yes"],
    &["list"],
    &["policy", "operator"],
    &["env"],
    &["local", "start"],
    &["local", "status"],
    &["local", "stop"],
    &["local", "stop", "--force"],
    &["local", "reset", "--yes"],
    &["local", "chaos"],
    &["local", "fast-forward", "1m"],
    &["local", "serve"],
    &["__labs"],
    &["__runs"],
];

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn every_command_refuses_what_others_can_change() {
    let lab = Lab::new();
    set_mode(lab.home(), 0o777);
    for command in COMMANDS {
        let (code, document) = lab.json(command);
        assert_eq!(code, 3, "{command:?}: {document:#}");
        let error = &document["error"];
        assert_eq!(error["kind"], "environment", "{command:?}: {document:#}");
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.starts_with("the state directory is not used"),
            "{message}"
        );
        assert!(
            error["hints"].to_string().contains("chmod go-w"),
            "{error:#}"
        );
        assert_eq!(fs::read_dir(lab.home()).expect("readable").count(), 0);
    }
    let (code, report) = lab.json(&["doctor"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(report.to_string().contains("chmod go-w"), "{report:#}");
    // What uses no state works.
    lab.good(&["cost"]);
    set_mode(lab.home(), 0o700);
    lab.good(&["status"]);
}

#[test]
fn a_cloud_whose_key_others_can_read_is_not_used() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    let key = lab.home().join("cloud/owner.json");
    set_mode(&key, 0o644);
    let (code, document) = lab.json(&["status"]);
    assert_eq!(code, 3, "{document:#}");
    let hints = document["error"]["hints"].to_string();
    assert!(hints.contains("chmod 600"), "{document:#}");
    assert!(hints.contains("local reset"), "{document:#}");
    set_mode(&key, 0o600);
    lab.good(&["status"]);
}

#[test]
fn a_link_to_what_others_can_change_is_refused() {
    let lab = Lab::new();
    let shared = lab.home().join("shared");
    let home = shared.join("home");
    fs::create_dir_all(&home).expect("created");
    set_mode(&home, 0o700);
    set_mode(&shared, 0o777);
    let link = lab.home().join("link");
    symlink(&home, &link).expect("linked");
    let mut command = lab.command(&["local", "start", "--json"]);
    let output = command
        .env("ORDERS_LAB_HOME", &link)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("shared can be changed by other users"),
        "{text}"
    );
    assert_eq!(fs::read_dir(&home).expect("readable").count(), 0);
}
