//! DynamoDB. Transactions need the required_permissions of what they are made of, PartiQL required_permissions of its own.

use serde_json::Value;

use super::partiql::{self, Statement};
use crate::iam::engine::evaluate::RequiredPermission;
use crate::permissions::{Place, has, text};

/// The required_permissions that a request needs.
pub(crate) fn required_permissions(
    place: &Place,
    operation: &str,
    body: &Value,
) -> Vec<RequiredPermission> {
    let right =
        |action: &str, arn: String| RequiredPermission::new(format!("dynamodb:{action}"), arn);
    let on_table = |action: &str, name: &str| right(action, table(place, name));
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body.get("RequestItems").and_then(Value::as_object);
            let names = tables.into_iter().flat_map(|tables| tables.keys());
            or_any(
                operation,
                names.map(|name| on_table(operation, name)).collect(),
            )
        }
        "TransactGetItems" | "TransactWriteItems" => or_any(
            operation,
            members(body, "TransactItems")
                .filter_map(Value::as_object)
                .flatten()
                .filter_map(|(kind, what)| {
                    let action = match kind.as_str() {
                        "ConditionCheck" => "ConditionCheckItem".to_owned(),
                        kind => format!("{kind}Item"),
                    };
                    Some(on_table(&action, text(what, "TableName")?))
                })
                .collect(),
        ),
        "ExecuteStatement" => statement(place, body),
        "BatchExecuteStatement" => or_any(
            operation,
            members(body, "Statements")
                .flat_map(|one| statement(place, one))
                .collect(),
        ),
        "ExecuteTransaction" => or_any(
            operation,
            members(body, "TransactStatements")
                .flat_map(|one| statement(place, one))
                .collect(),
        ),
        "ListTables" | "ListStreams" => vec![right(operation, "*".to_owned())],
        "TagResource" | "UntagResource" | "ListTagsOfResource" => {
            vec![right(operation, arn(body, "ResourceArn"))]
        }
        "DescribeStream" | "GetShardIterator" => vec![right(operation, arn(body, "StreamArn"))],
        "Query" | "Scan" => {
            let arn = match (text(body, "TableName"), text(body, "IndexName")) {
                (Some(name), Some(index)) => format!("{}/index/{index}", table(place, name)),
                (Some(name), None) => table(place, name),
                (None, _) => "*".to_owned(),
            };
            vec![right(operation, arn)]
        }
        _ => {
            let arn = text(body, "TableName").map(|name| table(place, name));
            let arn = arn.unwrap_or_else(|| "*".to_owned());
            let mut required_permissions = vec![right(operation, arn.clone())];
            if operation == "CreateTable" && has(body, "Tags") {
                required_permissions.push(right("TagResource", arn));
            }
            required_permissions
        }
    }
}

/// A request that names nothing that can be made out is about anything.
fn or_any(
    operation: &str,
    mut required_permissions: Vec<RequiredPermission>,
) -> Vec<RequiredPermission> {
    if required_permissions.is_empty() {
        required_permissions.push(RequiredPermission::new(
            format!("dynamodb:{operation}"),
            "*",
        ));
    }
    required_permissions
}

fn members<'a>(body: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    body.get(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// What a statement needs; one that cannot be made out may be any on anything.
fn statement(place: &Place, body: &Value) -> Vec<RequiredPermission> {
    let right =
        |action: &str, arn: &str| RequiredPermission::new(format!("dynamodb:{action}"), arn);
    let read = text(body, "Statement").and_then(Statement::read);
    let Some(Statement {
        action,
        table: name,
        index,
    }) = read
    else {
        let any = |action: &&str| right(action, "*");
        return partiql::ACTIONS.iter().map(any).collect();
    };
    let table = table(place, &name);
    vec![match index {
        None => right(action, &table),
        Some(index) => right(action, &format!("{table}/index/{index}")),
    }]
}

/// A table may be named by its ARN.
fn table(place: &Place, name: &str) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => place.arn("dynamodb", &format!("table/{name}")),
    }
}

fn arn(body: &Value, member: &str) -> String {
    text(body, member).unwrap_or("*").to_owned()
}
