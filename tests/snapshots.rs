//! What a person sees, as files in `tests/snapshots/`: the help of every command, tables, errors
//! and a whole demo, in a terminal of 80 columns.
//!
//! `INSTA_UPDATE=always cargo test --test all snapshots` accepts what has changed; read the
//! difference before you commit it.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Command;

use insta::Settings;

use crate::help::commands;
use crate::support::aws_env::{ACCOUNT, AwsEnv};
use crate::support::lab::Lab;
use crate::support::terminal::Terminal;

/// The width of the terminal.
const COLUMNS: u16 = 80;

/// What differs from run to run, and what stands for it: as wide, so that tables and wrapped
/// sentences keep their form.
const VARYING: &[(&str, &str)] = &[
    // The state directory, ports and processes.
    (r"/tmp/orders-lab-\w{6}", "/tmp/orders-lab-DDDDDD"),
    (r"\b127\.0\.0\.1:\d{5}\b", "127.0.0.1:PPPPP"),
    (r"(?m)^(process +)\d+", "${1}PID"),
    (r"(?m)^(version +)\d+\.\d+\.\d+\S*", "${1}VERSION"),
    // The names of runs, order numbers, seeds, times and request ids.
    (r"\b\d{8}-\d{6}-[0-9a-f]{4}\b", "YYYYMMDD-hhmmss-RRRR"),
    (r"(?m)^1\d{11} ", "1NNNNNNNNNNN "),
    (r" 1\d{11},", " 1NNNNNNNNNNN,"),
    (r"RRRR, seed \d+", "RRRR, seed SEED"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "YYYY-MM-DDThh:mm:ssZ"),
    (
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        "IIIIIIII-IIII-IIII-IIII-IIIIIIIIIIII",
    ),
    // The seconds that a command or a resource took, and the age of a lab.
    (r"\b(in |\()\d+\.\d s\b", "${1}S.S s"),
    (
        r"(?m)^(\w.* (?:absent|created|deleted|unchanged) .*)[ \d]\d\.\d$",
        "$1 S.S",
    ),
    (r"(?m)^(\S+ +root) +\d+s ", "$1  AGE "),
    // How often a dead letter was looked at, and its age.
    (r"(?m)^(1N{11} +3) +\d+ +\d+s ", "$1      L  AGE "),
    // Where and how the handlers were built.
    (
        r"(?:x86_64|arm64), glibc \d\.\d+, \d\.\d MB",
        "x86_64, glibc 2.GG, M.M MB",
    ),
];

/// What differs between demos, which draw their orders: how many are good and how many are bad.
const VARYING_IN_DEMOS: &[(&str, &str)] = &[
    (
        r"\b\d\d stored, \d dead-lettered",
        "GG stored, B dead-lettered",
    ),
    (r"(?m)^\d+ s: ", "T s: "),
    (
        r": 20 sent, \d\d stored, 0 being retried, \d dead-lettered",
        ": 20 sent, GG stored, 0 being retried, B dead-lettered",
    ),
    (
        r": \d moved back, 0 stored, 0 being retried, \d dead-lettered",
        ": B moved back, 0 stored, 0 being retried, B dead-lettered",
    ),
    (r"\b\d dead letters in", "B dead letters in"),
    (
        r"Moving \d dead letters back; \d of",
        "Moving B dead letters back; B of",
    ),
    (r"\b\d dead letters: \d ", "B dead letters: B "),
    (r"Moving \d dead letters", "Moving B dead letters"),
    (
        r"\d of \d messages were moved back: 0 are stored now, \d are",
        "B of B messages were moved back: 0 are stored now, B are",
    ),
    (
        r"\b\d\d orders and [\dB] dead letters in",
        "GG orders and B dead letters in",
    ),
    (r"whole lab, in \d+ s", "whole lab, in T s"),
    (
        r"(RRRR +20 +)\d\d( +)\d( +)\d\d( +)\d\b",
        "${1}GG${2}B${3}GG${4}B",
    ),
    (r"(?m)^(stored +)\d\d$", "${1}GG"),
    (r"(?m)^(dead-lettered +)\d$", "${1}B"),
    (r"(?m)^( +)\d  price_err ", "${1}B  price_err "),
];

/// Compares texts with the files in `tests/snapshots/`.
struct Snapshots(Settings);

impl Snapshots {
    fn new(filters: &[&[(&str, &str)]]) -> Self {
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, replacement) in filters.iter().copied().flatten() {
            settings.add_filter(pattern, *replacement);
        }
        Self(settings)
    }

    fn assert(&self, name: &str, text: &str) {
        self.0.bind(|| insta::assert_snapshot!(name, text));
    }
}

fn assert_file(name: &str, text: &str) {
    Snapshots::new(&[VARYING]).assert(name, text);
}

