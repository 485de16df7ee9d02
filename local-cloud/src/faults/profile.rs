//! Chaos profiles: what goes wrong, how often, and how late changes arrive. AWS's services run on
//! many machines, so changes take time to arrive, calls are throttled or fail, and a queue delivers
//! twice or out of order. Here that happens only where a profile asks for it.
//!
//! Pure: random draws come from a source that the caller passes.

mod named;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::Ids;
use crate::wildcard::Pattern;

/// A chaos profile. Delays are in lab time, latencies in real time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChaosProfile {
    /// `off`, `aws` or `severe`, followed by ` (changed)` where single settings were changed.
    pub name: String,
    /// The seed of the random draws.
    pub seed: u64,
    /// How long changes take to arrive.
    pub delays: Delays,
    /// What happens to requests. Of the rules that match a request, the last one applies.
    pub requests: Vec<Rule>,
    /// What happens to messages.
    pub deliveries: Deliveries,
}

/// How long changes take to arrive, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Delays {
    /// Until a new role can be assumed, a new access key is known, and a changed policy applies.
    pub role: Span,
    /// Until a new table is active and a deleted one is gone.
    pub table: Span,
    /// Until a new or changed function is active.
    pub function: Span,
    /// Until an event source mapping has passed from one state to the next.
    pub mapping: Span,
    /// How old a queue's approximate counts are.
    pub counts: Span,
    /// Until what a function prints is in its log group.
    pub logs: Span,
    /// Until a new queue is known everywhere and a deleted one nowhere.
    pub queue: Span,
    /// Until a queue's changed attributes are seen everywhere.
    pub attributes: Span,
    /// Until IAM itself knows everywhere that a role exists or has no policies any more.
    pub iam: Span,
    /// Until changed tags are seen everywhere, by the tagging API too.
    pub tags: Span,
    /// Until a move task and its progress are listed.
    pub task: Span,
}

impl Delays {
    /// The delay that a setting changes.
    fn named(&mut self, setting: &str) -> Option<&mut Span> {
        Some(match setting {
            "role-delay" => &mut self.role,
            "table-delay" => &mut self.table,
            "function-delay" => &mut self.function,
            "mapping-delay" => &mut self.mapping,
            "log-delay" => &mut self.logs,
            "stale-counts" => &mut self.counts,
            "queue-delay" => &mut self.queue,
            "attribute-delay" => &mut self.attributes,
            "iam-delay" => &mut self.iam,
            "tag-delay" => &mut self.tags,
            "task-delay" => &mut self.task,
            _ => return None,
        })
    }
}

/// What happens to requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The actions that it applies to, with wildcards: `sqs:*`, `lambda:CreateFunction`.
    pub of: String,
    /// The probability that a request is throttled, 0 to 1.
    pub throttled: f64,
    /// The probability that a request fails with a server error and has no effect, 0 to 1.
    pub failed: f64,
    /// The probability that a request is carried out and answered with a server error, 0 to 1.
    pub lost: f64,
    /// How long a request waits before it is carried out, in milliseconds of real time.
    pub latency: Span,
}

/// What happens to messages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Deliveries {
    /// The probability that a deleted message is delivered once more, 0 to 1.
    pub repeated: f64,
    /// The probability that a receive takes a random message instead of the oldest, 0 to 1.
    pub disordered: f64,
}

/// A range of milliseconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// The lower bound.
    pub least: u64,
    /// The upper bound.
    pub most: u64,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InjectedFault {
    /// How long the request waits, in milliseconds of real time.
    pub latency: u64,
    /// Whether and how the request is answered.
    pub outcome: FaultOutcome,
}

/// Whether and how a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaultOutcome {
    /// With its own reply.
    #[default]
    Answered,
    /// It is throttled and has no effect.
    Throttled,
    /// It fails and has no effect.
    Failed,
    /// It is carried out, and its reply is lost.
    Lost,
}

/// A setting that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSetting(String);

impl ChaosProfile {
    /// Whether nothing ever goes wrong.
    pub fn is_off(&self) -> bool {
        self.delays == Delays::default()
            && self.requests.is_empty()
            && self.deliveries == Deliveries::default()
    }

