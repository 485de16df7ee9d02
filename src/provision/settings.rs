//! The settings of a lab. Pure.
//!
//! The settings that differ from the defaults are kept with the lab, in a tag of its orders queue
//! and of its table, so that `status` and a later `up` know them on any machine.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::Architecture;
use crate::aws::endpoint_host;
use crate::globals::parse_number;

/// The settings of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LabSettings {
    /// How long a received order is invisible, in seconds: 0 to 43,200.
    #[serde(rename = "visibility_timeout_seconds")]
    pub visibility_timeout: u32,
    /// How often an order is received before it is moved to the dead-letter queue: 1 to 1,000.
    pub max_receives: u32,
    /// The largest batch that the trigger passes to the processor, in orders: 1 to 10,000.
    pub batch_size: u32,
    /// How long the trigger waits for a batch to fill, in seconds: 0 to 300.
    #[serde(rename = "batch_window_seconds")]
    pub batch_window: u32,
    /// How many batches the processor handles at a time: 2 to 1,000, or no limit (`null`).
    pub max_concurrency: Limit,
    /// Each function's memory in MB: 128 to 10,240.
    #[serde(rename = "memory_mb")]
    pub memory: u32,
    /// The processor's timeout in seconds: 1 to 900.
    #[serde(rename = "timeout_seconds")]
    pub timeout: u32,
    /// The functions' architecture; that of the handler builds in use where none is set (`null`).
    pub arch: Option<Architecture>,
    /// How the table is billed.
    pub billing: Billing,
    /// How many days logs are kept, or no limit (`null`).
    #[serde(rename = "log_retention_days")]
    pub log_retention: Limit,
    /// The URL under which the functions reach the server, where that is compatible with AWS and not
    /// AWS; the one that the tool uses where none is set (`null`).
    pub function_endpoint: Option<String>,
}

impl Default for LabSettings {
    /// The original lab. The processor's timeout is a sixth of the visibility timeout, as AWS
    /// advises.
    fn default() -> Self {
        Self {
            visibility_timeout: 30,
            max_receives: 3,
            batch_size: 10,
            batch_window: 0,
            max_concurrency: Limit(None),
            memory: 256,
            timeout: 5,
            arch: None,
            billing: Billing::OnDemand,
            log_retention: Limit(None),
            function_endpoint: None,
        }
    }
}

/// A number, or `none` for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Limit(pub Option<u32>);

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(formatter, "{number}"),
            None => formatter.write_str("none"),
        }
    }
}

/// How the table is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub(crate) enum Billing {
    /// For each read and write.
    OnDemand,
    /// For provisioned capacity.
    Provisioned {
        /// Read capacity units.
        #[serde(rename = "read_units")]
        read: u32,
        /// Write capacity units.
        #[serde(rename = "write_units")]
        write: u32,
    },
}

impl fmt::Display for Billing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnDemand => formatter.write_str("on-demand"),
            Self::Provisioned { read, write } => write!(formatter, "provisioned:{read}/{write}"),
        }
    }
}

impl FromStr for Billing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let capacity = |text: &str| {
            text.parse()
                .ok()
                .filter(|units| (1..=40_000).contains(units))
        };
        let read = match text.split_once(':') {
            None if text == "on-demand" => return Ok(Self::OnDemand),
            // The console's former default.
            None if text == "provisioned" => Some((5, 5)),
            Some(("provisioned", units)) => units
                .split_once([',', '/'])
                .and_then(|(read, write)| Some((capacity(read)?, capacity(write)?))),
            _ => None,
        };
        let (read, write) = read
            .ok_or("give on-demand, provisioned, or provisioned:R,W with 1 to 40,000 units each")?;
        Ok(Self::Provisioned { read, write })
    }
}

/// The retention periods of CloudWatch Logs, in days. Source: PutRetentionPolicy.
const RETENTIONS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The tag's value for the default settings.
const DEFAULTS: &str = "usual";

/// The names of the settings, in flags and in the tag.
const NAMES: [&str; 11] = [
    "visibility-timeout",
    "max-receives",
    "batch-size",
    "batch-window",
    "max-concurrency",
    "memory",
    "timeout",
    "arch",
    "billing",
    "log-retention",
    "function-endpoint",
];

