//! Phrases that several messages need.

use std::fmt::Display;

/// A whole number for people, in groups of three digits: `1,234,567`.
pub(crate) fn number(count: impl Display) -> String {
    let digits = count.to_string();
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let mut text = sign.to_owned();
    for (place, digit) in (1..=digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if place > 1 && place % 3 == 1 {
            text.push(',');
        }
    }
    text
}

/// A count with what is counted, whose plural ends in `s`: `1 dead letter`, `2,000 dead letters`.
pub(crate) fn counted(count: impl Display, one: &str) -> String {
    let count = number(count);
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {one}{ending}")
}

/// A list in words: `one, two and three`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The words with a capital letter and a full stop.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
            (-1000, "-1,000"),
        ] {
            assert_eq!(number(count), text);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(0_u64, "order"), "0 orders");
        assert_eq!(counted(1_usize, "dead letter"), "1 dead letter");
        assert_eq!(counted(12, "dead letter"), "12 dead letters");
        assert_eq!(counted(20_000, "order"), "20,000 orders");
    }

    #[test]
    fn a_list_ends_with_and() {
        let items = ["one", "two", "three"].map(str::to_owned);
        assert_eq!(listed(&items), "one, two and three");
        assert_eq!(listed(&items[..2]), "one and two");
        assert_eq!(listed(&items[..1]), "one");
        assert_eq!(listed(&[]), "");
    }
}
