//! `policy`: the IAM policies of the lab's functions, and the one that the person running this
//! program needs.

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::{Context, LOCAL_ACCOUNT};
use crate::error::CommandError;
use crate::globals::{Globals, TargetKind};
use crate::messages::QueueName;
use crate::provision::operator::{Scope, operator};
use crate::provision::policy;
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab policy operator             what the person running this needs
  orders-lab policy operator --all --target aws > operator.json
  orders-lab policy operator --queue other-dlq
  orders-lab policy processor            what the processor function may do";

/// The most characters that a user's inline policies may have together, not counting white space.
/// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const USER_INLINE_LIMIT: usize = 2048;

/// Flags of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Whose policy
    #[arg(value_enum)]
    who: Who,
    /// With `operator`: for every lab of the account and region, not only this one
    #[arg(long)]
    all: bool,
    /// With `operator`: for this queue too, which `dlq --queue` reads; who only looks does without
    /// its statement OtherQueuesChange
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<QueueName>,
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

/// An IAM policy.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyReport {
    /// The policy document, as AWS takes it.
    #[schemars(with = "Map<String, Value>")]
    policy: Value,
}

pub(super) async fn policy(
    args: &PolicyArgs,
    context: Context<'_>,
) -> Result<Report<PolicyReport>, CommandError> {
    let names = context.names.clone();
    let queues: Vec<&str> = args.queue.iter().map(QueueName::name).collect();
    let document = match args.who {
        Who::Operator if args.all => operator(&Scope::any(names), &queues),
        Who::Operator => operator(&Scope::one(names), &queues),
        Who::Simulator => policy::simulator(&names),
        Who::Processor => policy::processor(&names),
    };
    if args.who == Who::Operator {
        advise(&context, &document);
    }
    let text = pretty(&document)?;
    Ok(Report::new(PolicyReport { policy: document }).raw(text))
}

/// Notes what the policy itself does not say: which account it is for, and how to attach it.
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
    // AWS does not count white space, and this text has none.
    let length = document.to_string().len();
    if length > USER_INLINE_LIMIT {
        context.events().note(format!(
            "With {length} characters it is too long for an inline policy of a user (at most {USER_INLINE_LIMIT}): make it a managed policy, or an inline policy of a role."
        ));
    }
}

fn pretty(document: &Value) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(|problem| {
        CommandError::bug("a policy could not be written as JSON").because(problem)
    })?;
    Ok(text + "\n")
}
