//! `env`: shell exports that point any AWS tool at the lab's target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::aws::endpoint_variables;
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab env                         the exports, to read
  eval \"$(orders-lab env)\"               to use them in this shell";

/// Environment variables that point AWS tools at the lab's target.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EnvReport {
    /// Each variable's value by its name. For the local cloud these include its access key.
    variables: BTreeMap<&'static str, String>,
}

pub(super) async fn env(context: Context<'_>) -> Result<Report<EnvReport>, CommandError> {
    let mut variables = vec![
        ("AWS_REGION", context.target.region.clone()),
        ("AWS_DEFAULT_REGION", context.target.region.clone()),
    ];
    let mut lines = Vec::new();
    if let Some(found) = &context.local {
        variables.push(("AWS_ENDPOINT_URL", found.endpoint()));
        variables.push(("AWS_ACCESS_KEY_ID", found.owner.access_key.clone()));
        variables.push(("AWS_SECRET_ACCESS_KEY", found.owner.secret_key.clone()));
        lines.push("# AWS CLI v1: add --endpoint-url $AWS_ENDPOINT_URL to `aws sqs`".to_owned());
        // These would take precedence over the exports.
        let mut unset = vec!["AWS_SESSION_TOKEN".to_owned(), "AWS_PROFILE".to_owned()];
        unset.extend(endpoint_variables());
        lines.push(format!("unset {}", unset.join(" ")));
    } else {
        let profile = context.caller.profile.clone();
        variables.extend(profile.map(|profile| ("AWS_PROFILE", profile)));
        let endpoint = context.target.endpoint.clone();
        variables.extend(endpoint.map(|endpoint| ("AWS_ENDPOINT_URL", endpoint)));
    }
    for (name, value) in &variables {
        lines.push(format!("export {name}='{}'", value.replace('\'', r"'\''")));
    }
    let report = EnvReport {
        variables: variables.into_iter().collect(),
    };
    Ok(Report::new(report).raw(lines.join("\n") + "\n"))
}
