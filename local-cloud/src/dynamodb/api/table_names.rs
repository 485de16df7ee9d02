//! Tables that requests name by their ARNs, which AWS takes in the place of names since 2024 and
//! dynoxide does not. The names take their place before a request is read; what is not the ARN of a
//! table of this account and region stays, and is refused.

use serde_json::{Map, Value};

use crate::dynamodb::arns::Arns;

/// The body with names for ARNs; `None` where it has no such ARN.
pub(super) fn named(body: &str, arns: &Arns) -> Option<String> {
    if !body.contains(&arns.of_table("")) {
        return None;
    }
    let mut body: Value = serde_json::from_str(body).ok()?;
    let members = body.as_object_mut()?;
    name_member(members, arns);
    if let Some(Value::Array(items)) = members.get_mut("TransactItems") {
        let items = items.iter_mut().filter_map(Value::as_object_mut);
        let parts = items.flat_map(|item| item.values_mut());
        parts
            .filter_map(Value::as_object_mut)
            .for_each(|part| name_member(part, arns));
    }
    if let Some(Value::Object(batch)) = members.get_mut("RequestItems") {
        name_keys(batch, arns);
    }
    Some(body.to_string())
}

fn name_member(members: &mut Map<String, Value>, arns: &Arns) {
    if let Some(Value::String(table)) = members.get_mut("TableName")
        && let Ok(name) = arns.table(table)
    {
        *table = name.to_owned();
    }
}

/// Names the keys of a batch. A table that is there under its name, too, stays under its ARN, which is
/// refused.
fn name_keys(batch: &mut Map<String, Value>, arns: &Arns) {
    let given = std::mem::take(batch);
    let taken: Vec<String> = given.keys().cloned().collect();
    for (key, value) in given {
        let name = arns.table(&key).ok().map(str::to_owned);
        let free = name.filter(|name| !taken.contains(name));
        batch.insert(free.unwrap_or(key), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::location::Location;

    #[test]
    fn only_names_of_tables_are_replaced() {
        let arns = Arns::new(&Location::new("111122223333", "eu-west-1"));
        let arn = arns.of_table("orders");
        let item = json!({"TableName": {"S": arn}});
        let body = json!({
            "TableName": arn, "Item": item,
            "TransactItems": [{"Put": {"TableName": arn, "Item": item}}],
            "RequestItems": {&arn: [], "other": []},
        });
        let expected = json!({
            "TableName": "orders", "Item": item,
            "TransactItems": [{"Put": {"TableName": "orders", "Item": item}}],
            "RequestItems": {"orders": [], "other": []},
        });
        let named_body = named(&body.to_string(), &arns).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&named_body).unwrap(),
            expected
        );
        let elsewhere = arn.replace("eu-west-1", "us-east-1");
        assert_eq!(
            named(&json!({"TableName": elsewhere}).to_string(), &arns),
            None
        );
        let twice = json!({"RequestItems": {&arn: [], "orders": []}});
        let read: Value = serde_json::from_str(&named(&twice.to_string(), &arns).unwrap()).unwrap();
        assert_eq!(read["RequestItems"].as_object().unwrap().len(), 2);
    }
}
