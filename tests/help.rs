//! What documents the tool is up to date: help texts, their examples, the manual pages, and the
//! completion scripts in `completions/`.

use std::path::Path;
use std::process::{Command as Process, Stdio};

use clap::{Command, CommandFactory as _, Parser as _};
use orders_lab::cli::Cli;

use crate::support::docs::require_current;
use crate::support::lab::Lab;
use crate::support::reference::markdown;

/// Every visible command, with the words that call it.
pub(crate) fn commands() -> Vec<(Vec<String>, Command)> {
    fn gather(words: &[String], command: &Command, all: &mut Vec<(Vec<String>, Command)>) {
        all.push((words.to_vec(), command.clone()));
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            gather(&[words, &[sub.get_name().to_owned()]].concat(), sub, all);
        }
    }
    let mut all = Vec::new();
    gather(&["orders-lab".to_owned()], &Cli::command(), &mut all);
    all
}

/// The command lines in a help text's examples.
fn examples(help: &str) -> Vec<String> {
    let after = help.split("Examples:\n").nth(1).unwrap_or_default();
    let lines = after.lines().take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.find("orders-lab").map(|start| &line[start..]))
        .map(|line| {
            let ends = ["  ", ")", " |", " >", " &&", ";"];
            let end = ends.iter().filter_map(|end| line.find(end)).min();
            line[..end.unwrap_or(line.len())].to_owned()
        })
        .collect()
}

#[test]
fn examples_of_every_command_parse() {
    for (words, command) in commands() {
        let help = command.get_after_help().map(ToString::to_string);
        let examples = examples(&help.unwrap_or_default());
        assert!(!examples.is_empty(), "{words:?} has no examples");
        for example in examples {
            let parsed = Cli::try_parse_from(example.split_whitespace());
            assert!(parsed.is_ok(), "{example}: {}", parsed.expect_err("wrong"));
        }
    }
}

#[test]
fn help_fits_eighty_columns() {
    let lab = Lab::new();
    for (words, _) in commands() {
        for flag in ["-h", "--help"] {
            let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let output = lab.run(&[&arguments[..], &[flag]].concat());
            let help = String::from_utf8(output.stdout).expect("text");
            assert!(help.contains("Examples:"), "{words:?} {flag}");
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{words:?} {flag}: {line}");
            }
        }
    }
}

#[test]
fn the_demo_takes_the_same_time_everywhere() {
    let lab = Lab::new();
    let output = |arguments: &[&str]| lab.run(arguments).stdout;
    let readme = std::fs::read("README.md").expect("readable");
    for text in [readme, output(&[]), output(&["--help"]), output(&["-h"])] {
        let text = String::from_utf8(text).expect("text");
        assert!(text.contains("in about 20 seconds"), "{text}");
    }
}

#[test]
fn the_reference_is_up_to_date() {
    let text = markdown(Cli::command());
    require_current(Path::new("docs/reference.md"), &text, "reference");
}

#[test]
fn completion_scripts_are_up_to_date() {
    let lab = Lab::new();
    let made = lab.home().join("made");
    let folder = made.to_str().expect("a path");
    let document = lab.good(&["completions", "--dir", folder]);
    let written = document["written"].as_array().expect("paths");
    assert_eq!(written.len(), 5);
    for entry in made.read_dir().expect("a folder") {
        let script = entry.expect("a script");
        let kept = Path::new("completions").join(script.file_name());
        let kept_text = std::fs::read_to_string(&kept).unwrap_or_default();
        let text = std::fs::read_to_string(script.path()).expect("a script");
        // A comparison of whole scripts would be unreadable.
        assert!(
            text == kept_text,
            "{} is out of date; write the scripts again with \
             `cargo run -- completions --dir completions`",
            kept.display()
        );
    }
}

#[test]
fn completion_scripts_hide_internal_flags() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = lab.run(&["completions", shell]);
        assert!(printed.status.success(), "{shell}");
        let script = String::from_utf8(printed.stdout).expect("text");
        assert!(script.contains("simulate"), "{shell}");
        for hidden in ["announce", "insist", "LAB-NAMES", "RUN-NAMES"] {
            assert!(!script.contains(hidden), "{shell} offers {hidden}");
        }
    }
}

#[test]
fn recorded_names_are_listed_without_side_effects() {
    let lab = Lab::new();
    let names = |command: &str| {
        let output = lab.run(&[command]);
        assert!(output.status.success() && output.stderr.is_empty());
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(names("__labs"), "default\n");
    assert_eq!(names("__runs"), "");
    assert_eq!(lab.home().read_dir().expect("a folder").count(), 0);
    let make = |path: &str| {
        std::fs::create_dir_all(lab.home().join(path)).expect("made");
    };
    make("targets/ann.json");
    make("targets/Not A Lab.json");
    make("labs/local/ben");
    make("labs/aws-123456789012-us-east-1/ann/runs/20261123-182642-7e9d.ndjson");
    make("labs/local/ben/runs/20261124-182642-7e9d.ndjson");
    make("labs/local/ben/runs/lock");
    assert_eq!(names("__labs"), "ann\nben\ndefault\n");
    let runs = "20261123-182642-7e9d\n20261124-182642-7e9d\n";
    assert_eq!(names("__runs"), runs);
}

#[test]
fn manual_pages_are_complete_and_valid() {
    let lab = Lab::new();
    let folder = lab.home().join("pages");
    lab.good(&["man", "--dir", folder.to_str().expect("a path")]);
    for (words, _) in commands() {
        let path = folder.join(format!("{}.1", words.join("-")));
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(page.contains(".SH EXAMPLES"), "{}", path.display());
        assert!(!page.contains("__labs"), "{}", path.display());
        let groff = Process::new("groff")
            .args(["-man", "-ww", "-Tutf8", "-z"])
            .arg(&path)
            .stdin(Stdio::null())
            .output();
        match groff {
            Ok(groff) => {
                let warnings = String::from_utf8_lossy(&groff.stderr);
                assert!(warnings.is_empty(), "{}: {warnings}", path.display());
            }
            // Not every developer's machine has groff. CI must.
            Err(problem) => assert!(std::env::var_os("CI").is_none(), "groff: {problem}"),
        }
    }
    let pages = folder.read_dir().expect("a folder").count();
    assert_eq!(pages, commands().len());
    let output = lab.run(&["man"]);
    let main = String::from_utf8(output.stdout).expect("text");
    assert!(main.contains(".TH orders-lab 1"));
}
