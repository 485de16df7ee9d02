//! The permissions that requests to DynamoDB require. Tables are given by their names: ARNs were
//! replaced when the request was read. A request whose table cannot be told is refused.

use dynoxide::DynoxideError;

use super::errors::aws_error;
use crate::dynamodb::Tables;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::service::Required;

/// The permission for an action on the resource with this ARN.
pub(super) fn on_arn(action: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("dynamodb:{action}"), arn)
}

/// The permission for an action on a table.
///
/// # Errors
/// `ValidationException` where there is no name.
pub(super) fn on_table(
    action: &str,
    table: &str,
    tables: &Tables,
) -> Result<RequiredPermission, AwsError> {
    if table.is_empty() {
        return Err(constraint("''", "tableName"));
    }
    Ok(on_arn(action, tables.arns().of_table(table)))
}

/// The permission for an action on an index of a table, or on the table.
///
/// # Errors
/// `ValidationException` where there is no name.
pub(super) fn on_index(
    action: &str,
    (table, index): (&str, Option<&str>),
    tables: &Tables,
) -> Result<RequiredPermission, AwsError> {
    let mut permission = on_table(action, table, tables)?;
    if let Some(index) = index.filter(|index| !index.is_empty()) {
        permission.resource = format!("{}/index/{index}", permission.resource);
    }
    Ok(permission)
}

/// These permissions, of which there must be one at least; `member` holds what they are for.
///
/// # Errors
/// `ValidationException`.
pub(super) fn some(permissions: Vec<RequiredPermission>, member: &str) -> Required {
    match permissions.is_empty() {
        true => Err(constraint("'[]'", member)),
        false => Ok(permissions),
    }
}

fn constraint(value: &str, member: &str) -> AwsError {
    let message = format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: \
         Member must have length greater than or equal to 1"
    );
    aws_error(&DynoxideError::ValidationException(message), |text| text)
}
