//! The ARNs of tables. Those that dynoxide writes have a fixed region and account.

use crate::location::Location;

/// How every ARN begins that dynoxide writes.
const DYNOXIDE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// Translates between the ARNs of this cloud and those of dynoxide.
#[derive(Debug, Clone)]
pub(super) struct Arns {
    /// How every ARN of this cloud's DynamoDB begins.
    prefix: String,
}

impl Arns {
    /// The ARNs of a cloud at this location.
    pub(super) fn new(location: &Location) -> Self {
        Self {
            prefix: location.arn("dynamodb", ""),
        }
    }

    /// The ARN of the table with this name.
    pub(super) fn of_table(&self, name: &str) -> String {
        format!("{}table/{name}", self.prefix)
    }

    /// The text with dynoxide's ARNs replaced by this cloud's.
    pub(super) fn to_cloud(&self, text: &str) -> String {
        text.replace(DYNOXIDE, &self.prefix)
    }

    /// The text with this cloud's ARNs replaced by dynoxide's.
    pub(super) fn to_dynoxide(&self, text: &str) -> String {
        text.replace(&self.prefix, DYNOXIDE)
    }
}

/// The ARN by which dynoxide knows the table with this name.
pub(super) fn dynoxide_arn(table: &str) -> String {
    format!("{DYNOXIDE}table/{table}")
}
