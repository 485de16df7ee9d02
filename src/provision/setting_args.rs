//! The flags that change a lab's settings.

use clap::{Arg, Args};

use super::LabSettings;
use crate::error::CommandError;

/// The beginning of a default in a help text.
const DEFAULT: &str = "[default: ";
/// The default of a setting that is kept.
const AS_BEFORE: &str = "as before";

/// Settings of the lab. One that is not given keeps the lab's value; a new lab has the defaults.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings of the lab")]
pub(crate) struct SettingArgs {
    /// How long a received order stays hidden: 0 to 43200 [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = legal("visibility-timeout"))]
    visibility_timeout: Option<String>,
    /// How often an order is received before it is dead-lettered: 1 to 1000; AWS recommends 5 or more
    /// [default: 3]
    #[arg(long, value_name = "N", value_parser = legal("max-receives"))]
    max_receives: Option<String>,
    /// How many orders the trigger passes on at once: 1 to 10000 [default: 10]
    #[arg(long, value_name = "N", value_parser = legal("batch-size"))]
    batch_size: Option<String>,
    /// How long the trigger waits for a full batch: 0 to 300 [default: 0]
    #[arg(long, value_name = "SECONDS", value_parser = legal("batch-window"))]
    batch_window: Option<String>,
    /// How many batches the trigger processes concurrently: 2 to 1000, or none [default: none]
    #[arg(long, value_name = "N", value_parser = legal("max-concurrency"))]
    max_concurrency: Option<String>,
    /// Each function's memory: 128 to 10240 [default: 256]
    #[arg(long, value_name = "MB", value_parser = legal("memory"))]
    memory: Option<String>,
    /// The processor's timeout: 1 to 900, at most the visibility timeout [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = legal("timeout"))]
    timeout: Option<String>,
    /// The functions' architecture [default: that of the handler builds]
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    arch: Option<String>,
    /// How the table is billed: on-demand, provisioned, or provisioned:R,W [default:
    /// on-demand]
    #[arg(long, value_name = "HOW", value_parser = legal("billing"))]
    billing: Option<String>,
    /// How many days logs are kept, or none to keep them forever [default: none]
    #[arg(long, value_name = "DAYS", value_parser = legal("log-retention"))]
    log_retention: Option<String>,
}

/// The option of a command that changes a lab, whose settings stay as they are where none is given.
pub(crate) fn kept(arg: Arg) -> Arg {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    match help.split_once(DEFAULT) {
        Some((what, value)) if !value.starts_with(AS_BEFORE) => {
            arg.help(format!("{what}{DEFAULT}{AS_BEFORE}, at first {value}"))
        }
        _ => arg,
    }
}

/// A parser of the values that a setting accepts.
pub(crate) fn legal(
    name: &'static str,
) -> impl Fn(&str) -> Result<String, String> + Clone + Send + Sync {
    move |text| {
        LabSettings::default()
            .set(name, text)
            .map(|()| text.to_owned())
    }
}

impl SettingArgs {
    /// The flags that were given, by the names of their settings.
    fn given(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("visibility-timeout", &self.visibility_timeout),
            ("max-receives", &self.max_receives),
            ("batch-size", &self.batch_size),
            ("batch-window", &self.batch_window),
            ("max-concurrency", &self.max_concurrency),
            ("memory", &self.memory),
            ("timeout", &self.timeout),
            ("arch", &self.arch),
            ("billing", &self.billing),
            ("log-retention", &self.log_retention),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect()
    }

    /// The names of the settings that were given.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.given().into_iter().map(|(name, _)| name).collect()
    }

    /// `settings` with the given values.
    ///
    /// # Errors
    /// When AWS would refuse their combination.
    pub(crate) fn apply(&self, mut settings: LabSettings) -> Result<LabSettings, CommandError> {
        for (name, value) in self.given() {
            settings
                .set(name, value)
                .map_err(|problem| CommandError::usage(format!("--{name}: {problem}")))?;
        }
        let conflicts = settings.conflicts();
        if conflicts.is_empty() {
            return Ok(settings);
        }
        Err(CommandError::usage(conflicts.join("; "))
            .hint("Nothing was changed. `orders-lab up --help` lists the settings."))
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;

    #[test]
    fn help_names_the_real_defaults() {
        let command = SettingArgs::augment_args(clap::Command::new("up"));
        let help = |name: &str| {
            let arg = command
                .get_arguments()
                .find(|arg| arg.get_long() == Some(name));
            let help = arg.and_then(|arg| arg.get_help());
            help.expect("a flag with help").to_string()
        };
        let settings = LabSettings::default();
        for (name, value) in [
            (
                "visibility-timeout",
                settings.visibility_timeout.to_string(),
            ),
            ("max-receives", settings.max_receives.to_string()),
            ("batch-size", settings.batch_size.to_string()),
            ("batch-window", settings.batch_window.to_string()),
            ("max-concurrency", settings.max_concurrency.to_string()),
            ("memory", settings.memory.to_string()),
            ("timeout", settings.timeout.to_string()),
            ("billing", settings.billing.to_string()),
            ("log-retention", settings.log_retention.to_string()),
        ] {
            let wanted = format!("[default: {value}]");
            assert!(help(name).ends_with(&wanted), "{name}: {}", help(name));
        }
    }
}
