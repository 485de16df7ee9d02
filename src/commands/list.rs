//! `list`: the labs of an account and region, found by their tags.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::{CommandEnv, Context};
use crate::error::CommandError;
use crate::provision::labs::{FoundLab, found_labs};
use crate::system;
use crate::ui::{Report, Table, Time, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab list                        in the local cloud
  orders-lab list --target aws --region eu-central-1";

/// The labs of the account and region.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListReport {
    /// The labs, sorted by name.
    labs: Vec<ListedLab>,
}

/// A lab, as the tags of its resources describe it.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedLab {
    /// The lab's name.
    name: String,
    /// Who created it, for example `user/alice`; `null` where no tag says so.
    owner: Option<String>,
    /// When its oldest resource was created; `null` where no tag says so.
    created: Option<Time>,
    /// The ARNs of its resources.
    resources: Vec<String>,
}

impl From<&FoundLab> for ListedLab {
    fn from(found: &FoundLab) -> Self {
        Self {
            name: found.name.clone(),
            owner: found.owner.clone(),
            created: found.created.map(Time),
            resources: found.arns.clone(),
        }
    }
}

/// The report where there is no lab.
pub(super) fn no_labs(env: &CommandEnv) -> Report<ListReport> {
    let up = env.globals.command(&env.globals.lab, "up");
    Report::new(ListReport { labs: Vec::new() }).text(format!("There is no lab. {up} builds one."))
}

pub(super) async fn list(context: Context<'_>) -> Result<Report<ListReport>, CommandError> {
    let found = found_labs(&context).await?;
    let report = Report::new(ListReport {
        labs: found.iter().map(ListedLab::from).collect(),
    });
    if found.is_empty() {
        return Ok(no_labs(context.env));
    }
    let now = system::now();
    let mut table = Table::new(["Lab", "Owner", "Age", "Resources"]).numeric([2, 3]);
    for lab in &found {
        table.row([
            lab.name.clone(),
            lab.owner.clone().unwrap_or_else(|| "unknown".to_owned()),
            lab.age(now),
            number(lab.arns.len()),
        ]);
    }
    Ok(report.table(table))
}
