//! What is shown while orders are followed: where they are, which attempt they are at, and what happens
//! next.

use std::process::Stdio;

use crate::support::lab::Lab;
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
