//! Members of inputs, owned.

use crate::error::AwsError;
use crate::protocol::query::Params;

/// The text of a member where it was sent.
pub(super) fn optional(params: &Params, member: &str) -> Option<String> {
    params.text(member).map(str::to_owned)
}

/// The text of a member that the operation requires.
///
/// # Errors
/// `ValidationError` when it was not sent.
pub(super) fn required(params: &Params, member: &str) -> Result<String, AwsError> {
    params.require(member).map(str::to_owned)
}
