//! `list`: the labs of an account and region, found by their tags.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::host::Start;
use crate::provision::labs::{FoundLab, labs, tagged};
use crate::system;
use crate::ui::{Report, Table};

pub(super) async fn list(env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let found = found_labs(&context).await?;
    let now = system::now();
    let documents: Vec<Value> = found
        .iter()
        .map(|lab| {
            json!({
                "name": lab.name, "owner": lab.owner, "created": lab.created.map(|at| at.to_string()),
                "resources": lab.arns,
            })
        })
        .collect();
    let report = Report::good().with("labs", documents);
    if found.is_empty() {
        let up = context.command("up");
        return Ok(report.text(format!("There is no lab. {up} builds one.")));
    }
    let mut table = Table::new(["Lab", "Owner", "Age", "Resources"]).numeric([2, 3]);
    for lab in &found {
        table.row([
            lab.name.clone(),
            lab.owner.clone().unwrap_or_else(|| "unknown".to_owned()),
            age(lab, now),
            lab.arns.len().to_string(),
        ]);
    }
    Ok(report.table(table))
}

/// The labs that the tags tell of.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(super) async fn found_labs(context: &Context<'_>) -> Result<Vec<FoundLab>, CommandError> {
    Ok(labs(tagged(context, None).await?))
}

/// How long ago a lab was built, in its largest unit: `3d`, `2h`, `5m`, `9s`.
pub(super) fn age(lab: &FoundLab, now: Timestamp) -> String {
    let Some(created) = lab.created else {
        return "unknown".to_owned();
    };
    let seconds = now
        .duration_since(created)
        .max(SignedDuration::ZERO)
        .as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
