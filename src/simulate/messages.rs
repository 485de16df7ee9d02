//! What the user is told of a run.

use crate::context::Context;
use crate::error::CommandError;
use crate::runs::Header;
use crate::ui::{Live, counted, number};

/// The command that audits this run.
pub(crate) fn audit_command(context: &Context<'_>, header: &Header) -> String {
    context.command(&format!("audit --run {}", header.run))
}

/// The end of a run that the user does not wait for any more while it is sent. `sent` of its orders are
/// confirmed.
pub(crate) fn detached(context: &Context<'_>, header: &Header, sent: u64) -> CommandError {
    let are = if sent == 1 { "is" } else { "are" };
    let orders = counted(header.count, "order");
    let so_far = format!("{} of {orders} {are} sent", number(sent));
    interrupted(context, header, &so_far)
}

/// The same of a run all of which is sent. `live` is what was shown last.
pub(super) fn detached_at(context: &Context<'_>, header: &Header, live: &Live) -> CommandError {
    interrupted(context, header, &live.counts())
}

fn interrupted(context: &Context<'_>, header: &Header, so_far: &str) -> CommandError {
    CommandError::interrupted(format!("interrupted; {so_far}, and processing continues")).hint(
        format!("{} shows where they are.", audit_command(context, header)),
    )
}
