//! A time that the user gives: so long ago, or a date.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use crate::globals::parse_duration;
use crate::system;

/// A time, in relation to now or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So long ago.
    Ago(Duration),
    /// At this time.
    At(Timestamp),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        let ago = parse_duration(text).map(Self::Ago);
        ago.map_err(|_| {
            "give a time such as 2026-11-24T18:26:42Z, or how long ago, such as 10m or 2d"
                .to_owned()
        })
    }
}

impl Moment {
    /// The time in milliseconds since the Unix epoch; `now` is such a time too.
    pub(crate) fn ms(self, now: u64) -> u64 {
        match self {
            Self::Ago(ago) => {
                now.saturating_sub(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX))
            }
            Self::At(time) => system::ms(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_an_age() {
        let ms = |text: &str| text.parse::<Moment>().map(|moment| moment.ms(100_000));
        assert_eq!(ms("10s"), Ok(90_000));
        assert_eq!(ms("1970-01-01T00:00:01Z"), Ok(1000));
        assert_eq!(ms("2d"), Ok(0));
        assert!(ms("yesterday").is_err());
    }
}
