//! Orders that fail each time they are processed: which attempt they are at, and when they will be
//! dead-lettered. Pure.
//!
//! SQS does not tell how often a message was received without receiving it. But the rules of the queue
//! are known, and when the orders were sent; so what is said here is computed, and called approximate. It is
//! computed in the queues' time, which the user of a local cloud may move ahead.

use std::time::Duration;

use crate::ui::{Wait, counted, number};

/// How a queue delivers a message again that was not processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Redelivery {
    /// For how many seconds of the queue's time a message is hidden after it was received.
    pub visibility_timeout: u32,
    /// After how many receives it is dead-lettered; `None` for never.
    pub max_receives: Option<u32>,
    /// How many times faster than on AWS the queue's time passes.
    pub speed: u32,
}

/// Orders that fail each time, by when they were sent in the queues' time.
#[derive(Debug)]
pub(crate) struct Retries {
    rules: Redelivery,
    sent: Vec<(Duration, u64)>,
}

/// Orders sent at the same time, some of which are not dead-lettered yet.
struct Group {
    sent: Duration,
    count: u64,
    attempt: u32,
}

impl Redelivery {
    /// For how long a message is hidden, in the queue's time.
    fn hidden(self) -> Duration {
        Duration::from_secs(self.visibility_timeout.into())
    }

    /// Time of the queue as real time.
    fn real(self, time: Duration) -> Duration {
        time / self.speed.max(1)
    }

    /// The attempt that an order of this age is at, which fails each time.
    fn attempt(self, age: Duration) -> u32 {
        let most = self.max_receives.unwrap_or(u32::MAX);
        let failed = age
            .as_millis()
            .checked_div(self.hidden().as_millis())
            .unwrap_or(u128::from(most));
        u32::try_from(failed)
            .unwrap_or(u32::MAX)
            .saturating_add(1)
            .min(most)
    }

    /// The rules in words: `hidden for 30 s after each failure (3 s here, 10x)`.
    fn words(self) -> String {
        format!(
            "hidden for {} s after each failure{}",
            number(self.visibility_timeout),
            self.here(self.hidden())
        )
    }

    /// Time of the queue as real time, in brackets; nothing where it is the same: ` (3 s here, 10x)`.
    pub(super) fn here(self, time: Duration) -> String {
        match self.speed {
            0 | 1 => String::new(),
            speed => format!(" ({} s here, {speed}x)", self.real(time).as_secs_f64()),
        }
    }
}

impl Retries {
    pub(crate) fn new(rules: Redelivery) -> Self {
        Self {
            rules,
            sent: Vec::new(),
        }
    }

    /// Adds orders that were sent at this time and will fail.
    pub(crate) fn add(&mut self, sent: Duration, count: u64) {
        if count > 0 {
            self.sent.push((sent, count));
        }
    }

    /// How many such orders there are.
    pub(crate) fn count(&self) -> u64 {
        self.sent.iter().map(|(_, count)| count).sum()
    }

    /// What those wait for at this time that are not dead-lettered, as `dead` are; `None` where none
    /// is left. Orders that were sent first are dead-lettered first.
    pub(crate) fn wait(&self, now: Duration, dead: u64) -> Option<Wait> {
        let groups = self.groups(now, dead);
        let (first, last) = (groups.first()?, groups.last()?);
        let count = groups.iter().map(|group| group.count).sum::<u64>();
        let of = self
            .rules
            .max_receives
            .map_or_else(String::new, |most| format!(" of {most}"));
        let attempts = match (last.attempt, first.attempt) {
            (from, to) if from == to => format!("attempt {to}{of}"),
            (from, to) => format!("attempts {from} to {to}{of}"),
        };
        Some(Wait {
            text: format!(
                "{}: {attempts}, {}",
                counted(count, "bad order"),
                self.rules.words()
            ),
            next: self.next(now, first, last),
        })
    }

