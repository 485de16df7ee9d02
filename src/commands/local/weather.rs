//! `local weather`: how far the local cloud is from behaving at its best.

use clap::Args;
use serde_json::Value;

use super::control::no_answer;
use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::host::{self, Start};
use crate::ui::{Report, Table};

/// Flags of `local weather`.
#[derive(Debug, Args)]
pub struct WeatherArgs {
    /// The weather to set; without it and other flags, show the current one
    #[arg(value_parser = ["calm", "aws", "storm"])]
    weather: Option<String>,
    /// Random seed: the same seed gives the same failures
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change one setting; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

pub(super) async fn weather(args: &WeatherArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let changes = args.weather.is_some() || args.seed.is_some() || !args.set.is_empty();
    let weather = if changes {
        let start = Start::default();
        let found = host::ensure_running(&env.home, start, &env.events).await?;
        let set = found
            .control()
            .set_weather(args.weather.as_deref(), args.seed, &args.set)
            .await;
        set.map_err(|problem| match problem {
            host::ControlError::Refused { message, .. } => CommandError::usage(message),
            other => no_answer(other),
        })?
    } else {
        let found = host::find(&env.home).await?.ok_or_else(|| {
            CommandError::environment("the local cloud is not running")
                .hint("`orders-lab local weather calm` starts it.")
        })?;
        let status = found.control().status().await.map_err(no_answer)?;
        status.get("weather").cloned().unwrap_or_default()
    };
    Ok(Report::good()
        .with("weather", &weather)
        .table(table(&weather)))
}

/// The weather in a few words: its name and seed.
pub(in crate::commands) fn weather_words(weather: &Value) -> String {
    let name = weather["name"].as_str().unwrap_or("unknown");
    match weather["seed"].as_u64() {
        Some(seed) if name != "calm" => format!("{name}, seed {seed}"),
        _ => name.to_owned(),
    }
}

fn table(weather: &Value) -> Table {
    let mut table = Table::new(["Weather", ""]);
    table.row(["name".to_owned(), weather_words(weather)]);
    let delays = [
        ("role", "until a change to a role is seen"),
        ("table", "until a table is there, or gone"),
        ("function", "until a change to a function is made"),
        ("mapping", "until a change to a mapping is made"),
        ("queue", "until a queue is known everywhere, or gone"),
        ("attributes", "until queue attributes are known everywhere"),
        ("iam", "until IAM itself knows of a role everywhere"),
        ("tags", "until tags are known everywhere"),
        ("task", "until a move task is known everywhere"),
        ("counts", "how old a queue's counts are"),
        ("logs", "until a log line is in its log group"),
    ];
    for (delay, meaning) in delays {
        let span = span(&weather["delays"][delay]);
        if let Some(span) = span {
            table.row([meaning.to_owned(), format!("{span} of the queues' time")]);
        }
    }
    let likely = |value: &Value| value.as_f64().filter(|likely| *likely > 0.0);
    let percent = |likely: f64| format!("{} %", (likely * 10_000.0).round() / 100.0);
    let deliveries = [
        ("repeated", "messages delivered twice"),
        ("disordered", "messages delivered out of order"),
    ];
    for (name, meaning) in deliveries {
        if let Some(likely) = likely(&weather["deliveries"][name]) {
            table.row([meaning.to_owned(), percent(likely)]);
        }
    }
    for rule in weather["requests"].as_array().into_iter().flatten() {
        let of = rule["of"].as_str().unwrap_or("*");
        let mut said: Vec<String> = ["throttled", "failed", "lost"]
            .into_iter()
            .filter_map(|name| Some(format!("{name} {}", percent(likely(&rule[name])?))))
            .collect();
        said.extend(span(&rule["latency"]).map(|span| format!("latency {span}")));
        table.row([format!("requests {of}"), said.join(", ")]);
    }
    table
}

/// A range of milliseconds; `None` for none.
fn span(value: &Value) -> Option<String> {
    let (least, most) = (value["least"].as_u64()?, value["most"].as_u64()?);
    let seconds = |millis: u64| match millis {
        0..1000 => format!("{millis} ms"),
        _ => format!("{} s", millis as f64 / 1000.0),
    };
    (most > 0).then(|| format!("{} to {}", seconds(least), seconds(most)))
}
