//! What is shown while orders are followed: where they are, which attempt they are at, and what happens
//! next.

use std::io::{self, BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::lab::{Lab, interrupt};
use crate::support::terminal::Terminal;

/// The run: 3 of its 20 orders are bad.
const RUN: &[&str] = &["simulate", "--fault-rate", "0.2", "--seed", "7"];

/// A lab in which an attempt takes long enough to be seen, and three of them a few seconds.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.good(&["up", "--speed", "20"]);
    lab
}

/// What a command says of bad orders, each sentence once, in the order in which they come. `HOW` is how
/// it shows its progress.
fn said(lab: &Lab, arguments: &[&str], how: &str) -> Vec<String> {
    let terminal = Terminal::new(80);
    let mut command = lab.command(&[arguments, &["--progress", how, "--color", "never"]].concat());
    command.stdout(Stdio::null()).stderr(terminal.handle());
    let (text, code) = terminal.finish(command);
    assert_eq!(code, Some(0), "{text}");
    let mut sentences: Vec<String> = one_line_each(&text)
        .filter_map(|line| Some(without_times(&line[line.find("3 bad orders")?..])))
        .collect();
    sentences.dedup();
    sentences
}

/// What was written, each frame or paragraph as one line.
fn one_line_each(text: &str) -> impl Iterator<Item = String> {
    let frames = text.split("\x1b[").flat_map(|part| part.split(" s: "));
    let mut lines = vec![String::new()];
    for frame in frames {
        // What follows an escape code begins with its last letter.
        match frame.strip_prefix('K') {
            Some(rest) => {
                let last = lines.last_mut().expect("a line");
                last.push(' ');
                last.push_str(rest.trim());
            }
            None => lines.push(frame.to_owned()),
        }
    }
    lines
        .into_iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A sentence up to the first order's number, with a word for each time that passes.
fn without_times(sentence: &str) -> String {
    let sentence = sentence.split(" price_").next().unwrap_or_default();
    let parts = sentence.trim_end_matches('.').split(", ").map(|part| {
        for time in [" in a moment", " in about "] {
            if let Some((what, _)) = part.split_once(time) {
                return format!("{what} in T");
            }
        }
        part.to_owned()
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What is said of orders that fail three times.
fn expected() -> Vec<String> {
    let hidden = "hidden for 30 s after each failure (1.5 s here, 20x)";
    let sentence = |attempt: u32, next: &str| {
        format!("3 bad orders: attempt {attempt} of 3, {hidden}{next}, dead-lettered in T")
    };
    vec![
        sentence(1, ", next attempt in T"),
        sentence(2, ", next attempt in T"),
        sentence(3, ""),
    ]
}

/// Reads lines up to one that contains `words`; `None` where they end before.
fn read_until(lines: &mut impl Iterator<Item = io::Result<String>>, words: &str) -> Option<String> {
    lines
        .map(|line| line.expect("text"))
        .find(|line| line.contains(words))
}

#[test]
fn a_wait_follows_skipped_time() {
    let lab = Lab::new();
    // Only skipped time brings a second attempt.
    lab.good(&["up", "--speed", "1", "--visibility-timeout", "3600"]);
    for arguments in [RUN, &["redrive"]] {
        let arguments = [arguments, &["--timeout", "2m"]].concat();
        let mut following = lab.spawn(&arguments);
        let mut lines = BufReader::new(following.stderr.take().expect("a pipe")).lines();
        for attempt in ["attempt 1 of 3", "attempt 2 of 3", "attempt 3 of 3"] {
            let said = read_until(&mut lines, attempt);
            assert!(said.is_some(), "{arguments:?} says {attempt}");
            lab.good(&["local", "fast-forward", "3601s"]);
        }
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        assert_eq!(
            following.wait().expect("it ends").code(),
            Some(0),
            "{rest:?}"
        );
    }
}

#[test]
fn an_interruption_ends_with_the_counts() {
    let lab = Lab::new();
    lab.good(&["up", "--speed", "1"]);
    let mut following = lab.spawn(RUN);
    let mut lines = BufReader::new(following.stderr.take().expect("a pipe")).lines();
    read_until(&mut lines, "3 being retried").expect("the counts");
    interrupt(&following);
    let counts = "Interrupted; 20 sent, 17 stored, 3 being retried, 0 dead-lettered, and processing continues.";
    assert!(read_until(&mut lines, counts).is_some());
    assert!(read_until(&mut lines, "audit --run").is_some());
    assert_eq!(following.wait().expect("it ends").code(), Some(130));
    // The dead-letter queue is empty so far, and says what is to come.
    for command in ["dlq", "redrive"] {
        let output = lab.run(&[command]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("but 3 orders may still come: 3 in flight."),
            "{text}"
        );
        assert!(
            text.contains("`orders-lab local fast-forward 90s` skips the wait"),
            "{text}"
        );
    }
}

#[test]
fn a_wait_explains_itself() {
    let lab = lab();
    for how in ["bar", "plain"] {
        assert_eq!(said(&lab, RUN, how), expected(), "simulate, {how}");
        // The dead letters of earlier runs would be sent again too.
        assert_eq!(said(&lab, &["redrive"], how), expected(), "redrive, {how}");
        lab.good(&["down"]);
        lab.good(&["up", "--speed", "20"]);
    }
}
