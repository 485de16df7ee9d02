//! What the lines of the functions' logs say. Pure.

use order::wire::{FailureEvent, OrderFailure};
use serde::Deserialize;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The processor did not store an order.
    Failure(OrderFailure),
    /// A function failed, in these words.
    Problem(String),
    /// An invocation ended, and how long it took.
    Ended(String),
    /// Lambda begins or ends something, which says nothing about orders.
    Platform,
    /// Something else that a function printed.
    Text,
}

/// The simulator's line for a request that it could not fulfil.
#[derive(Deserialize)]
struct SimulationFailed {
    error: String,
}

impl Meaning {
    /// The meaning of a line.
    pub(super) fn of(message: &str) -> Self {
        let message = message.trim();
        if let Ok(failure) = serde_json::from_str(message) {
            return Self::Failure(failure);
        }
        if let Ok(failed) = serde_json::from_str::<SimulationFailed>(message) {
            return Self::Problem(failed.error);
        }
        let begins = |words: &[&str]| words.iter().any(|word| message.starts_with(word));
        if begins(&["START RequestId: ", "END RequestId: ", "INIT_START "]) {
            return Self::Platform;
        }
        if begins(&["REPORT RequestId: ", "INIT_REPORT "]) {
            return Self::of_report(message);
        }
        if let Some((_, problem)) = message.split_once("Task timed out ") {
            return Self::Problem(format!("timed out {problem}"));
        }
        match message.split_once(" Error: ") {
            Some((request, problem)) if request.starts_with("RequestId: ") => {
                Self::Problem(problem.replace('\n', ", "))
            }
            _ => Self::Text,
        }
    }

    /// The meaning of Lambda's line at the end of an invocation or init, whose parts are separated by
    /// tabs.
    fn of_report(message: &str) -> Self {
        let part = |name: &str| {
            let mut parts = message.split('\t');
            parts.find_map(|part| part.trim().split_once(": ").filter(|(key, _)| *key == name))
        };
        let value = |name: &str| part(name).map(|(_, value)| value);
        if let Some(status) = value("Status") {
            let kind = value("Error Type").map_or_else(String::new, |kind| format!(": {kind}"));
            return Self::Problem(format!("the invocation ended with status {status}{kind}"));
        }
        let took = value("Duration").unwrap_or("an unknown time");
        let start = value("Init Duration").map_or_else(String::new, |init| {
            format!(", after a cold start of {init}")
        });
        Self::Ended(format!("invocation took {took}{start}"))
    }

    /// Whether something went wrong.
    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Failure(_) | Self::Problem(_))
    }

    /// The failure to store an order.
    pub(super) fn failure(&self) -> Option<&OrderFailure> {
        match self {
            Self::Failure(failure) => Some(failure),
            _ => None,
        }
    }
}

/// A failure in words: `order 100000000007, attempt 2: price_err, price_per_item is "err"`.
pub(super) fn words(failure: &OrderFailure) -> String {
    let order = failure
        .order_number
        .map_or_else(|| "an order".to_owned(), |number| format!("order {number}"));
    let attempt = failure
        .attempt
        .map_or_else(String::new, |attempt| format!(", attempt {attempt}"));
    let OrderFailure { reason, detail, .. } = failure;
    let what = match failure.event {
        FailureEvent::OrderRefused => "",
        FailureEvent::OrderNotStored => "not stored, ",
    };
    format!("{order}{attempt}: {what}{reason}, {detail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = r#"{"event":"order_refused","message_id":"m","attempt":2,"order_number":100000000007,"reason":"price_err","detail":"price_per_item is \"err\", not a number","run":"r","index":0}"#;

    #[test]
    fn a_failure_is_told_in_words() {
        let meaning = Meaning::of(&format!("{REFUSED}\n"));
        assert!(meaning.is_error());
        let failure = meaning.failure().expect("a failure");
        assert_eq!(
            words(failure),
            r#"order 100000000007, attempt 2: price_err, price_per_item is "err", not a number"#
        );
        let without = REFUSED.replace(r#""attempt":2,"#, "");
        let older = Meaning::of(&without.replace("order_refused", "order_not_stored"));
        let failure = older.failure().expect("a failure of an older build");
        assert!(words(failure).starts_with("order 100000000007: not stored, price_err"));
    }

    #[test]
    fn lines_of_lambda_are_understood() {
        let problem = |text: &str| Meaning::Problem(text.to_owned());
        for (line, meaning) in [
            ("START RequestId: a Version: $LATEST", Meaning::Platform),
            ("END RequestId: a", Meaning::Platform),
            (
                "REPORT RequestId: a\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tInit Duration: 110.10 ms\t",
                Meaning::Ended(
                    "invocation took 3.01 ms, after a cold start of 110.10 ms".to_owned(),
                ),
            ),
            (
                "REPORT RequestId: a\tDuration: 3.01 ms\tStatus: timeout",
                problem("the invocation ended with status timeout"),
            ),
            (
                "2026-01-31T12:00:00.123Z i Task timed out after 3.00 seconds",
                problem("timed out after 3.00 seconds"),
            ),
            (
                "RequestId: a Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
                problem("Runtime exited with error: exit status 1, Runtime.ExitError"),
            ),
            (
                r#"{"event":"simulation_failed","error":"the queue is gone"}"#,
                problem("the queue is gone"),
            ),
            ("hello", Meaning::Text),
        ] {
            assert_eq!(Meaning::of(line), meaning, "{line}");
        }
    }
}
