//! `policy`: the IAM policies that the lab gives its functions, and the one that the person running
//! this program needs.

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::context::{CommandEnv, Context, Intent, LOCAL_ACCOUNT};
use crate::error::CommandError;
use crate::globals::{Globals, TargetKind};
use crate::host::Start;
use crate::provision::operator::{Scope, operator};
use crate::provision::policy;
use crate::ui::Report;

/// The most characters that all inline policies of a user may have together, blanks not counted.
/// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const OF_A_USER: usize = 2048;

/// Flags of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Whose policy
    #[arg(value_enum)]
    who: Who,
    /// With `operator`: for every lab of the account and region, not only this one
    #[arg(long)]
    all: bool,
}

/// Whose policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The person running this program
    Operator,
    /// The simulator function
    Simulator,
    /// The processor function
    Processor,
}

pub(super) async fn policy(args: &PolicyArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let names = context.names.clone();
    let document = match args.who {
        Who::Operator if args.all => operator(&Scope::any(names)),
        Who::Operator => operator(&Scope::one(names)),
        Who::Simulator => policy::simulator(&names),
        Who::Processor => policy::processor(&names),
    };
    if args.who == Who::Operator {
        advise(&context, &document);
    }
    let text = pretty(&document)?;
    Ok(Report::good().with("policy", document).raw(text))
}

/// Says what is not in the policy itself: for which account it is, and how it can be attached.
fn advise(context: &Context<'_>, document: &Value) {
    if context.target.is_local() {
        let on_aws = Globals {
            target: Some(TargetKind::Aws),
            ..context.env.globals.clone()
        };
        context.events().note(format!(
            "This policy is for the local cloud's account {LOCAL_ACCOUNT}. {} prints the one for your AWS account.",
            on_aws.command(context.names.lab(), "policy operator")
        ));
    }
    // AWS does not count blanks; a document as short as can be has none.
    let length = document.to_string().len();
    if length > OF_A_USER {
        context.events().note(format!(
            "With {length} characters it is too long for an inline policy of a user (at most {OF_A_USER}): make it a managed policy, or an inline policy of a role."
        ));
    }
}

fn pretty(document: &Value) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(|problem| {
        CommandError::bug("a policy could not be written as JSON").because(problem)
    })?;
    Ok(text + "\n")
}