    /// What is left at this time when the oldest `dead` orders are gone, oldest first.
    fn groups(&self, now: Duration, mut dead: u64) -> Vec<Group> {
        let mut groups = Vec::new();
        for &(sent, count) in &self.sent {
            let gone = dead.min(count);
            dead -= gone;
            if count > gone {
                groups.push(Group {
                    sent,
                    count: count - gone,
                    attempt: self.rules.attempt(now.saturating_sub(sent)),
                });
            }
        }
        groups
    }

    /// What happens next, and in how much real time: the next attempt, where all are at the same, and
    /// the end of the last.
    fn next(&self, now: Duration, first: &Group, last: &Group) -> Vec<(&'static str, Duration)> {
        let hidden = self.rules.hidden();
        let until = |sent: Duration, attempts: u32| {
            let then = sent.saturating_add(hidden.saturating_mul(attempts));
            self.rules.real(then.saturating_sub(now))
        };
        let mut next = Vec::new();
        let is_last_attempt = self.rules.max_receives == Some(last.attempt);
        if first.attempt == last.attempt && !is_last_attempt {
            next.push(("next attempt", until(last.sent, last.attempt)));
        }
        if let Some(most) = self.rules.max_receives {
            let what = match first.attempt == last.attempt {
                true => "dead-lettered",
                false => "the last dead-lettered",
            };
            next.push((what, until(last.sent, most)));
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: Redelivery = Redelivery {
        visibility_timeout: 30,
        max_receives: Some(3),
        speed: 10,
    };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// This many real seconds of the lab.
    fn lab_seconds(count: u64) -> Duration {
        seconds(count * u64::from(LAB.speed))
    }

    #[test]
    fn attempts_follow_the_visibility_timeout() {
        let began = seconds(1000);
        let mut retries = Retries::new(LAB);
        retries.add(began, 3);
        let at = |after| {
            retries
                .wait(began + lab_seconds(after), 0)
                .expect("some are left")
        };
        let first = at(1);
        assert_eq!(
            first.text,
            "3 bad orders: attempt 1 of 3, hidden for 30 s after each failure (3 s here, 10x)"
        );
        let next = vec![("next attempt", seconds(2)), ("dead-lettered", seconds(8))];
        assert_eq!(first.next, next);
        let last = at(7);
        assert!(last.text.contains("attempt 3 of 3"), "{}", last.text);
        assert_eq!(last.next, [("dead-lettered", seconds(2))]);
        // Everything may take longer than it should.
        assert_eq!(at(20).next, [("dead-lettered", seconds(0))]);
        assert_eq!(retries.wait(began, 3), None);
    }

    #[test]
    fn orders_sent_later_are_dead_lettered_later() {
        let began = seconds(1000);
        let mut retries = Retries::new(LAB);
        retries.add(began, 2);
        retries.add(began + lab_seconds(3), 0);
        retries.add(began + lab_seconds(4), 5);
        assert_eq!(retries.count(), 7);
        let now = began + lab_seconds(5);
        let both = retries.wait(now, 1).expect("some are left");
        assert!(
            both.text.starts_with("6 bad orders: attempts 1 to 2 of 3"),
            "{}",
            both.text
        );
        assert_eq!(both.next, [("the last dead-lettered", seconds(8))]);
        let last = retries.wait(now, 6).expect("one is left");
        assert!(
            last.text.starts_with("1 bad order: attempt 1 of 3"),
            "{}",
            last.text
        );
    }

    #[test]
    fn other_rules_have_words() {
        let text = |rules| {
            let mut retries = Retries::new(rules);
            retries.add(seconds(1), 1);
            retries.wait(seconds(1001), 0).expect("one is left")
        };
        let on_aws = text(Redelivery { speed: 1, ..LAB });
        let end = "attempt 3 of 3, hidden for 30 s after each failure";
        assert!(on_aws.text.ends_with(end), "{}", on_aws.text);
        let forever = text(Redelivery {
            max_receives: None,
            ..LAB
        });
        assert!(
            forever.text.contains(": attempt 34, hidden"),
            "{}",
            forever.text
        );
        let at_once = text(Redelivery {
            visibility_timeout: 0,
            ..LAB
        });
        assert!(
            at_once.text.contains(": attempt 3 of 3"),
            "{}",
            at_once.text
        );
    }
}
