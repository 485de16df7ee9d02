//! The documents that `--json` prints match `docs/json.schema.json` and `docs/json.md`. Every document
//! that a test reads is checked against the schema; the tests here print those of every command.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Child;

use clap::CommandFactory as _;
use orders_lab::cli::Cli;
use orders_lab::json_schema;
use serde_json::{Value, json};

use crate::support::aws_env::AwsEnv;
use crate::support::docs::require_current;
use crate::support::json_docs::{document_names, markdown};
use crate::support::lab::{Lab, document, interrupt};
use crate::support::schema::{check, definition_of, definitions};

#[test]
fn schema_and_docs_are_current() {
    let schema = json_schema();
    let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    require_current(Path::new("docs/json.schema.json"), &text, "json::");
    require_current(Path::new("docs/json.md"), &markdown(&schema), "json::");
}

#[test]
fn every_command_has_a_definition() {
    fn gather(words: &str, command: &clap::Command, all: &mut BTreeSet<String>) {
        for sub in command.get_subcommands() {
            let name = format!("{words}{}", sub.get_name());
            gather(&format!("{name}-"), sub, all);
            if !sub.is_subcommand_required_set() {
                all.insert(name);
            }
        }
    }
    let mut commands = BTreeSet::from(["error".to_owned()]);
    gather("", &Cli::command(), &mut commands);
    let schema = json_schema();
    let defined: BTreeSet<String> = document_names(&schema).into_iter().cloned().collect();
    assert_eq!(defined, commands);
}