    /// Changes one setting, `NAME=VALUE`. Names are those of the [`Delays`] (times, `8s` or
    /// `500ms..8s`), `repeated` and `disordered` (probabilities), and `throttled`, `failed`, `lost`
    /// (probabilities) and `latency` (a time), for all requests or, after `SERVICE:ACTION.`, for
    /// some.
    ///
    /// # Errors
    /// The setting is not understood.
    pub fn set(&mut self, setting: &str) -> Result<(), InvalidSetting> {
        let named = setting.split_once('=');
        let changed = named.and_then(|(name, value)| self.change(name, value));
        changed.ok_or_else(|| {
            InvalidSetting(format!(
                "'{setting}' is not a chaos setting. Settings are role-delay, table-delay, \
                 function-delay, mapping-delay, log-delay, stale-counts, queue-delay, \
                 attribute-delay, iam-delay, tag-delay, task-delay (a time: 8s, 500ms..8s), \
                 repeated, disordered (0 to 1), and [SERVICE:ACTION.]throttled, failed, lost \
                 (0 to 1) and latency (a time)."
            ))
        })?;
        if !self.name.ends_with(CHANGED) {
            self.name.push_str(CHANGED);
        }
        Ok(())
    }

    /// `None` where the name or the value is not understood.
    fn change(&mut self, name: &str, value: &str) -> Option<()> {
        let probability = || {
            let number = value.parse::<f64>().ok();
            number.filter(|number| (0.0..=1.0).contains(number))
        };
        if let Some(delay) = self.delays.named(name) {
            *delay = value.parse().ok()?;
            return Some(());
        }
        match name {
            "repeated" => self.deliveries.repeated = probability()?,
            "disordered" => self.deliveries.disordered = probability()?,
            name => {
                let (of, what) = name.rsplit_once('.').unwrap_or(("*", name));
                match what {
                    "throttled" => self.rule(of).throttled = probability()?,
                    "failed" => self.rule(of).failed = probability()?,
                    "lost" => self.rule(of).lost = probability()?,
                    "latency" => self.rule(of).latency = value.parse().ok()?,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// The rule for these actions, created where there is none yet.
    fn rule(&mut self, of: &str) -> &mut Rule {
        let found = self.requests.iter().position(|rule| rule.of == of);
        let index = found.unwrap_or_else(|| {
            self.requests.push(Rule {
                of: of.to_owned(),
                throttled: 0.0,
                failed: 0.0,
                lost: 0.0,
                latency: Span::default(),
            });
            self.requests.len() - 1
        });
        &mut self.requests[index]
    }

    /// What happens to a request for this action, for example `sqs:SendMessage`.
    pub fn draw_fault(&self, action: &str, draws: &mut dyn Ids) -> InjectedFault {
        let action = action.to_ascii_lowercase();
        let applies = |rule: &&Rule| Pattern::new(&rule.of.to_ascii_lowercase()).matches(&action);
        let Some(rule) = self.requests.iter().rev().find(applies) else {
            return InjectedFault::default();
        };
        let drawn = draw(draws);
        let outcome = if drawn < rule.throttled {
            FaultOutcome::Throttled
        } else if drawn < rule.throttled + rule.failed {
            FaultOutcome::Failed
        } else if drawn < rule.throttled + rule.failed + rule.lost {
            FaultOutcome::Lost
        } else {
            FaultOutcome::Answered
        };
        InjectedFault {
            latency: rule.latency.draw(draws),
            outcome,
        }
    }
}

/// What a profile's name ends with once a setting was changed.
const CHANGED: &str = " (changed)";

impl Span {
    /// A value in the range, all equally probable.
    pub fn draw(self, draws: &mut dyn Ids) -> u64 {
        let width = self.most.saturating_sub(self.least);
        self.least + (draw(draws) * (width + 1) as f64) as u64
    }
}

impl FromStr for Span {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (millis(least)?, millis(most)?);
        let is_range = least <= most && most <= LONGEST_MS;
        is_range.then_some(Self { least, most }).ok_or(())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == self.most {
            write!(f, "{} ms", self.least)
        } else {
            write!(f, "{} to {} ms", self.least, self.most)
        }
    }
}

/// The longest delay that can be set: an hour.
const LONGEST_MS: u64 = 3_600_000;

/// `8s`, `1.5s`, `500ms`, `2m`, `0`.
fn millis(text: &str) -> Result<u64, ()> {
    let (number, unit) = match text.find(|letter: char| letter.is_ascii_alphabetic()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let number: f64 = number.parse().map_err(|_| ())?;
    let factor = match unit {
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        "" if number == 0.0 => 1.0,
        _ => return Err(()),
    };
    let millis = number * factor;
    (0.0..=LONGEST_MS as f64)
        .contains(&millis)
        .then_some(millis as u64)
        .ok_or(())
}

/// A random number from 0 up to, but not including, 1.
pub fn draw(draws: &mut dyn Ids) -> f64 {
    let mut bytes = [0; 8];
    draws.fill(&mut bytes);
    // The 53 bits that a double holds exactly.
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
