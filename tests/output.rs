//! Printed output: tables and sentences fit the terminal, stdout has data only, and pipes, dumb
//! terminals and closed readers cause no trouble.

use std::io::{BufRead as _, BufReader, pipe};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr as _;

use crate::support::lab::{Lab, document};
use crate::support::terminal::Terminal;

/// The longest name that a lab may have.
const LONG: &str = "a23456789-123456789-1234";
/// The width of a terminal.
const COLUMNS: u16 = 80;

/// Commands that change nothing and print a table.
const TABLES: &[&[&str]] = &[
    &["up", "--plan"],
    &["status"],
    &["dlq"],
    &["dlq", "--full"],
    &["audit"],
    &["list"],
    &["cost", "--count", "10000", "--billing", "provisioned:40,50"],
    &["local", "status"],
    &["local", "chaos"],
];

/// Commands that change nothing, with and without tables.
fn reading_commands() -> Vec<&'static [&'static str]> {
    let data: [&[&str]; 3] = [&["logs"], &["policy", "operator"], &["env"]];
    TABLES.iter().copied().chain(data).collect()
}

/// A lab with a long name, and the names of its resources.
fn long_lab() -> (Lab, Vec<String>) {
    let lab = Lab::new();
    let built = lab.good(&["up", "--speed", "100", "--lab", LONG]);
    let resources = built["resources"].as_array().expect("resources").iter();
    let names = resources.map(|one| one["name"].as_str().expect("a name").to_owned());
    (lab, names.collect())
}

fn in_lab<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(["--lab", LONG]).collect()
}

#[test]
fn tables_and_sentences_fit() {
    let (lab, names) = long_lab();
    let sent = in_lab(&[
        "simulate",
        "--fault-rate",
        "0.4",
        "--faults",
        "all",
        "--seed",
        "4",
    ]);
    stdout(&lab.run(&sent));
    for arguments in TABLES.iter().map(|arguments| in_lab(arguments)) {
        let piped = stdout(&lab.run(&arguments));
        let terminal = Terminal::new(COLUMNS);
        let mut command = lab.command(&arguments);
        command.stdout(terminal.handle()).stderr(Stdio::null());
        let (screen, _) = terminal.finish(command);
        let shown = without_colors(&screen);
        fits(&arguments, &shown);
        for line in shown.lines() {
            assert!(
                line.width() <= usize::from(COLUMNS),
                "{arguments:?}: {line}"
            );
        }
        if arguments.starts_with(&["up"]) {
            for name in &names {
                assert!(piped.contains(name), "{name} is whole in:\n{piped}");
                assert!(is_readable(name, &shown), "{name} in:\n{shown}");
            }
        }
    }
}

#[test]
fn log_lines_wrap_between_words() {
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
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let terminal = Terminal::new(COLUMNS);
    let mut command = lab.command(&["logs", "--errors"]);
    command.stdout(terminal.handle()).stderr(Stdio::null());
    command.env("NO_COLOR", "1");
    let (screen, code) = terminal.finish(command);
    assert_eq!(code, Some(0));
    let piped = stdout(&lab.run(&["logs", "--errors"]));
    assert!(piped.lines().count() < screen.lines().count(), "{screen}");
    assert!(
        screen.lines().all(|line| line.width() <= COLUMNS.into()),
        "{screen}"
    );
    assert_eq!(words(&screen), words(&piped), "no word is broken");
}

#[test]
fn sentences_wrap_in_terminals_only() {
    let lab = Lab::new();
    let wrong = ["audit", "--target", "local", "--run", "none"];
    let piped = String::from_utf8_lossy(&lab.run(&wrong).stderr).into_owned();
    assert!(piped.lines().count() <= 5, "one line each: {piped}");
    let terminal = Terminal::new(40);
    let mut command = lab.command(&wrong);
    command.stdout(Stdio::null()).stderr(terminal.handle());
    command.args(["--progress", "plain"]);
    let (shown, code) = terminal.finish(command);
    assert_ne!(code, Some(0));
    for line in without_colors(&shown).lines() {
        // A word that is wider has a line for itself.
        let alone = !line.trim().contains(' ');
        assert!(line.width() <= 40 || alone, "{line:?} in {shown}");
    }
    assert!(without_colors(&shown).contains("hint: "), "{shown}");
}

