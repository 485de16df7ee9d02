//! Whatever text comes from outside, what is shown has no control characters but ours.

use std::time::Duration;

use proptest::char::range;
use proptest::prelude::*;

use super::super::calls::Calls;
use super::super::human::{blocks, error};
use super::super::lines::{describe, heading, target, warning};
use super::super::region::region;
use super::super::stdout::data;
use super::super::{Style, Table, Tone};
use super::*;
use crate::error::{CommandError, ErrorKind};
use crate::globals::Progress;

const STYLE: Style = Style {
    stdout_color: true,
    stderr_color: true,
    json: false,
    quiet: false,
    verbose: true,
    progress: Progress::Plain,
    stdout_is_terminal: true,
    width: Some(40),
    stdout_wrap: Some(40),
    stderr_wrap: Some(40),
};

/// Text that a hostile function may print: any characters, and many of those that terminals obey.
fn hostile() -> impl Strategy<Value = String> {
    let obeyed = prop_oneof![
        Just('\u{1b}'),
        Just('\r'),
        Just('\u{8}'),
        Just('\u{7f}'),
        range('\u{0}', '\u{1f}'),
        range('\u{80}', '\u{9f}'),
        range('\u{202a}', '\u{202e}'),
        range('\u{2066}', '\u{2069}'),
    ];
    let letters = prop_oneof![3 => obeyed, 2 => any::<char>(), 3 => range(' ', '~')];
    proptest::collection::vec(letters, 0..60).prop_map(String::from_iter)
}

/// The text without the codes for colours that this program adds.
fn without_colors(text: &str) -> String {
    let code = |color: &str| format!("\u{1b}[{color}m");
    let ours = [
        "0", "1", "2", "31", "32", "33", "36", "31;1", "33;1", "39", "38;5;1", "38;5;2", "38;5;3",
    ];
    let remove = |text: String, color: &&str| text.replace(&code(color), "");
    ours.iter().fold(text.to_owned(), remove)
}

/// What a person sees of each sort of event and of a report with this text.
fn shown(text: &str) -> Vec<String> {
    let cell = Cell::new(text, Tone::Bad);
    let mut table = Table::new(["A", "B"]);
    table.row([cell.clone(), cell.clone()]);
    let picture = Table::new(["A"]).or_picture(Picture(vec![vec![cell.clone()]]));
    let report = vec![
        Block::Text(text.to_owned()),
        Block::Table(table),
        Block::Table(picture),
        Block::Raw(text.to_owned()),
    ];
    let wait = Wait {
        text: text.to_owned(),
        next: Vec::new(),
    };
    let live = Live {
        of: 1,
        counts: Vec::new(),
        waits: vec![wait],
    };
    let task = |state| Event::Task {
        name: text.to_owned(),
        state,
    };
    let text = || text.to_owned();
    let attempt = Attempt {
        call: text(),
        status: text(),
        took: Duration::ZERO,
        number: 1,
        request_id: Some(text()),
    };
    let waiting = TaskState::Waiting {
        reason: text(),
        at_most: Duration::from_secs(1),
    };
    let events = [
        Event::Target(text()),
        Event::Account(text()),
        Event::Heading(text()),
        Event::Result(report.clone()),
        Event::Note(text()),
        Event::Detail(text()),
        Event::Line(vec![cell]),
        Event::Raw(text()),
        Event::Call(attempt),
        Event::Warning(text()),
        Event::Retry(text()),
        Event::Live(live),
        task(TaskState::Working(text())),
        task(waiting),
        task(TaskState::Done(text())),
        task(TaskState::Failed(text())),
        task(TaskState::Skipped(text())),
    ];
    let failed = CommandError::new(ErrorKind::Refused, text())
        .because(text())
        .hint(text());
    let mut all: Vec<String> = events.into_iter().map(rendered).collect();
    all.push(blocks(report.printable(), STYLE));
    all.push(error(&failed, STYLE));
    all
}

/// An event as a view shows it.
fn rendered(event: Event) -> String {
    match event.printable() {
        Event::Target(text) => target(&text, STYLE),
        Event::Heading(text) => heading(&text, STYLE),
        Event::Warning(text) => warning(&text, STYLE),
        Event::Result(result) => blocks(result, STYLE),
        Event::Line(line) => Table::list([line]).render(Some(40), true),
        Event::Raw(text) => data(text, STYLE),
        Event::Call(attempt) => Calls::default().add(attempt).join("\n"),
        Event::Live(live) => region(&live, Duration::ZERO, 40, true),
        Event::Task { name, state } => name + &describe(&state),
        Event::Account(text) | Event::Note(text) | Event::Detail(text) | Event::Retry(text) => text,
        Event::LiveEnded => String::new(),
    }
}

proptest! {
    #[test]
    fn nothing_shown_is_obeyed_by_a_terminal(text in hostile()) {
        for shown in shown(&text) {
            let rest = without_colors(&shown).replace(['\n', '\t'], "");
            prop_assert!(!rest.contains(is_obeyed), "{:?}", shown);
        }
    }

    #[test]
    fn harmless_text_is_shown_as_it_is(text in "[ -~äß文字👍🏽\u{301}\u{200b}\u{200d}\n\t]{0,40}") {
        prop_assert_eq!(printable(&text), text.as_str());
    }

    #[test]
    fn json_means_the_same_and_is_harmless(text in hostile()) {
        let json = printable_json(serde_json::to_string(&text).expect("a string"));
        prop_assert!(!json.contains(is_obeyed), "{:?}", json);
        let read: String = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(read, text);
    }
}

#[test]
fn data_in_a_pipe_is_not_changed() {
    let text = "\u{1b}[2J\r\u{9b}m";
    let pipe = Style {
        stdout_is_terminal: false,
        ..STYLE
    };
    assert_eq!(data(text.to_owned(), pipe), text);
    assert_eq!(blocks(vec![Block::Raw(text.to_owned())], pipe), text);
    assert_eq!(data(text.to_owned(), STYLE), "\u{fffd}[2J\u{fffd}\u{fffd}m");
}

#[test]
fn line_ends_of_other_systems_are_line_breaks() {
    assert_eq!(printable("one\r\ntwo\rthree"), "one\ntwo\u{fffd}three");
}
