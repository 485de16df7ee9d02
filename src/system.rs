//! The only place in the tool that reads the clock or draws random numbers; everything else
//! gets them as parameters.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Milliseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time.
pub(crate) fn now() -> Timestamp {
    at(now_ms())
}

/// The time this many milliseconds after the Unix epoch. Times after the year 9999, which come only
/// from a wrong clock or a damaged reply, become [`Timestamp::MAX`].
pub(crate) fn at(ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).ok();
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::MAX)
}

/// A time in milliseconds since the Unix epoch; 0 for times before it.
pub(crate) fn ms(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or_default()
}

/// Random bytes from the operating system, fit for secrets.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that draws randomness"
)]
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

/// A random number.
pub(crate) fn random_u64() -> u64 {
    u64::from_le_bytes(random_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_milliseconds_is_a_time() {
        assert_eq!(
            at(1_700_000_000_123).to_string(),
            "2023-11-14T22:13:20.123Z"
        );
        assert_eq!(at(u64::MAX), Timestamp::MAX);
        assert_eq!(ms(at(1_700_000_000_123)), 1_700_000_000_123);
    }
}
