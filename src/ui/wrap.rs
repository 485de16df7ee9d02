//! Sentences that fit a terminal. In a pipe they stay on one line each, for whoever reads them
//! there.

use unicode_width::UnicodeWidthStr as _;

/// Breaks lines of text to fit `width` columns, where there is a width; `used` columns of the
/// first one are taken already, and as many are left free in those that follow. A command in
/// backticks is broken only where it does not fit a line of its own.
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

/// The parts of a line that belong together: words, and commands in backticks that are no wider
/// than `widest`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_between_words() {
        assert_eq!(wrap("one two three", 0, Some(8)), "one two\nthree");
        assert_eq!(wrap("one two three", 0, None), "one two three");
    }

    #[test]
    fn what_follows_a_label_stands_under_its_beginning() {
        assert_eq!(wrap("one two three", 3, Some(10)), "one two\n   three");
        assert_eq!(wrap("  one two", 0, Some(6)), "  one\n  two");
    }

    #[test]
    fn a_command_stays_whole_where_it_can() {
        let text = "say `a b c`, then go";
        assert_eq!(wrap(text, 0, Some(10)), "say\n`a b c`,\nthen go");
        assert_eq!(wrap("`aaa bbb ccc`", 0, Some(7)), "`aaa\nbbb\nccc`");
        assert_eq!(wrap("one ` two", 0, Some(5)), "one `\ntwo");
    }

    #[test]
    fn no_width_is_too_small() {
        for width in 0..4 {
            assert_eq!(
                wrap("ab cd", 3, Some(width)).replace(['\n', ' '], ""),
                "abcd"
            );
        }
        assert_eq!(wrap("", 0, Some(10)), "");
        assert_eq!(wrap("\n\n", 0, Some(10)), "\n\n");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_all_fits(text in "[a-z` ]{0,80}", width in 20u16..60) {
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
