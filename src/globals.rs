//! The global flags, and the parsers of values that several commands take.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::naming::LabName;
use crate::words::number;

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Where to act: in the local cloud, or on AWS with your credentials [default: where the lab
    /// was built, else the local cloud]
    #[arg(long, global = true, value_enum, value_name = "TARGET")]
    pub target: Option<TargetKind>,

    /// Which lab; the resources of every lab but the default one have its name as a prefix
    #[arg(long, global = true, value_name = "NAME", default_value = "default")]
    pub lab: LabName,

    /// The AWS profile whose credentials, region and endpoints are used, as in the AWS CLI
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,

    /// The AWS region [default: where the lab was built, else that of the environment or the
    /// profile, else us-east-1]
    #[arg(long, global = true, value_name = "REGION", value_parser = parse_region)]
    pub region: Option<String>,

    /// Refuse to act on any AWS account but this one
    #[arg(
        long,
        global = true,
        value_name = "ACCOUNT",
        env = "ORDERS_LAB_EXPECT_ACCOUNT",
        hide_env_values = true,
        value_parser = parse_account
    )]
    pub expect_account: Option<String>,

    /// Answer yes to every question: to acting on this AWS account, and to removing
    #[arg(long, short, global = true)]
    pub yes: bool,

    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,

    /// How to show progress on stderr
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "HOW",
        default_value = "auto"
    )]
    pub progress: Progress,

    /// Show no progress and no next step, only results, warnings, errors, and which AWS account is
    /// acted on
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Show each call to AWS on stderr, those that recur with a count: what it is about, its status
    /// and time, the attempt, the request id; RUST_LOG shows what the SDK does
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// When to use colours; NO_COLOR is honoured
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: Color,
}

impl Globals {
    /// A command of this program in backticks, as the user would type it to act on this lab: with the
    /// flags that select the lab and its target.
    pub fn command(&self, lab: &LabName, words: &str) -> String {
        let mut line = format!("orders-lab {words}");
        let mut add = |flag: &str, value: &str| line.push_str(&format!(" --{flag} {value}"));
        if !lab.is_default() {
            add("lab", lab.as_str());
        }
        if let Some(target) = self.target {
            add("target", target.name());
        }
        if let Some(profile) = &self.profile {
            add("profile", profile);
        }
        if let Some(region) = &self.region {
            add("region", region);
        }
        format!("`{line}`")
    }
}

/// Where a lab is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The local cloud inside this program.
    Local,
    /// AWS, or any endpoint that the environment names as AWS.
    Aws,
}

impl TargetKind {
    /// The name in flags, records and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Aws => "aws",
        }
    }
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// Bars in a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Bars and spinners, where there is a terminal.
    Bar,
    /// Plain lines.
    Plain,
    /// Nothing but warnings, and which AWS account is acted on.
    None,
}

/// When text is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// In a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Parses an account id: twelve digits.
///
/// # Errors
/// When the text is not an account id.
pub(crate) fn parse_account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("an AWS account id has twelve digits, as in 123456789012".to_owned())
}

/// Parses the name of a region, such as `eu-central-1`, which becomes part of host names.
///
/// # Errors
/// When the text cannot be the name of a region.
pub(crate) fn parse_region(text: &str) -> Result<String, String> {
    let is_legal = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_legal && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.len() <= 63 {
        return Ok(text.to_owned());
    }
    Err("a region has a name such as eu-central-1".to_owned())
}

/// The most digits of a number that people read as a limit.
const READABLE_DIGITS: usize = 15;

/// A parser of whole numbers in a range. Their digits may be in groups of three: `10,000`.
pub(crate) fn parse_number<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let digits = ungrouped(text);
        if let Some(number) = digits.parse().ok().filter(|number| range.contains(number)) {
            return Ok(number);
        }
        let (first, last) = (number(range.start()), number(range.end()));
        let is_negative = digits.starts_with('-');
        let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
        let is_number = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
        let allowed = if range.end().to_string().len() <= READABLE_DIGITS {
            format!("between {first} and {last}")
        } else if is_number && !is_negative {
            format!("{last} or less")
        } else {
            format!("{first} or more")
        };
        Err(if is_number {
            format!("{} is not {allowed}", number(digits))
        } else {
            format!("{text} is not a whole number; give one {allowed}")
        })
    }
}

/// A number without the commas between its groups of digits; other text as it is.
fn ungrouped(text: &str) -> String {
    let digits = text.replace(',', "");
    if number(&digits) == text {
        digits
    } else {
        text.to_owned()
    }
}

/// Why a duration is refused that begins with a hyphen.
const NEGATIVE: &str = "a duration cannot be negative";

/// Parses a duration such as `90`, `30s`, `2m 30s`, `12h` or `2d`; a plain number is in seconds.
///
/// # Errors
/// When the text is not a duration, or a negative one.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return u64::try_from(seconds)
            .map(Duration::from_secs)
            .map_err(|_| NEGATIVE.to_owned());
    }
    let invalid = || "give a duration such as 30s, 2m, 12h or 2d".to_owned();
    let span: jiff::Span = text.parse().map_err(|_| invalid())?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days).map_err(|_| invalid())?;
    Duration::try_from(duration).map_err(|_| NEGATIVE.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        globals: Globals,
    }

    #[test]
    fn suggested_commands_act_on_the_same_lab() {
        let command = |flags: &[&str]| {
            let flags = [&["orders-lab"], flags].concat();
            let Flags { globals } = Flags::parse_from(flags);
            globals.command(&globals.lab, "dlq --full")
        };
        assert_eq!(command(&[]), "`orders-lab dlq --full`");
        assert_eq!(
            command(&["--lab", "ann", "--target", "aws", "--region", "eu-west-1"]),
            "`orders-lab dlq --full --lab ann --target aws --region eu-west-1`"
        );
    }

    #[test]
    fn numbers_have_limits() {
        let few = |text| parse_number::<u32>(1..=10_000)(text);
        assert_eq!(few("7000"), Ok(7000));
        assert_eq!(few("7,000"), Ok(7000));
        for (text, words) in [
            ("-1", "-1 is not between 1 and 10,000"),
            ("20000", "20,000 is not between 1 and 10,000"),
            (
                "1.5",
                "1.5 is not a whole number; give one between 1 and 10,000",
            ),
            (
                "1,5",
                "1,5 is not a whole number; give one between 1 and 10,000",
            ),
            ("", " is not a whole number; give one between 1 and 10,000"),
        ] {
            assert_eq!(few(text), Err(words.to_owned()));
        }
        let any = |text| parse_number(0..=u64::MAX)(text);
        for (text, words) in [
            ("-1", "-1 is not 0 or more"),
            ("x", "x is not a whole number; give one 0 or more"),
            (
                "18446744073709551616",
                "18,446,744,073,709,551,616 is not 18,446,744,073,709,551,615 or less",
            ),
        ] {
            assert_eq!(any(text), Err(words.to_owned()));
        }
    }

    #[test]
    fn durations_have_units() {
        let seconds = |text: &str| parse_duration(text).map(|time| time.as_secs());
        for (text, expected) in [
            ("90", 90),
            ("30s", 30),
            ("2m 30s", 150),
            ("12h", 43_200),
            ("2d", 172_800),
            ("1w", 604_800),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "soon", "-5s", "1mo", "99999999999999999999d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
