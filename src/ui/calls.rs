//! Calls to AWS, a line for each attempt. Calls that recur, such as those that look at a queue every moment,
//! have one line with their count.

use std::time::{Duration, Instant};

use super::number;

/// How many different calls may take turns and still count as recurring.
const IN_TURNS: usize = 4;
/// After how long counts are shown at the latest, with the next call.
const SHOWN_EVERY: Duration = Duration::from_secs(5);

/// An attempt of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Service, operation, and what it is about.
    pub call: String,
    /// The status of the response with the service's error code, or why there is none.
    pub status: String,
    /// How long it took.
    pub took: Duration,
    /// Its number, from 1.
    pub number: u32,
    /// The service's id of the request, where it answered.
    pub request_id: Option<String>,
}

/// The attempts that were shown lately, and how often they have recurred since.
#[derive(Debug, Default)]
pub(super) struct Calls {
    latest: Vec<Recurring>,
}

/// Attempts of the same call with the same status.
#[derive(Debug)]
struct Recurring {
    call: String,
    status: String,
    count: u32,
    took: Duration,
    since: Instant,
}

impl Calls {
    /// Adds an attempt. Returns the lines to show.
    pub(super) fn add(&mut self, attempt: Attempt) -> Vec<String> {
        let is_same =
            |one: &&mut Recurring| one.call == attempt.call && one.status == attempt.status;
        if let Some(same) = self.latest.iter_mut().find(is_same) {
            same.count += 1;
            same.took += attempt.took;
            let is_due = same.since.elapsed() >= SHOWN_EVERY;
            return if is_due { self.counts() } else { Vec::new() };
        }
        let mut lines = self.counts();
        lines.push(line(&attempt));
        if self.latest.len() == IN_TURNS {
            self.latest.remove(0);
        }
        self.latest.push(Recurring {
            call: attempt.call,
            status: attempt.status,
            count: 0,
            took: Duration::ZERO,
            since: Instant::now(),
        });
        lines
    }

    /// The lines of what has recurred and was not shown.
    pub(super) fn counts(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for one in &mut self.latest {
            let (count, took) = (
                std::mem::take(&mut one.count),
                std::mem::take(&mut one.took),
            );
            one.since = Instant::now();
            if count > 0 {
                let times = if count == 1 {
                    "once"
                } else {
                    &format!("{} times", number(count))
                };
                lines.push(format!(
                    "{}: {}, {times} more, {} ms in all",
                    one.call,
                    one.status,
                    number(took.as_millis())
                ));
            }
        }
        lines
    }
}

fn line(attempt: &Attempt) -> String {
    let id = attempt.request_id.as_ref();
    format!(
        "{}: {}, {} ms, attempt {}{}",
        attempt.call,
        attempt.status,
        number(attempt.took.as_millis()),
        attempt.number,
        id.map_or_else(String::new, |id| format!(", request {id}"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(call: &str) -> Attempt {
        Attempt {
            call: call.to_owned(),
            status: "200".to_owned(),
            took: Duration::from_millis(2),
            number: 1,
            request_id: Some("r".to_owned()),
        }
    }

    fn shown(calls: &[&str]) -> Vec<String> {
        let mut log = Calls::default();
        let mut lines: Vec<String> = calls
            .iter()
            .flat_map(|call| log.add(attempt(call)))
            .collect();
        lines.extend(log.counts());
        assert_eq!(log.counts(), Vec::<String>::new());
        lines
    }

    #[test]
    fn calls_in_a_row_have_one_line() {
        let mut calls = vec!["get"];
        calls.extend(["receive"; 1001]);
        calls.push("send");
        assert_eq!(
            shown(&calls),
            [
                "get: 200, 2 ms, attempt 1, request r",
                "receive: 200, 2 ms, attempt 1, request r",
                "receive: 200, 1,000 times more, 2,000 ms in all",
                "send: 200, 2 ms, attempt 1, request r",
            ]
        );
    }

    #[test]
    fn calls_in_turns_have_one_line_each() {
        assert_eq!(
            shown(&["one", "two", "one", "two", "one"]),
            [
                "one: 200, 2 ms, attempt 1, request r",
                "two: 200, 2 ms, attempt 1, request r",
                "one: 200, 2 times more, 4 ms in all",
                "two: 200, once more, 2 ms in all",
            ]
        );
    }

    #[test]
    fn another_status_has_a_line() {
        let mut log = Calls::default();
        let failed = Attempt {
            status: "400 Throttling".to_owned(),
            ..attempt("get")
        };
        for call in [attempt("get"), failed] {
            assert_eq!(log.add(call.clone()), [line(&call)]);
        }
    }
}
