//! The chaos: how far the cloud is from behaving at its best. AWS's services are spread over
//! many machines, so changes take time to arrive, calls are throttled or fail, and a queue
//! delivers twice or out of order. Here all of that happens on request, and not otherwise.
//!
//! Pure: what is drawn, is drawn from a source that the caller brings.

mod presets;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::Ids;
use crate::wildcard::Pattern;

/// The chaos as it is set. Delays are in lab time, latencies in real time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChaosProfile {
    /// `off`, `aws` or `severe`; with ` (changed)` behind it where single settings were changed.
    pub name: String,
    /// What the draws begin with.
    pub seed: u64,
    /// How long changes take to arrive.
    pub delays: Delays,
    /// What happens to requests; of all rules that fit a request the last one counts.
    pub requests: Vec<Rule>,
    /// What happens to messages.
    pub deliveries: Deliveries,
}

/// How long changes take to arrive, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Delays {
    /// Until a new role can be assumed, a new access key is known, and a changed policy counts.
    pub role: Span,
    /// Until a new table is active, and a deleted one is gone.
    pub table: Span,
    /// Until a new or changed function is active.
    pub function: Span,
    /// Until a mapping has passed from one state to the next.
    pub mapping: Span,
    /// How old a queue's approximate counts are.
    pub counts: Span,
    /// Until what a function prints is in its log group.
    pub logs: Span,
    /// Until a new queue is known everywhere, and a deleted one to nobody.
    pub queue: Span,
    /// Until a queue's changed attributes are told everywhere.
    pub attributes: Span,
    /// Until IAM itself knows everywhere that a role is there, or rid of its policies.
    pub iam: Span,
    /// Until tags, and what the tagging API lists by them, are up to date everywhere.
    pub tags: Span,
    /// Until a move task is listed, and how much it has moved.
    pub task: Span,
}

impl Delays {
    /// The delay that a setting is about.
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
    /// The actions it is about, with wildcards: `sqs:*`, `lambda:CreateFunction`.
    pub of: String,
    /// How likely a request is throttled, 0 to 1.
    pub throttled: f64,
    /// How likely it fails with a server's error and nothing is done, 0 to 1.
    pub failed: f64,
    /// How likely it is done and its reply replaced by a server's error, 0 to 1.
    pub lost: f64,
    /// How long a request waits before it is looked at, in milliseconds of real time.
    pub latency: Span,
}

/// What happens to messages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Deliveries {
    /// How likely a deleted message comes back once more, 0 to 1.
    pub repeated: f64,
    /// How likely a receive takes any message rather than the oldest, 0 to 1.
    pub disordered: f64,
}

/// A range of milliseconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InjectedFault {
    /// How long it waits, in milliseconds of real time.
    pub latency: u64,
    /// What becomes of it.
    pub outcome: FaultOutcome,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaultOutcome {
    /// It is answered.
    #[default]
    Answered,
    /// It is refused at the moment, and nothing is done.
    Throttled,
    /// It fails, and nothing is done.
    Failed,
    /// It is done, and its sender does not learn of it.
    Lost,
}

/// Why a setting was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSetting(String);

impl ChaosProfile {
    /// Whether nothing ever happens.
    pub fn is_off(&self) -> bool {
        self.delays == Delays::default()
            && self.requests.is_empty()
            && self.deliveries == Deliveries::default()
    }

    /// Changes one setting: `NAME=VALUE`. Names are those of the [`Delays`] (times, `8s` or
    /// `500ms..8s`), `repeated`, `disordered` (likelihoods, 0 to 1), and, for all requests or behind
    /// `SERVICE:ACTION.` for some, `throttled`, `failed`, `lost` (likelihoods), `latency` (a time).
    ///
    /// # Errors
    /// What is not understood.
    pub fn set(&mut self, setting: &str) -> Result<(), InvalidSetting> {
        let named = setting.split_once('=');
        let changed = named.and_then(|(name, value)| self.change(name, value));
        changed.ok_or_else(|| {
            InvalidSetting(format!(
                "'{setting}' is no setting of the chaos. Settings are role-delay, table-delay, \
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

    /// `None` where name or value are not understood.
    fn change(&mut self, name: &str, value: &str) -> Option<()> {
        let likelihood = || {
            let number = value.parse::<f64>().ok();
            number.filter(|number| (0.0..=1.0).contains(number))
        };
        if let Some(delay) = self.delays.named(name) {
            *delay = value.parse().ok()?;
            return Some(());
        }
        match name {
            "repeated" => self.deliveries.repeated = likelihood()?,
            "disordered" => self.deliveries.disordered = likelihood()?,
            name => {
                let (of, what) = name.rsplit_once('.').unwrap_or(("*", name));
                match what {
                    "throttled" => self.rule(of).throttled = likelihood()?,
                    "failed" => self.rule(of).failed = likelihood()?,
                    "lost" => self.rule(of).lost = likelihood()?,
                    "latency" => self.rule(of).latency = value.parse().ok()?,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// The rule about these actions, made where there is none yet.
    fn rule(&mut self, of: &str) -> &mut Rule {
        let found = self.requests.iter().position(|rule| rule.of == of);
        let place = found.unwrap_or_else(|| {
            self.requests.push(Rule {
                of: of.to_owned(),
                throttled: 0.0,
                failed: 0.0,
                lost: 0.0,
                latency: Span::default(),
            });
            self.requests.len() - 1
        });
        &mut self.requests[place]
    }

    /// What happens to a request for this action, for example `sqs:SendMessage`.
    pub fn draw_fault(&self, action: &str, draws: &mut dyn Ids) -> InjectedFault {
        let action = action.to_ascii_lowercase();
        let about = |rule: &&Rule| Pattern::new(&rule.of.to_ascii_lowercase()).matches(&action);
        let Some(rule) = self.requests.iter().rev().find(about) else {
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

/// What a preset's name ends with once a setting was changed.
const CHANGED: &str = " (changed)";

impl Span {
    /// A moment in the range, each as likely.
    pub fn draw(self, draws: &mut dyn Ids) -> u64 {
        let room = self.most.saturating_sub(self.least);
        self.least + (draw(draws) * (room + 1) as f64) as u64
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

/// A number from 0 up to, and without, 1.
pub fn draw(draws: &mut dyn Ids) -> f64 {
    let mut bytes = [0; 8];
    draws.fill(&mut bytes);
    // The 53 bits that a double holds exactly.
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
