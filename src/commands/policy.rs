//! `policy`: the IAM policies that the lab gives its functions, and the one that the person needs
//! who runs this program.

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::context::{Intent, Surroundings};
use crate::error::CommandError;
use crate::host::Start;
use crate::provision::operator::{Scope, operator};
use crate::provision::policy;
use crate::ui::Report;

/// Flags of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Whose
    #[arg(value_enum)]
    who: Who,
    /// With `operator`: for every lab of the account and region, not only this one
    #[arg(long)]
    all: bool,
}

/// Whose policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The person who runs this program
    Operator,
    /// The simulator function
    Simulator,
    /// The processor function
    Processor,
}

pub(super) async fn policy(
    args: &PolicyArgs,
    surroundings: &Surroundings,
) -> Result<Report, CommandError> {
    let context = surroundings.connect(Start::default(), Intent::Read).await?;
    let names = context.names;
    let document = match args.who {
        Who::Operator if args.all => operator(&Scope::any(names)),
        Who::Operator => operator(&Scope::one(names)),
        Who::Simulator => policy::simulator(&names),
        Who::Processor => policy::processor(&names),
    };
    let text = pretty(&document)?;
    Ok(Report::good().with("policy", document).raw(text))
}

fn pretty(document: &Value) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(|problem| {
        CommandError::bug("a policy could not be written as JSON").because(problem)
    })?;
    Ok(text + "\n")
}