#[test]
fn every_member_is_described() {
    fn look(path: &str, definition: &Value, missing: &mut Vec<String>) {
        for (name, member) in definition["properties"].as_object().into_iter().flatten() {
            if member["description"].as_str().is_none() {
                missing.push(format!("{path}.{name}"));
            }
            look(&format!("{path}.{name}"), member, missing);
        }
        for form in definition["anyOf"].as_array().into_iter().flatten() {
            look(path, form, missing);
        }
    }
    let mut missing = Vec::new();
    for (name, definition) in json_schema()["$defs"].as_object().expect("definitions") {
        look(name, definition, &mut missing);
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn undeclared_and_wrong_members_are_found() {
    let definitions = definitions();
    let document = |command: &str, more: Value| {
        let mut document = json!({
            "schema": 1, "command": command, "lab": null, "target": null, "seconds": 0.1, "ok": true,
        });
        let members = document.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        document
    };
    let problem = |document: Value| definitions.problem(&definition_of(&document), &document);
    let lab =
        |created: &str| json!({"name": "a", "owner": null, "created": created, "resources": []});
    let list = |created: &str| document("list", json!({ "labs": [lab(created)] }));
    assert_eq!(problem(list("2026-11-24T18:26:42Z")), None);
    assert!(problem(list("yesterday")).is_some());
    assert!(problem(document("list", json!({}))).is_some());
    assert!(problem(document("list", json!({"labs": [], "more": 1}))).is_some());
    assert!(problem(document("list", json!({"labs": [{"name": "a"}]}))).is_some());
    assert_eq!(problem(document("man", json!({"written": []}))), None);
    assert!(problem(document("man", json!({"written": [], "more": 1}))).is_some());
    assert!(problem(document("man", json!({}))).is_some());
}

/// The commands whose documents were printed.
#[derive(Default)]
struct Printed(BTreeSet<String>);

impl Printed {
    /// Runs a command that prints its report, and checks that.
    fn report(&mut self, lab: &Lab, arguments: &[&str], code: i32) -> Value {
        let (ended, document) = lab.json(arguments);
        assert_eq!(ended, code, "{arguments:?}: {document:#}");
        assert_eq!(document["ok"], code == 0, "{arguments:?}");
        self.take(document)
    }

    fn take(&mut self, document: Value) -> Value {
        check(&document);
        let name = definition_of(&document);
        assert_ne!(name, "error", "{document:#}");
        self.0.insert(name);
        document
    }
}

/// Interrupts a command as Ctrl-C does. Returns its exit code and the lines that it printed, from
/// `first` on.
fn interrupted(mut child: Child, first: Vec<String>) -> (i32, Vec<String>) {
    interrupt(&child);
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let rest = stdout.lines().map(|line| line.expect("a line"));
    let lines = first.into_iter().chain(rest).collect();
    let code = child.wait().expect("a child").code();
    (code.unwrap_or(-1), lines)
}

#[test]
fn reports_match_the_schema() {
    let lab = Lab::new();
    let folder = lab.home().join("made").display().to_string();
    let file = lab.home().join("dead.jsonl").display().to_string();
    let mut printed = Printed::default();
    for (arguments, code) in [
        (&["local", "status"][..], 0),
        (&["local", "start", "--speed", "100"], 0),
        (&["local", "status"], 0),
        (&["status"], 0),
        (&["up", "--plan"], 1),
        (&["up"], 0),
        (&["simulate", "--fault-rate", "0.4", "--faults", "all"], 0),
        (&["simulate", "--count", "3", "--no-wait"], 0),
        (&["status"], 0),
        (&["audit"], 0),
        (&["dlq"], 0),
        (&["dlq", "export", &file], 0),
        (&["dlq", "delete", "--limit", "1", "--yes"], 0),
        (&["dlq", "copy", "--to", "orders-queue"], 0),
        (&["dlq", "purge", "--yes"], 0),
        (&["dlq", "import", &file], 0),
        (&["redrive", "--no-wait"], 0),
        (&["local", "fast-forward", "5m"], 0),
        (&["redrive"], 0),
        (&["logs"], 0),
        (&["list"], 0),
        (&["policy", "operator"], 0),
        (&["env"], 0),
        (&["cost"], 0),
        (&["completions", "bash"], 0),
        (&["completions", "--dir", &folder], 0),
        (&["man"], 0),
        (&["man", "--dir", &folder], 0),
        (&["__labs"], 0),
        (&["__runs"], 0),
        (&["doctor"], 0),
        (&["local", "chaos"], 0),
        (&["local", "chaos", "severe"], 0),
        (&["local", "chaos", "off"], 0),
        (&["up", "--lab", "ann"], 0),
        (&["down"], 0),
        (&["down"], 0),
        (&["down", "--all", "--yes"], 0),
        (&["demo"], 0),
        (&["local", "stop"], 0),
        (&["local", "reset", "--yes"], 0),
    ] {
        printed.report(&lab, arguments, code);
    }
    let serving = lab.spawn(&["local", "serve", "--json"]);
    // While it starts it holds its lock, and does not answer yet.
    while lab.json(&["local", "status"]).1["running"] != true {}
    let (code, lines) = interrupted(serving, Vec::new());
    assert_eq!((code, lines.len()), (0, 1), "{lines:?}");
    printed.take(serde_json::from_str(&lines[0]).expect("a document"));
    let schema = json_schema();
    let defined = document_names(&schema).into_iter().cloned();
    let defined: BTreeSet<String> = defined.filter(|name| name != "error").collect();
    assert_eq!(printed.0, defined);
}

#[test]
fn followed_lines_match_the_schema() {
    let lab = Lab::up();
    lab.good(&["simulate", "--count", "5"]);
    let mut following = lab.spawn(&["logs", "--follow", "--json"]);
    let mut stdout = BufReader::new(following.stdout.take().expect("a pipe"));
    let mut first = String::new();
    stdout.read_line(&mut first).expect("a line");
    interrupt(&following);
    let lines: Vec<String> = stdout.lines().map(|line| line.expect("a line")).collect();
    assert_eq!(following.wait().expect("a child").code(), Some(0));
    let (last, events) = lines.split_last().expect("a document");
    check(&serde_json::from_str(last).expect("a document"));
    for event in events.iter().chain([&first]) {
        let event = serde_json::from_str(event).expect("an event");
        assert_eq!(definitions().problem("LogEvent", &event), None);
    }
}

#[test]
fn reports_of_aws_match_the_schema() {
    let aws = AwsEnv::new();
    aws.lab.good(&["up", "--speed", "100"]);
    for arguments in [
        &["up", "--plan"][..],
        &["status"],
        &["simulate", "--count", "3"],
    ] {
        let arguments = [arguments, &["--target", "aws", "--yes"]].concat();
        let (_, document) = aws.json(&arguments);
        assert_eq!(document.get("error"), None, "{arguments:?}");
        assert_eq!(document["target"]["kind"], "aws", "{arguments:?}");
    }
}

#[test]
fn errors_have_their_kinds() {
    let lab = Lab::new();
    for (arguments, code, kind) in [
        (&["simulat"][..], 2, "usage"),
        (&["simulate", "--count", "0"], 2, "usage"),
        (&["simulate"], 4, "not_found"),
        (&["dlq"], 4, "not_found"),
        (&["redrive"], 4, "not_found"),
        (&["logs"], 4, "not_found"),
        (&["audit"], 4, "not_found"),
        (&["audit", "--target", "aws"], 3, "credentials"),
        (&["local", "chaos", "off", "--set", "x=1"], 2, "usage"),
    ] {
        let (ended, document) = lab.json(arguments);
        check(&document);
        assert_eq!(definition_of(&document), "error", "{arguments:?}");
        let found = (ended, document["error"]["kind"].as_str());
        assert_eq!(found, (code, Some(kind)), "{arguments:?}: {document:#}");
    }
    lab.good(&["up"]);
    let (code, error) = lab.json(&["audit", "--run", "none"]);
    assert_eq!(code, 4, "{error:#}");
    assert_eq!(error["error"]["kind"], "not_found");
    let file = lab.home().join("file");
    std::fs::write(&file, "no directory").expect("written");
    let mut without_home = lab.command(&["status", "--json"]);
    without_home.env("ORDERS_LAB_HOME", &file);
    let output = without_home.output().expect("the tool runs");
    let (code, refused) = document(&["status"], &output);
    assert_eq!(code, 3, "{refused:#}");
    assert_eq!(refused["error"]["kind"], "environment");
}