impl LabSettings {
    /// Changes one setting by its name.
    ///
    /// # Errors
    /// There is no such setting, or AWS does not accept the value; the text says which it accepts.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "visibility-timeout" => self.visibility_timeout = within(value, 0, 43_200)?,
            "max-receives" => self.max_receives = within(value, 1, 1000)?,
            "batch-size" => self.batch_size = within(value, 1, 10_000)?,
            "batch-window" => self.batch_window = within(value, 0, 300)?,
            "max-concurrency" => self.max_concurrency = concurrency(value)?,
            "memory" => self.memory = within(value, 128, 10_240)?,
            "timeout" => self.timeout = within(value, 1, 900)?,
            "arch" => self.arch = Some(architecture(value)?),
            "billing" => self.billing = value.parse()?,
            "log-retention" => self.log_retention = retention(value)?,
            "function-endpoint" => self.function_endpoint = endpoint(value)?,
            _ => return Err(format!("there is no setting {name}")),
        }
        Ok(())
    }

    /// The value of one setting by its name.
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "visibility-timeout" => Some(self.visibility_timeout.to_string()),
            "max-receives" => Some(self.max_receives.to_string()),
            "batch-size" => Some(self.batch_size.to_string()),
            "batch-window" => Some(self.batch_window.to_string()),
            "max-concurrency" => Some(self.max_concurrency.to_string()),
            "memory" => Some(self.memory.to_string()),
            "timeout" => Some(self.timeout.to_string()),
            "arch" => self.arch.map(|arch| arch.name().to_owned()),
            "billing" => Some(self.billing.to_string()),
            "log-retention" => Some(self.log_retention.to_string()),
            "function-endpoint" => self.function_endpoint.clone(),
            _ => None,
        }
    }

    /// The settings that differ from the defaults, as the value of a tag:
    /// `max-receives=5 billing=provisioned:5/5`, or `usual` for none.
    pub(crate) fn text(&self) -> String {
        let defaults = Self::default();
        let pair = |name: &&str| {
            let value = self
                .get(name)
                .filter(|value| defaults.get(name).as_ref() != Some(value))?;
            Some(format!("{name}={value}"))
        };
        let pairs: Vec<String> = NAMES.iter().filter_map(pair).collect();
        if pairs.is_empty() {
            return DEFAULTS.to_owned();
        }
        pairs.join(" ")
    }

    /// Parses the output of [`LabSettings::text`].
    ///
    /// # Errors
    /// The text has another format, or AWS does not accept a value.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut settings = Self::default();
        for pair in text.split_whitespace().filter(|text| *text != DEFAULTS) {
            let (name, value) = pair.split_once('=').ok_or("a setting is NAME=VALUE")?;
            settings.set(name, value)?;
        }
        Ok(settings)
    }

    /// The combinations of settings that AWS would refuse, each a sentence.
    pub(crate) fn conflicts(&self) -> Vec<String> {
        let mut conflicts = Vec::new();
        if self.timeout > self.visibility_timeout {
            conflicts.push(format!(
                "--timeout {} is more than --visibility-timeout {}: Lambda refuses a trigger whose function may run \
                 longer than its messages stay hidden",
                self.timeout, self.visibility_timeout
            ));
        }
        if self.batch_size > 10 && self.batch_window == 0 {
            conflicts.push(format!(
                "--batch-size {} is more than 10, for which Lambda requires --batch-window 1 or more",
                self.batch_size
            ));
        }
        conflicts
    }

    /// AWS's recommendations about the `chosen` settings that these do not follow, each a sentence.
    /// Sources: Lambda's guide, with-sqs and services-sqs-errorhandling.
    pub(crate) fn advice(&self, chosen: &[&str]) -> Vec<String> {
        let mut advice = Vec::new();
        let is_about = |settings: &[&str]| settings.iter().any(|name| chosen.contains(name));
        let recommended = 6 * self.timeout + self.batch_window;
        if self.visibility_timeout < recommended
            && is_about(&["visibility-timeout", "timeout", "batch-window"])
        {
            advice.push(format!(
                "AWS recommends a visibility timeout of six times the function's timeout plus the batch window: \
                 {recommended} s here, where it is {} s.",
                self.visibility_timeout
            ));
        }
        if self.max_receives < 5 && is_about(&["max-receives"]) {
            advice.push(format!(
                "AWS recommends 5 receives or more before a message is dead-lettered, where it is {}: receives that \
                 Lambda throttles count too.",
                self.max_receives
            ));
        }
        advice
    }
}

fn within(text: &str, least: u32, most: u32) -> Result<u32, String> {
    parse_number(least..=most)(text)
}

/// Parses a number that `is_allowed`, or `none`; `allowed` describes the numbers.
fn limit(text: &str, allowed: &str, is_allowed: impl Fn(u32) -> bool) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    text.parse()
        .ok()
        .filter(|number| is_allowed(*number))
        .map(|number| Limit(Some(number)))
        .ok_or_else(|| format!("give {allowed}, or none"))
}

fn concurrency(text: &str) -> Result<Limit, String> {
    limit(text, "a number from 2 to 1,000", |number| {
        (2..=1000).contains(&number)
    })
}

fn retention(text: &str) -> Result<Limit, String> {
    let days = RETENTIONS.map(|days| days.to_string()).join(", ");
    limit(text, &format!("a number of days of {days}"), |days| {
        RETENTIONS.contains(&days)
    })
}

/// Parses a URL of characters that a tag may have; `None` where the text is empty.
fn endpoint(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "-._:/".contains(letter);
    // All settings together fit into a tag, which has up to 256 characters.
    let is_url = endpoint_host(text).is_some() && text.chars().all(is_legal) && text.len() <= 50;
    is_url
        .then(|| Some(text.trim_end_matches('/').to_owned()))
        .ok_or_else(|| "give a URL such as http://host:4566, or '' for none".to_owned())
}

fn architecture(text: &str) -> Result<Architecture, String> {
    Architecture::from_name(text).ok_or_else(|| "give x86_64 or arm64".to_owned())
}

#[cfg(test)]
mod tests;
