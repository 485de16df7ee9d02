//! Long text on lines that fit: sentences in a terminal, and names in the cells of tables.

use std::os::fd::AsFd;

use unicode_width::UnicodeWidthStr as _;

/// In a terminal narrower than this nothing is wrapped: it would be torn to pieces.
const NARROWEST: usize = 20;

/// The columns of the terminal that this stream is; `None` where it is none, or does not say.
pub(super) fn columns(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns >= NARROWEST)
}

/// Sentences, broken between words so that no line is wider than `width`; left as they are where
/// there is no width. What is quoted with backticks, such as a command to copy, stays on one line
/// if it fits on one, and so does any word. The first line begins at column `first`; each
/// continued line begins `hang` columns further right than the line that it continues.
pub(super) fn sentences(text: &str, width: Option<usize>, first: usize, hang: usize) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let mut folded = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let words = line.trim_start_matches(' ');
        let indent = line.len() - words.len();
        let begin = indent + if number == 0 { first } else { 0 };
        let hang = indent + hang;
        let room = |used: usize| width.saturating_sub(used).max(1);
        let lines = fill(&phrases(words), room(begin), room(hang));
        let lines = lines.join(&format!("\n{}", " ".repeat(hang)));
        folded.push(format!("{}{lines}", " ".repeat(indent)));
    }
    folded.join("\n")
}

/// The text of a cell, broken so that no line is wider than `width`: between words, after the
/// hyphens and slashes within names, else anywhere.
pub(super) fn cell(text: &str, width: usize) -> String {
    let lines = text.split('\n').flat_map(|line| {
        let pieces = pieces(line).into_iter();
        let pieces: Vec<&str> = pieces.flat_map(|piece| chopped(piece, width)).collect();
        fill(&pieces, width, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Puts as many pieces on each line as fit. A piece's blanks at the end of a line are left out.
fn fill(pieces: &[&str], first: usize, others: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces {
        let room = if lines.is_empty() { first } else { others };
        if !line.is_empty() && line.width() + piece.trim_end().width() > room {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Words with the blanks after them; what stands between two backticks counts as one word.
fn phrases(text: &str) -> Vec<&str> {
    let mut phrases = Vec::new();
    let (mut begin, mut quoted) = (0, false);
    for (at, character) in text.char_indices() {
        if character == '`' {
            // A backtick without its partner quotes nothing.
            quoted = !quoted && text[at + 1..].contains('`');
        }
        if character == ' ' && !quoted {
            phrases.push(&text[begin..=at]);
            begin = at + 1;
        }
    }
    phrases.push(&text[begin..]);
    phrases
}

/// The parts of a line after each of which it may be broken.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let next = line.chars().skip(1);
    for ((at, character), next) in line.char_indices().zip(next) {
        let joint = matches!(character, '-' | '/' | ':') && next.is_alphanumeric();
        if joint || (character == ' ' && next != ' ') {
            let end = at + character.len_utf8();
            pieces.push(&line[begin..end]);
            begin = end;
        }
    }
    pieces.push(&line[begin..]);
    pieces
}

/// A word in parts of at most `width` columns.
fn chopped(word: &str, width: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = word;
    while rest.trim_end().width() > width {
        let mut cut = 0;
        for (at, character) in rest.char_indices() {
            let end = at + character.len_utf8();
            if cut > 0 && rest[..end].width() > width {
                break;
            }
            cut = end;
        }
        parts.push(&rest[..cut]);
        rest = &rest[cut..];
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_a_terminal_a_sentence_is_one_line() {
        let text = "a long sentence ".repeat(20);
        assert_eq!(sentences(&text, None, 0, 0), text);
    }

    #[test]
    fn sentences_break_between_words_and_hang() {
        let text = "The lab is ready. Next: `orders-lab simulate --count 20`.\n  - a list's item";
        assert_eq!(
            sentences(text, Some(32), 6, 2),
            "The lab is ready. Next:\n  `orders-lab simulate --count 20`.\n  - a list's item"
        );
        assert_eq!(
            sentences("one ` two three", Some(8), 0, 0),
            "one `\ntwo\nthree"
        );
    }

    #[test]
    fn names_break_after_hyphens() {
        assert_eq!(
            cell("a23456789-123456789-1234-order-processor", 26),
            "a23456789-123456789-1234-\norder-processor"
        );
        assert_eq!(cell("a-queue -> a-function", 10), "a-queue ->\na-function");
        assert_eq!(cell("wide 文字文字", 5), "wide\n文字\n文字");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[a-z`文 /:-]{0,80}", width in 2_usize..40) {
            let broken = cell(&text, width);
            prop_assert!(broken.lines().all(|line| line.width() <= width), "{broken:?}");
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&broken), solid(&text));
            let folded = sentences(&text, Some(width), 0, 1);
            prop_assert_eq!(solid(&folded), solid(&text));
        }
    }
}