#[test]
fn no_escape_codes_where_unwanted() {
    let lab = Lab::up();
    let colored = in_terminal(&lab, &["status"], &[("TERM", "xterm-256color")]);
    assert!(
        colored.contains("\u{1b}["),
        "colours in a terminal: {colored:?}"
    );
    let wrong: &[&str] = &["audit", "--run", "none"];
    let unknown: &[&str] = &["simulat"];
    let help: &[&str] = &["up", "--help"];
    let others = [wrong, unknown, help];
    for arguments in reading_commands().into_iter().chain(others) {
        let dumb = in_terminal(&lab, arguments, &[("TERM", "dumb")]);
        assert!(!dumb.contains('\u{1b}'), "{arguments:?}: {dumb:?}");
        let variables = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        let plain = in_terminal(&lab, arguments, &variables);
        assert!(!has_colors(&plain), "{arguments:?}: {plain:?}");
        let piped = lab.run(arguments);
        for stream in [&piped.stdout, &piped.stderr] {
            assert!(!stream.contains(&0x1b), "{arguments:?} in a pipe");
        }
    }
}

#[test]
fn stdout_has_only_the_document() {
    let lab = Lab::up();
    lab.good(&[
        "simulate",
        "--count",
        "5",
        "--fault-rate",
        "1",
        "--seed",
        "1",
    ]);
    for arguments in reading_commands() {
        let (code, document) = lab.json(arguments);
        assert_eq!(code, 0, "{arguments:?}");
        assert_eq!(document["ok"], true, "{arguments:?}");
        // However progress is shown.
        let mut command = lab.command(arguments);
        command.args(["--json", "--progress", "bar", "--color", "always"]);
        let (code, _) = self::document(arguments, &command.output().expect("the tool runs"));
        assert_eq!(code, 0, "{arguments:?} with bars");
    }
    for arguments in [
        &["audit", "--run", "none"][..],
        &["simulate", "--count", "x"],
        &["local", "start", "--speed", "0"],
        &["redrive"],
        &["down", "--yes"],
        &["status"],
        &["dlq"],
        &["local", "stop"],
        &["local", "status"],
    ] {
        let (_, document) = lab.json(arguments);
        assert!(document["ok"].is_boolean(), "{arguments:?}: {document:#}");
    }
}

