//! Phrases that several messages need.

use std::fmt::Display;

/// A count with what is counted, whose plural ends in `s`: `1 dead letter`, `2 dead letters`.
pub(crate) fn counted(count: impl Display, one: &str) -> String {
    let count = count.to_string();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(0_u64, "order"), "0 orders");
        assert_eq!(counted(1_usize, "dead letter"), "1 dead letter");
        assert_eq!(counted(12, "dead letter"), "12 dead letters");
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
