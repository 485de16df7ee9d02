//! The whole numbers of requests. Dynoxide takes larger ones, and some with a fraction.

use dynoxide::DynoxideError;
use serde::Deserialize;
use serde_json::Value;

/// The members that AWS reads as numbers of 32 bits.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Integers {
    limit: Option<Value>,
    segment: Option<Value>,
    total_segments: Option<Value>,
    top_k: Option<Value>,
}

/// Refuses numbers that AWS does not read.
///
/// # Errors
/// `SerializationException`.
pub(super) fn check_integers(body: &str) -> Result<(), DynoxideError> {
    // Most requests have none, and need not be read twice.
    let names = ["\"Limit\"", "Segment", "\"TopK\""];
    if !names.iter().any(|name| body.contains(name)) {
        return Ok(());
    }
    // What cannot be read is refused by dynoxide.
    let Ok(found) = serde_json::from_str::<Integers>(body) else {
        return Ok(());
    };
    let Integers {
        limit,
        segment,
        total_segments,
        top_k,
    } = found;
    for value in [limit, segment, total_segments, top_k]
        .into_iter()
        .flatten()
    {
        let fits = value
            .as_i64()
            .is_some_and(|value| i32::try_from(value).is_ok());
        if value.is_number() && !fits {
            let message = "NUMBER_VALUE cannot be converted to Integer".to_owned();
            return Err(DynoxideError::SerializationException(message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_32_bits() {
        let check = |value: &str| check_integers(&format!("{{\"Limit\":{value}}}"));
        for taken in ["1", "-1", "0", "2147483647", "\"1\"", "null", "[]"] {
            assert!(check(taken).is_ok(), "{taken}");
        }
        for refused in [
            "1.5",
            "1.0",
            "2147483648",
            "-2147483649",
            "9223372036854775808",
        ] {
            assert!(check(refused).is_err(), "{refused}");
        }
        assert!(check_integers("{\"TotalSegments\":1.5}").is_err());
        assert!(check_integers("{\"Item\":{\"Limit\":{\"N\":\"1.5\"}}}").is_ok());
    }
}