#[test]
fn quiet_prints_results_alone() {
    let lab = Lab::up();
    for arguments in [&["status"][..], &["audit"], &["dlq"], &["simulate"]] {
        let output = lab.run(arguments);
        assert!(stdout(&output).contains("\nNext: "), "{arguments:?}");
        let quiet = lab.run(&[arguments, &["--quiet"]].concat());
        assert!(!stdout(&quiet).contains("Next: "), "{arguments:?}");
        assert!(quiet.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn calls_in_a_row_are_told_once() {
    let lab = Lab::up();
    let send = ["simulate", "--count", "200", "--fault-rate", "1", "--quiet"];
    assert_eq!(lab.run(&send).status.code(), Some(0));
    let looked = lab.run(&["dlq", "--verbose"]);
    let text = String::from_utf8_lossy(&looked.stderr);
    for call in ["SQS ReceiveMessage", "SQS ChangeMessageVisibilityBatch"] {
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(call)).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[1].contains(" times more, "), "{text}");
    }
    // A run that adds no dead letters does not look at those of others.
    let run = lab.run(&["simulate", "--fault-rate", "0", "--verbose"]);
    let text = String::from_utf8_lossy(&run.stderr);
    assert!(!text.contains("SQS ReceiveMessage"), "{text}");
}

#[test]
fn the_banner_names_the_chaos_profile() {
    let lab = Lab::up();
    let banner = |lab: &Lab| {
        let text = String::from_utf8_lossy(&lab.run(&["status"]).stderr).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(banner(&lab), "default · local · us-east-1 · 50x");
    lab.good(&["local", "chaos", "aws"]);
    assert_eq!(
        banner(&lab),
        "default · local · us-east-1 · 50x · chaos aws"
    );
}

#[test]
fn closed_reader_is_no_error() {
    let lab = Lab::up();
    lab.good(&[
        "simulate",
        "--count",
        "5",
        "--fault-rate",
        "0",
        "--seed",
        "1",
    ]);
    for arguments in reading_commands().into_iter().chain([&["--help"][..]]) {
        let mut command = lab.command(arguments);
        command.stdout(closed_pipe()).stderr(Stdio::piped());
        require_silent_success(arguments, &command.output().expect("the tool runs"));
        let mut command = lab.command(arguments);
        command.stdout(Stdio::piped()).stderr(closed_pipe());
        let output = command.output().expect("the tool runs");
        require_silent_success(arguments, &output);
        assert!(!output.stdout.is_empty(), "{arguments:?} without stderr");
        // No other streams.
        let output = redirected(&lab, arguments, "2>&- <&-");
        require_silent_success(arguments, &output);
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let lab = Lab::up();
    let others = [
        &["--help"][..],
        &["--version"],
        &[],
        &["completions", "bash"],
    ];
    let wrong: [(&[&str], i32); 2] = [(&["audit", "--run", "x"], 4), (&["simulat"], 2)];
    let commands = reading_commands().into_iter().chain(others);
    let commands = commands.map(|arguments| (arguments, 3)).chain(wrong);
    for (arguments, code) in commands {
        for redirection in ["> /dev/full", ">&-", "1< /dev/null"] {
            if redirection.contains("full") && !Path::new("/dev/full").exists() {
                continue;
            }
            // Errors go to stderr, so only their documents are lost.
            let mut arguments = arguments.to_vec();
            if code != 3 {
                arguments.push("--json");
            }
            let output = redirected(&lab, &arguments, redirection);
            let text = String::from_utf8_lossy(&output.stderr);
            let shown = format!("{arguments:?} {redirection}: {text}");
            assert_eq!(output.status.code(), Some(code), "{shown}");
            assert!(text.contains("error: cannot write to stdout"), "{shown}");
        }
    }
}

/// Runs the tool in a shell that redirects its streams.
fn redirected(lab: &Lab, arguments: &[&str], redirection: &str) -> Output {
    let tool = lab.command(arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")]);
    shell.arg(tool.get_program()).args(arguments).env_clear();
    let variables = tool.get_envs();
    shell.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(Stdio::null()).output().expect("a shell")
}

#[test]
fn the_name_alone_shows_where_to_begin() {
    let lab = Lab::new();
    let output = lab.run(&[]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    assert!(text.contains("Start here:\n  orders-lab demo "), "{text}");
    assert!(output.stderr.is_empty());
    // A script that meant to name a command is told so.
    assert_eq!(lab.run(&["--json"]).status.code(), Some(2));
}

#[test]
fn help_folds_the_global_options() {
    let lab = Lab::new();
    let help = |arguments: &[&str]| stdout(&lab.run(arguments));
    assert_eq!(help(&["up", "--help"]), help(&["up", "-h"]));
    assert!(!help(&["up", "--help"]).contains("--profile"));
    let unwrapped = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let up = unwrapped(help(&["up", "--help"]));
    assert!(up.contains("[default: as before, at first 30]"), "{up}");
    let cost = unwrapped(help(&["cost", "--help"]));
    assert!(cost.contains("[default: 30]"), "{cost}");
    let all = help(&["help", "options"]);
    for option in ["--target", "--profile", "--expect-account", "--color"] {
        assert!(all.contains(option), "{all}");
    }
}

#[test]
fn follow_ends_with_its_reader() {
    let lab = Lab::up();
    let send = [
        "simulate",
        "--count",
        "5",
        "--fault-rate",
        "0",
        "--seed",
        "1",
    ];
    lab.good(&send);
    let mut following = lab.spawn(&["logs", "--follow"]);
    let mut first = String::new();
    let mut reader = BufReader::new(following.stdout.take().expect("a pipe"));
    reader.read_line(&mut first).expect("a line");
    drop(reader);
    lab.good(&send);
    let code = exit_code_within(&mut following, Duration::from_secs(30));
    assert_eq!(code, Some(0), "after {first:?}");
}

/// The exit code of a process that ends in time. Kills one that does not.
fn exit_code_within(child: &mut Child, time: Duration) -> Option<i32> {
    let ends = Instant::now() + time;
    while Instant::now() < ends {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// A pipe whose reader is closed.
fn closed_pipe() -> Stdio {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

/// Requires that a command succeeded and did not mention what it could not write.
fn require_silent_success(arguments: &[&str], output: &Output) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {text}");
    for word in ["panic", "roken pipe", "error"] {
        assert!(!text.contains(word), "{arguments:?}: {text}");
    }
}

/// What a command prints in a terminal, on both streams.
fn in_terminal(lab: &Lab, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let terminal = Terminal::new(COLUMNS);
    let mut command = lab.command(arguments);
    command.stdout(terminal.handle()).stderr(terminal.handle());
    command.envs(variables.iter().copied());
    terminal.finish(command).0
}

fn stdout(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !text.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// The lines of a text's tables: from headings, which are in capitals, to the next empty line.
fn table_lines(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_heading = line.contains(char::is_uppercase) && !line.contains(char::is_lowercase);
        inside = !line.trim().is_empty() && (inside || is_heading);
        if inside {
            lines.push(line);
        }
    }
    lines
}

fn fits(arguments: &[&str], text: &str) {
    let lines = table_lines(text);
    assert!(!lines.is_empty(), "{arguments:?} prints no table: {text}");
    for line in lines {
        let width = line.width();
        assert!(
            width <= usize::from(COLUMNS),
            "{arguments:?}, {width} columns:\n{text}"
        );
    }
}

/// Whether a table shows a name whole, or broken after its hyphens into lines below each other.
fn is_readable(name: &str, text: &str) -> bool {
    let lines = table_lines(text);
    let column = |line: &str, part: &str| Some(line[..line.find(part)?].width());
    let parts = |name: &str| -> Vec<usize> {
        let ends = name.match_indices('-').map(|(at, _)| at + 1);
        ends.chain([name.len()]).rev().collect()
    };
    lines.iter().enumerate().any(|(number, line)| {
        let first = parts(name)
            .into_iter()
            .find_map(|end| Some((end, column(line, &name[..end])?)));
        let Some((mut shown, at)) = first else {
            return false;
        };
        for below in &lines[number + 1..] {
            let rest = &name[shown..];
            let next = parts(rest)
                .into_iter()
                .filter(|end| *end > 0)
                .find(|end| column(below, &rest[..*end]) == Some(at));
            match next {
                Some(end) => shown += end,
                None => break,
            }
        }
        shown == name.len()
    })
}

/// Whether a text has escape codes for colours or bold.
fn has_colors(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        let parameters = |character: char| character.is_ascii_digit() || character == ';';
        rest.trim_start_matches(parameters).starts_with('m')
    })
}

fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character: char| character.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[test]
fn helpers_recognise_names_and_colors() {
    let text = "KIND  NAME\nkind  a-b-\n      c-role  x\n";
    assert!(is_readable("a-b-c-role", text));
    assert!(!is_readable("a-b-d-role", text));
    assert!(has_colors("\u{1b}[1;31mred") && !has_colors("\u{1b}[2K"));
    assert_eq!(without_colors("\u{1b}[1mbold\u{1b}[0m"), "bold");
}
