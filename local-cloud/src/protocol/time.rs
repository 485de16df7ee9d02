//! Timestamps of the XML protocols.

use crate::clock::WallMs;

/// ISO 8601 in UTC with whole seconds, for example `2026-01-31T12:00:00Z`.
pub fn iso(time: WallMs) -> String {
    let seconds = i64::try_from(time.seconds()).unwrap_or(i64::MAX);
    // A time beyond the year 9999 is written as the epoch; the clock never reads one.
    jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_in_utc() {
        assert_eq!(iso(WallMs(1_700_000_000_999)), "2023-11-14T22:13:20Z");
    }
}
