//! The evaluator against the second one, on random policies and requests over few words, so that they
//! meet often.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::iam::engine::evaluate::evaluate;
use crate::iam::engine::policy::Document;
use crate::iam::engine::request_context::RequestContext;
use crate::service::{ContextValue, RequiredPermission};

const ACTIONS: [&str; 4] = [
    "sqs:SendMessage",
    "sqs:sendmessage",
    "sqs:ReceiveMessage",
    "iam:PassRole",
];
const PATTERNS: [&str; 7] = [
    "*",
    "sqs:*",
    "SQS:Send*",
    "sqs:?endMessage",
    "*:*Message",
    "iam:PassRole",
    "s3:*",
];
const RESOURCES: [&str; 4] = [
    "arn:aws:sqs:us-east-1:000000000000:q",
    "arn:aws:sqs:us-east-1:000000000000:ann/q",
    "arn:aws:iam::000000000000:role/a*b",
    "*",
];
const RESOURCE_PATTERNS: [&str; 9] = [
    "*",
    "arn:aws:sqs:*:*:*",
    "arn:aws:sqs:us-east-1:000000000000:q",
    "arn:aws:sqs:*:000000000000:${x:name}/*",
    "arn:aws:sqs:*",
    "arn:aws:sqs:us-east-1:*q",
    "arn:aws:iam::*:role/${x:name, 'a*b'}",
    "arn:aws:iam::000000000000:role/a?b",
    "${x:missing}",
];
const OPERATORS: [&str; 26] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnLike",
    "ArnNotEquals",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateLessThan",
    "DateNotEquals",
    "DateGreaterThanEquals",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringNotEquals",
    "ForAnyValue:NumericLessThanIfExists",
];
const VALUES: [&str; 14] = [
    "ann",
    "ANN",
    "a*",
    "*",
    "?",
    "10",
    "9.5",
    "ten",
    "true",
    "2026-01-31T12:00:00Z",
    "2026-01-31",
    "10.0.0.0/8",
    "${x:name}",
    "${x:missing}",
];
const FOUND: [&str; 9] = [
    "ann",
    "Ann",
    "a*",
    "10",
    "true",
    "2026-01-31T12:00:00Z",
    "10.1.2.3",
    "::1",
    "arn:aws:sqs:us-east-1:000000000000:q",
];
const KEYS: [&str; 4] = ["x:name", "X:Name", "x:other", "x:vague"];

fn one_or_more(of: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let some = prop::collection::vec(prop::sample::select(of), 1..3);
    some.prop_map(|all| {
        if all.len() == 1 {
            json!(all[0])
        } else {
            json!(all)
        }
    })
}

fn condition_block() -> impl Strategy<Value = Option<Value>> {
    let keys =
        prop::collection::btree_map(prop::sample::select(&KEYS[..]), one_or_more(&VALUES), 1..3);
    let block = prop::collection::btree_map(prop::sample::select(&OPERATORS[..]), keys, 1..3);
    prop::option::of(block.prop_map(|block| json!(block)))
}

fn policy_statement() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(&["Allow", "Allow", "Deny"][..]);
    let action = (any::<bool>(), one_or_more(&PATTERNS));
    let resource = (any::<bool>(), one_or_more(&RESOURCE_PATTERNS));
    (effect, action, resource, condition_block()).prop_map(
        |(effect, action, resource, condition)| {
            let mut statement = json!({"Effect": effect});
            statement[if action.0 { "Action" } else { "NotAction" }] = action.1;
            statement[if resource.0 {
                "Resource"
            } else {
                "NotResource"
            }] = resource.1;
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

fn policy() -> impl Strategy<Value = Value> {
    let version = prop::sample::select(&["2012-10-17", "2012-10-17", "2008-10-17"][..]);
    let statements = prop::collection::vec(policy_statement(), 1..4);
    (version, statements)
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

/// Values of a key: none where it is absent.
fn values() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&FOUND[..]), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn both_evaluators_decide_alike(
        policies in prop::collection::vec(policy(), 1..3),
        action in prop::sample::select(&ACTIONS[..]),
        resource in prop::sample::select(&RESOURCES[..]),
        name in values(),
        other in values(),
    ) {
        let mut context = RequestContext::default().with("x:vague", ContextValue::Unknown);
        let mut keys = BTreeMap::from([("x:vague".to_owned(), Vec::new())]);
        for (key, values) in [("x:name", name), ("x:other", other)] {
            for value in values {
                context = context.when(key, value);
                keys.entry(key.to_owned()).or_default().push(value.to_owned());
            }
        }
        let parsed: Vec<Document> = policies
            .iter()
            .map(|policy| Document::parse(&policy.to_string()).unwrap())
            .collect();
        let permission = RequiredPermission::new(action, resource);
        let request = Request {
            action: action.to_owned(),
            resource: resource.to_owned(),
            keys,
        };
        let ours = evaluate(&parsed, &permission, context);
        prop_assert_eq!(ours, decide(&policies, &request), "{:?}", policies);
    }
}
