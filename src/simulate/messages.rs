//! What the user is told of a run.

use crate::context::Context;
use crate::error::CommandError;
use crate::runs::Header;
use crate::ui::{counted, number};

/// The command that audits this run.
pub(crate) fn audit_command(context: &Context<'_>, header: &Header) -> String {
    context.command(&format!("audit --run {}", header.run))
}

/// The error of a run that the user does not wait for any more. `sent` of its orders are confirmed.
pub(crate) fn detached(context: &Context<'_>, header: &Header, sent: u64) -> CommandError {
    let are = if sent == 1 { "is" } else { "are" };
    let orders = counted(header.count, "order");
    CommandError::interrupted(format!(
        "interrupted; {} of {orders} {are} sent, and processing continues",
        number(sent)
    ))
    .hint(format!(
        "{} shows where they are.",
        audit_command(context, header)
    ))
}
