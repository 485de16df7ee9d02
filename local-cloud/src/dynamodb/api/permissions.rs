//! The permissions that requests to DynamoDB require.

use crate::dynamodb::arns::Arns;
use crate::iam::RequiredPermission;

/// The permission for an action on the resource with this ARN.
pub(super) fn on_arn(action: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("dynamodb:{action}"), arn)
}

/// The permission for an action on a table, named by its name or its ARN; on anything where the
/// name is empty.
pub(super) fn on_table(action: &str, table: &str, arns: &Arns) -> RequiredPermission {
    on_arn(action, table_arn(table, arns))
}

/// The permission for an action on an index of a table, or on the table.
pub(super) fn on_index(
    action: &str,
    table: &str,
    index: Option<&str>,
    arns: &Arns,
) -> RequiredPermission {
    match index {
        Some(index) if !table.is_empty() && !index.is_empty() => {
            on_arn(action, format!("{}/index/{index}", table_arn(table, arns)))
        }
        _ => on_table(action, table, arns),
    }
}

/// The permission for an action on the resource with the ARN that a request gives; on anything
/// where it gives none.
pub(super) fn on_given(action: &str, arn: Option<&str>, arns: &Arns) -> Vec<RequiredPermission> {
    let arn = arn.filter(|arn| !arn.is_empty()).unwrap_or("*");
    vec![on_arn(action, arns.to_cloud(arn))]
}

/// The permissions for an action on each of the tables; on anything where there is none.
pub(super) fn on_tables(
    action: &str,
    mut tables: Vec<String>,
    arns: &Arns,
) -> Vec<RequiredPermission> {
    // Dynoxide keeps the tables of a batch in no particular order.
    tables.sort_unstable();
    let permissions = tables.iter().map(|table| on_table(action, table, arns));
    or_any(action, permissions.collect())
}

/// These permissions; where there is none, the permission for the action on anything.
pub(super) fn or_any(
    action: &str,
    permissions: Vec<RequiredPermission>,
) -> Vec<RequiredPermission> {
    if permissions.is_empty() {
        vec![on_arn(action, "*")]
    } else {
        permissions
    }
}

fn table_arn(table: &str, arns: &Arns) -> String {
    match table {
        "" => "*".to_owned(),
        arn if arn.starts_with("arn:") => arns.to_cloud(arn),
        name => arns.of_table(name),
    }
}