/// What a command prints in a terminal, on both streams, after a prompt with the command and
/// before its exit code.
fn screen(mut command: Command) -> String {
    let terminal = Terminal::new(COLUMNS);
    command.stdout(terminal.handle()).stderr(terminal.handle());
    command.env("TERM", "dumb");
    let line = prompt(&command);
    let (text, code) = terminal.finish(command);
    let gap = if text.ends_with('\n') { "" } else { "\n" };
    format!("{line}{text}{gap}{}", end(code))
}

fn end(code: Option<i32>) -> String {
    code.map_or_else(
        || "[killed]\n".to_owned(),
        |code| format!("[exit code {code}]\n"),
    )
}

/// The command as a person types it.
fn prompt(command: &Command) -> String {
    let arguments = command.get_args();
    let words = arguments.map(|argument| quoted(&argument.to_string_lossy()));
    format!("$ orders-lab {}\n", words.collect::<Vec<_>>().join(" "))
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    if word.contains(' ') {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

/// The screens of several commands on a lab.
fn screens(lab: &Lab, lines: &[&[&str]]) -> String {
    let screens = lines.iter().map(|arguments| screen(lab.command(arguments)));
    screens.collect::<Vec<_>>().join("\n")
}

#[test]
fn help_of_every_command() {
    let (lab, snapshots) = (Lab::new(), Snapshots::new(&[]));
    for (words, _) in commands() {
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let text = screen(lab.command(&[&arguments[..], &["--help"]].concat()));
        snapshots.assert(&format!("help-{}", words.join("-")), &text);
    }
}

#[test]
fn tables_of_a_lab() {
    let lab = Lab::with_path_of_fixed_length();
    let snapshots = Snapshots::new(&[VARYING]);
    let file = |name: &str, lines: &[&[&str]]| snapshots.assert(name, &screens(&lab, lines));
    let quiet = |name: &str, arguments: &[&str]| {
        file(name, &[&[arguments, &["--progress", "none"]].concat()]);
    };
    // Nothing runs yet; a speed of its own keeps the test short.
    lab.good(&["local", "start", "--speed", "100"]);
    file("up-plan", &[&["up", "--plan"]]);
    quiet("up", &["up"]);
    quiet("up-again", &["up"]);
    file("status-empty", &[&["status"]]);
    quiet(
        "simulate",
        &[
            "simulate",
            "--count",
            "20",
            "--fault-rate",
            "0.2",
            "--seed",
            "7",
        ],
    );
    file("status", &[&["status"]]);
    file("dlq", &[&["dlq"]]);
    file("audit", &[&["audit"]]);
    file("list", &[&["list"]]);
    file("doctor", &[&["doctor"]]);
    file("local-status", &[&["local", "status"]]);
    file(
        "local-chaos",
        &[
            &["local", "chaos"],
            &["local", "chaos", "severe", "--seed", "7"],
            &["local", "chaos", "off"],
        ],
    );
    quiet("redrive", &["redrive"]);
    file("up-plan-changes", &[&["up", "--plan", "--memory", "512"]]);
    file("demo-refused", &[&["demo"]]);
    quiet("down", &["down"]);
    file(
        "nothing-there",
        &[
            &["local", "status"],
            &["status"],
            &["list"],
            &["down", "--progress", "none"],
        ],
    );
}

#[test]
fn bodies_of_dead_letters() {
    let lab = Lab::up();
    lab.good(&[
        "simulate",
        "--count",
        "1",
        "--fault-rate",
        "1",
        "--seed",
        "7",
    ]);
    assert_file("dlq-full", &screens(&lab, &[&["dlq", "--full"]]));
}

#[test]
fn costs() {
    let lab = Lab::new();
    let provisioned = ["cost", "--count", "10000", "--billing", "provisioned:40,50"];
    assert_file("cost", &screens(&lab, &[&["cost"], &provisioned]));
}

#[test]
fn usage_errors() {
    let lab = Lab::new();
    let text = screens(
        &lab,
        &[
            &["simulat"],
            &["destroy"],
            &["dql"],
            &["simulate", "20"],
            &["simulate", "--cuont", "20"],
            &["simulate", "--count", "0"],
            &["simulate", "--count", "x"],
            &["simulate", "--fault-rate", "1.5"],
            &["simulate", "--faults", "nonsense"],
            &["simulate", "--timeout", "soon"],
            &["up", "--lab", "Not A Name"],
            &["up", "--billing", "free"],
            &["up", "--memory", "1"],
            &["up", "--handlers", "/nonexistent"],
            &["local", "start", "--speed", "0"],
            &["local", "chaos", "--set", "nonsense=1"],
            &["local", "chaos", "calm"],
            &["down", "--older-than", "2d"],
            &["status", "--expect-account", "1234"],
            &["completions"],
        ],
    );
    assert_file("errors-usage", &text);
}

#[test]
fn missing_things() {
    let lab = Lab::with_path_of_fixed_length();
    // Started before, so that no command says that it starts it.
    lab.good(&["local", "start"]);
    let text = screens(
        &lab,
        &[
            &["simulate"],
            &["dlq"],
            &["redrive"],
            &["logs"],
            &["audit"],
            &["audit", "--run", "none"],
            &["status", "--lab", "ann"],
        ],
    );
    assert_file("errors-missing", &text);
}

#[test]
fn target_errors() {
    let lab = Lab::with_path_of_fixed_length();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = lab.command(arguments);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(variables.iter().copied());
        let shown = variables.iter();
        let shown: String = shown
            .map(|(name, value)| format!("{name}={} ", quoted(value)))
            .collect();
        screen(command).replacen("$ ", &format!("$ {shown}"), 1)
    };
    let aws = ["status", "--target", "aws"];
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let endpoint = |url| [&keys[..], &[("AWS_ENDPOINT_URL", url)]].concat();
    let text = [
        run(&aws, &[]),
        run(&[&aws[..], &["--profile", "work"]].concat(), &[]),
        run(&aws, &keys[..1]),
        run(&aws, &endpoint("localhost:4566")),
        run(&aws, &[("AWS_REGION", "us east"), keys[0], keys[1]]),
        run(&["status", "--profile", "work"], &[]),
        run(&["status", "--region", "eu-west-1"], &[]),
        run(&["status", "--expect-account", "987654321098"], &[]),
        run(&["status"], &[("ORDERS_LAB_HOME", "/dev/null")]),
    ];
    assert_file("errors-target", &text.join("\n"));
}

#[test]
fn account_guard() {
    let aws = AwsEnv::of(Lab::with_path_of_fixed_length());
    let run = |arguments: &[&str]| screen(aws.command(&[arguments, &["--target", "aws"]].concat()));
    let mut wrong_key = aws.command(&["status", "--target", "aws"]);
    wrong_key.env("AWS_SECRET_ACCESS_KEY", "wrong");
    let text = [
        run(&["status"]),
        run(&["up"]),
        run(&["down"]),
        run(&["status", "--expect-account", "987654321098"]),
        run(&["status", "--expect-account", ACCOUNT]),
        screen(wrong_key),
    ];
    assert_file("account-guard", &text.join("\n"));
}

#[test]
fn whole_demo() {
    let demos = std::iter::repeat_with(|| {
        let lab = Lab::with_path_of_fixed_length();
        lab.good(&["local", "start", "--speed", "100"]);
        run_demo(&lab)
    });
    // Words and widths are others where fewer than two orders are bad, or more than nine.
    let usual = |demo: &(usize, String)| (2..10).contains(&demo.0);
    let (_, text) = demos.take(20).find(usual).expect("a usual demo");
    Snapshots::new(&[VARYING, VARYING_IN_DEMOS]).assert("demo", &text);
}

/// Runs a demo. Returns how many orders were bad, and what was printed, one stream after the
/// other: how they interleave varies.
fn run_demo(lab: &Lab) -> (usize, String) {
    let path = lab.home().join("stderr");
    let terminal = Terminal::new(COLUMNS);
    let mut command = lab.command(&["demo", "--progress", "plain"]);
    command.env("TERM", "dumb").stdout(terminal.handle());
    command.stderr(File::create(&path).expect("a file"));
    let line = prompt(&command);
    let (stdout, code) = terminal.finish(command);
    let stderr = std::fs::read_to_string(path).expect("a text");
    let is_dead_letter = |line: &&str| line.starts_with('1') && line.contains("price_per_item");
    let bad = stdout.lines().filter(is_dead_letter).count();
    // Dead letters differ only in their numbers. One row stands for all.
    let mut has_row = false;
    let tables: String = stdout
        .lines()
        .filter(|line| !is_dead_letter(line) || !std::mem::replace(&mut has_row, true))
        .map(|line| format!("{line}\n"))
        .collect();
    let progress = in_fixed_order(&stderr);
    let text = format!("{line}{progress}\n{tables}{}", end(code));
    (bad, text)
}

/// Lines of progress in an order that does not depend on timing: what happens to resources side
/// by side is sorted, and of repeated counts the last remains. Waits are left out.
fn in_fixed_order(progress: &str) -> String {
    let is_of_resource = |line: &str| {
        let kinds = [
            "queue ",
            "table ",
            "role ",
            "function ",
            "trigger ",
            "log group ",
        ];
        kinds.iter().any(|kind| line.starts_with(kind))
    };
    let is_count = |line: &str| {
        let time = line.split_once(" s: ");
        time.is_some_and(|(time, _)| time.parse::<u32>().is_ok())
    };
    let lines: Vec<&str> = progress
        .lines()
        .filter(|line| !line.contains(": waiting: "))
        .collect();
    lines
        .chunk_by(|one, next| {
            is_of_resource(one) && is_of_resource(next) || is_count(one) && is_count(next)
        })
        .flat_map(|chunk| match chunk {
            [.., last] if is_count(last) => vec![*last],
            _ => chunk
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        })
        .map(|line| format!("{line}\n"))
        .collect()
}
