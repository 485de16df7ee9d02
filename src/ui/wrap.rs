//! Wraps text: sentences in a terminal, and the cells of tables. In a pipe each sentence stays on one
//! line.

use unicode_width::UnicodeWidthStr as _;

/// Breaks lines of text to fit `width` columns, where there is a width. `used` columns of the first
/// line are taken already, and the lines that follow are indented by as many. A command in backticks
/// is broken only if it does not fit on one line.
pub(super) fn wrap(text: &str, used: usize, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else {
        return text.to_owned();
    };
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| wrap_line(line, used, width))
        .collect();
    lines.join("\n")
}

fn wrap_line(line: &str, used: usize, width: usize) -> String {
    let own = line.len() - line.trim_start_matches(' ').len();
    let indent = used + own;
    let mut wrapped = String::new();
    let mut column = used;
    for word in words(line, width.saturating_sub(indent)) {
        let wide = word.width();
        if !wrapped.is_empty() {
            if column + 1 + wide > width && column > indent {
                wrapped.push('\n');
                wrapped.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                wrapped.push(' ');
                column += 1;
            }
        } else if own > 0 {
            wrapped.push_str(&" ".repeat(own));
            column = indent;
        }
        wrapped.push_str(word);
        column += wide;
    }
    wrapped
}

/// The parts of a line that are not broken: words, and commands in backticks that are no wider than
/// `widest`.
fn words(line: &str, widest: usize) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(' ');
    while !rest.is_empty() {
        let space = rest.find(' ').unwrap_or(rest.len());
        let quoted = rest.find('`').filter(|tick| *tick < space);
        let whole = quoted.and_then(|open| {
            let close = open + 1 + rest.get(open + 1..)?.find('`')? + 1;
            Some(close + rest.get(close..)?.find(' ').unwrap_or(rest.len() - close))
        });
        let end = whole
            .filter(|end| rest[..*end].width() <= widest)
            .unwrap_or(space);
        words.push(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    words
}

/// The text of a cell, broken so that no line is wider than `width`: between words, or after the
/// hyphens and slashes within names, or else anywhere.
pub(super) fn cell(text: &str, width: usize) -> String {
    let lines = text.split('\n').flat_map(|line| {
        let pieces = pieces(line).into_iter();
        let pieces: Vec<&str> = pieces.flat_map(|piece| chopped(piece, width)).collect();
        fill(&pieces, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Puts as many pieces on each line as fit. Spaces at the end of a line are left out.
fn fill(pieces: &[&str], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces {
        if !line.is_empty() && line.width() + piece.trim_end().width() > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
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
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 0, Some(8)), "one two\nthree");
        assert_eq!(wrap("one two three", 0, None), "one two three");
    }

    #[test]
    fn later_lines_are_indented() {
        assert_eq!(wrap("one two three", 3, Some(10)), "one two\n   three");
        assert_eq!(wrap("  one two", 0, Some(6)), "  one\n  two");
    }

    #[test]
    fn commands_that_fit_stay_whole() {
        let text = "run `a b c`, then go";
        assert_eq!(wrap(text, 0, Some(10)), "run\n`a b c`,\nthen go");
        assert_eq!(wrap("`aaa bbb ccc`", 0, Some(7)), "`aaa\nbbb\nccc`");
        assert_eq!(wrap("one ` two", 0, Some(5)), "one `\ntwo");
    }

    #[test]
    fn every_width_works() {
        for width in 0..4 {
            assert_eq!(
                wrap("ab cd", 3, Some(width)).replace(['\n', ' '], ""),
                "abcd"
            );
        }
        assert_eq!(wrap("", 0, Some(10)), "");
        assert_eq!(wrap("\n\n", 0, Some(10)), "\n\n");
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

    proptest::proptest! {
        #[test]
        fn cells_keep_text_and_width(text in "[a-z文 /:-]{0,80}", width in 2_usize..40) {
            let broken = cell(&text, width);
            proptest::prop_assert!(broken.lines().all(|line| line.width() <= width), "{}", broken);
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(solid(&broken), solid(&text));
        }

        #[test]
        fn wrapping_keeps_text_and_width(text in "[a-z` ]{0,80}", width in 20u16..60) {
            let wrapped = wrap(&text, 0, Some(width));
            let bare = |text: &str| text.replace([' ', '\n'], "");
            proptest::prop_assert_eq!(bare(&wrapped), bare(&text));
            let short = text.split(' ').all(|word| word.len() < 10) && !text.starts_with("  ");
            if short && !text.contains('`') {
                proptest::prop_assert!(wrapped.lines().all(|line| line.len() <= width.into()));
            }
        }
    }
}
