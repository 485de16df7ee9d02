//! The answers to command lines that name nothing to run.

use super::*;

fn wrong(line: &[&str]) -> CommandError {
    let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
    let problem = super::super::parse(&arguments).expect_err("it is wrong");
    error(&problem, &arguments)
}

#[test]
fn suggestions_become_hints() {
    for (line, meant) in [
        (&["orders-lab", "simulat"][..], "'simulate'"),
        (&["orders-lab", "dlp"], "'dlq'"),
        (&["orders-lab", "local", "statsu"], "'status'"),
        (&["orders-lab", "simulate", "--cuont", "3"], "'--count'"),
        (&["orders-lab", "up", "--target", "loca"], "'local'"),
        (&["orders-lab", "simulate", "20"], "`--count 20`"),
        (&["orders-lab", "dlq", "5"], "`--limit 5`"),
        (
            &["orders-lab", "logs", "100000000001"],
            "`--order 100000000001`",
        ),
        (&["orders-lab", "destroy"], "`orders-lab down`"),
        (
            &[
                "orders-lab",
                "destroy",
                "--lab",
                "ann",
                "--force",
                "--target=aws",
            ],
            "`orders-lab down --lab ann --target aws`",
        ),
        (&["orders-lab", "delete"], "`orders-lab down`"),
        (&["orders-lab", "deploy"], "`orders-lab up`"),
        (&["orders-lab", "create"], "`orders-lab up`"),
        (&["orders-lab", "dql"], "`orders-lab dlq`"),
        (&["orders-lab", "serve"], "`orders-lab local serve`"),
    ] {
        let error = wrong(line);
        let hint = &error.hints[0];
        assert!(hint.contains(meant), "{line:?}: {hint}");
        assert!(hint.ends_with('.') && hint.starts_with(char::is_uppercase));
    }
}

#[test]
fn help_about_nothing_is_answered_as_without_help() {
    let answered = |line: &[&str]| {
        let line: Vec<OsString> = line.iter().map(OsString::from).collect();
        let problem = super::super::parse(&line).expect_err("it names nothing to run");
        answer(&problem, &line).1
    };
    let hints = |line: &[&str]| answered(line).expect_err("it is wrong").hints;
    let lists = "`orders-lab --help` lists commands and options.";
    assert_eq!(hints(&["orders-lab", "help", "nope"]), [lists]);
    let of_local = "`orders-lab local --help` lists its options.";
    assert_eq!(hints(&["orders-lab", "help", "local", "nope"]), [of_local]);
    assert_eq!(hints(&["orders-lab", "local", "help", "nope"]), [of_local]);
    let simulat = hints(&["orders-lab", "help", "simulat"]);
    assert!(simulat[0].contains("'simulate'"), "{simulat:?}");
    let destroy = hints(&["orders-lab", "help", "destroy"]);
    assert!(destroy[0].contains("`orders-lab down`"), "{destroy:?}");
    for line in [
        &["orders-lab", "help", "--help"][..],
        &["orders-lab", "help", "-h"],
        &["orders-lab", "help", "local", "--help"],
    ] {
        assert!(answered(line).is_ok(), "{line:?}");
    }
    let option = hints(&["orders-lab", "help", "up", "--plan"]);
    assert_eq!(option, ["`orders-lab up --help` lists its options."]);
}

#[test]
fn values_say_what_is_allowed() {
    for (value, words) in [
        (
            "abc",
            "abc is not a whole number; give one between 1 and 10,000,000",
        ),
        ("0", "0 is not between 1 and 10,000,000"),
        ("-5", "-5 is not between 1 and 10,000,000"),
    ] {
        let error = wrong(&["orders-lab", "simulate", "--count", value]);
        assert!(error.message.ends_with(words), "{}", error.message);
    }
}

#[test]
fn negative_values_are_no_options() {
    for (line, words) in [
        (
            &["local", "fast-forward", "-5s"][..],
            "a duration cannot be negative",
        ),
        (
            &["local", "fast-forward", "-5"],
            "a duration cannot be negative",
        ),
        (
            &["simulate", "--timeout", "-1m"],
            "a duration cannot be negative",
        ),
        (
            &["logs", "--since", "-x"],
            "give a duration such as 30s, 2m, 12h or 2d",
        ),
        (&["dlq", "--limit", "-1"], "-1 is not 0 or more"),
        (&["simulate", "--seed", "-1"], "-1 is not 0 or more"),
        (
            &["simulate", "--fault-rate", "-0.1"],
            "give a share from 0 to 1, such as 0.1",
        ),
        (
            &["up", "--max-receives", "-1"],
            "-1 is not between 1 and 1,000",
        ),
        (&["up", "--speed", "-1"], "-1 is not between 1 and 1,000"),
        (
            &["local", "start", "--port", "-1"],
            "-1 is not between 1 and 65,535",
        ),
        (&["cost", "--days", "-1"], "-1 is not between 0 and 3,660"),
    ] {
        let error = wrong(&[&["orders-lab"], line].concat());
        assert!(
            error.message.ends_with(words),
            "{line:?}: {}",
            error.message
        );
    }
    // An option that follows is none of their values.
    let line = ["orders-lab", "local", "fast-forward", "--json", "30s", "-v"];
    assert!(super::super::parse(&line.map(OsString::from)).is_ok());
}

#[test]
fn a_missing_argument_is_named() {
    let error = wrong(&["orders-lab", "local", "fast-forward"]);
    assert!(error.message.ends_with("<TIME>"), "{}", error.message);
}

#[test]
fn the_list_of_global_options_is_offered() {
    let error = wrong(&["orders-lab", "up", "--target", "moon"]);
    let last = error.hints.last().map(String::as_str);
    let explains = "`orders-lab help options` explains the global options.";
    assert_eq!(last, Some(explains));
}

#[test]
fn the_help_of_the_command_is_offered() {
    let line = [
        "orders-lab",
        "--lab",
        "up",
        "local",
        "start",
        "--speed",
        "x",
    ];
    let error = wrong(&line);
    let last = error.hints.last().map(String::as_str);
    assert_eq!(
        last,
        Some("`orders-lab local start --help` lists its options.")
    );
}
