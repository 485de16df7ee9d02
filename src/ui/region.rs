//! The lines at the bottom of the terminal that show what is followed.

use std::time::Duration;

use indicatif::HumanCount;
use unicode_width::UnicodeWidthStr as _;

use super::cell::printable;
use super::wrap::wrap;
use super::{CountKind, Live};

/// The columns of the spinner before the first line, by which the others are indented.
const INDENT: usize = 2;
/// A longer bar says no more.
const WIDEST_BAR: usize = 60;

/// A sentence that stands after a spinner, broken between words for a terminal of this width.
pub(super) fn beside_spinner(text: &str, width: u16) -> String {
    wrap(text, INDENT, Some(width))
}

/// The text for a terminal of this width: counts and the time since the beginning, a bar, and what is
/// waited for. The first line stands after a spinner.
pub(super) fn region(live: &Live, elapsed: Duration, width: u16, color: bool) -> String {
    let room = usize::from(width).saturating_sub(INDENT).max(1);
    let indent = " ".repeat(INDENT);
    let mut lines = head(live, elapsed, room, color);
    lines.push(format!(
        "{indent}{}",
        bar(live, room.min(WIDEST_BAR), color)
    ));
    for wait in &live.waits {
        let text = printable(&wait.sentence());
        lines.extend(
            wrap(&format!("{indent}{text}"), 0, Some(width))
                .lines()
                .map(str::to_owned),
        );
    }
    lines.join("\n")
}

/// The counts and the time, on one line if they fit.
fn head(live: &Live, elapsed: Duration, room: usize, color: bool) -> Vec<String> {
    let time = format!("{} s", elapsed.as_secs());
    let plain = live.counts();
    if plain.width() + 2 + time.width() > room {
        let width = u16::try_from(room + INDENT).unwrap_or(u16::MAX);
        let wrapped = beside_spinner(&format!("{plain}, {time}"), width);
        return wrapped.lines().map(str::to_owned).collect();
    }
    let gap = " ".repeat(
        (room.min(WIDEST_BAR))
            .saturating_sub(plain.width() + time.width())
            .max(2),
    );
    if !color {
        return vec![format!("{plain}{gap}{time}")];
    }
    let counts: Vec<String> = live
        .counts
        .iter()
        .map(|one| match one.kind {
            CountKind::Progress => plain.clone(),
            kind if one.count > 0 => {
                paint(&format!("{} {}", HumanCount(one.count), one.label), kind)
            }
            _ => format!("\x1b[2m{} {}\x1b[0m", one.count, one.label),
        })
        .collect();
    vec![format!("{}{gap}\x1b[2m{time}\x1b[0m", counts.join(", "))]
}

fn bar(live: &Live, width: usize, color: bool) -> String {
    let marks = live.bar(width);
    let parts = marks.chunk_by(|one, next| one == next).map(|part| {
        let mark = match part.first() {
            Some(CountKind::Good | CountKind::Progress) => "━",
            Some(CountKind::Bad) => "┅",
            Some(CountKind::Warning) => "╍",
            _ => "─",
        };
        let text = mark.repeat(part.len());
        match part.first() {
            Some(kind) if color => paint(&text, *kind),
            _ => text,
        }
    });
    parts.collect()
}

fn paint(text: &str, kind: CountKind) -> String {
    let code = match kind {
        CountKind::Plain => return text.to_owned(),
        CountKind::Progress => 36,
        CountKind::Good => 32,
        CountKind::Bad => 31,
        CountKind::Warning => 33,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Count, Wait};

    fn live() -> Live {
        let count = |label, count, kind| Count { label, count, kind };
        Live {
            of: 20,
            counts: vec![
                count("sent", 20, CountKind::Plain),
                count("stored", 17, CountKind::Good),
                count("being retried", 3, CountKind::Warning),
                count("dead-lettered", 0, CountKind::Bad),
            ],
            waits: vec![Wait {
                text: "3 bad orders: attempt 2 of 3, hidden for 30 s after each failure (3 s here, 10x)".to_owned(),
                next: vec![("dead-lettered", Duration::from_secs(4))],
            }],
        }
    }

    #[test]
    fn a_region_fits_its_terminal() {
        let text = region(&live(), Duration::from_secs(5), 80, false);
        insta::assert_snapshot!(text, @"
        20 sent, 17 stored, 3 being retried, 0 dead-lettered     5 s
          ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╍╍╍╍╍╍╍╍╍
          3 bad orders: attempt 2 of 3, hidden for 30 s after each failure (3 s here,
          10x), dead-lettered in about 4 s
        ");
        for width in 10..100 {
            let text = region(&live(), Duration::from_secs(5), width, false);
            let widest = text.lines().map(|line| line.width()).max();
            assert!(
                widest <= Some(usize::from(width).max(18)),
                "{width}: {text}"
            );
        }
    }

    #[test]
    fn a_long_wait_breaks_between_words() {
        let text = "function lab-order-processor: AWS still shows it as it was before the change, 12 s of at most 600 s";
        insta::assert_snapshot!(beside_spinner(text, 80), @"
        function lab-order-processor: AWS still shows it as it was before the change,
          12 s of at most 600 s
        ");
    }

    #[test]
    fn colours_change_no_words() {
        let colored = region(&live(), Duration::from_secs(5), 80, true);
        let plain: String = colored
            .split("\x1b[")
            .enumerate()
            .map(|(number, part)| match number {
                0 => part,
                _ => part.split_once('m').map_or("", |(_, text)| text),
            })
            .collect();
        assert_eq!(plain, region(&live(), Duration::from_secs(5), 80, false));
    }
}
