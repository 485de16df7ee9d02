//! Phrases that several messages need.

use std::fmt::Display;

/// A count with what is counted, whose plural ends in `s`: `1 dead letter`, `2 dead letters`.
pub(crate) fn counted(count: impl Display, one: &str) -> String {
    let count = count.to_string();
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {one}{ending}")
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
}
