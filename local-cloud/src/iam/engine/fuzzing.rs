//! Properties of policies and conditions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::{Condition, Operator};
use super::evaluate::{Decision, evaluate};
use super::naive;
use super::policy::{Document, Policy};
use super::request_context::RequestContext;
use super::trust::{self, Requester, Trust};
use super::truth::Truth;
use crate::fuzzing::engines::first_text_line;
use crate::service::{ContextValue, RequiredPermission};

/// A policy document, parsed as an identity policy and as a trust policy: it decides as the second
/// evaluator says, a further statement that denies everything overrides it, and its stored form is
/// parsed as the same.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(policy) = Policy::identity(text) {
        check_identity(&policy);
        let stored = serde_json::to_string(&policy).expect("a string has a JSON form");
        let read: Policy = serde_json::from_str(&stored).expect("it was written here");
        assert_eq!(read, policy);
    }
    if let Ok(policy) = Policy::trust(text) {
        check_trust(policy.document());
    }
}

/// What every request of these properties has.
const KEYS: [(&str, &str); 9] = [
    ("aws:CurrentTime", "2026-01-31T12:00:00Z"),
    ("aws:EpochTime", "1700000000"),
    ("aws:PrincipalAccount", "000000000000"),
    ("aws:PrincipalTag/team", "red*"),
    ("aws:SecureTransport", "false"),
    ("aws:SourceIp", "127.0.0.1"),
    ("aws:TokenIssueTime", "2026-01-31T11:00:00Z"),
    ("aws:UserAgent", "Boto3/1.43 (é)"),
    ("aws:userid", "AROAEXAMPLE:s"),
];

fn check_identity(policy: &Policy) {
    const DENY: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let permissions = [
        RequiredPermission::new(
            "sqs:sendmessage",
            "arn:aws:sqs:us-east-1:000000000000:orders-queue",
        ),
        RequiredPermission::new("iam:PassRole", "arn:aws:iam::000000000000:role/r")
            .when("iam:PassedToService", "lambda.amazonaws.com"),
        RequiredPermission::new("sqs:ListQueues", "*"),
        RequiredPermission::new(
            "dynamodb:BatchGetItem",
            "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
        )
        .when("dynamodb:LeadingKeys", "mine")
        .when("dynamodb:LeadingKeys", "theirs")
        .with("dynamodb:Attributes", ContextValue::Unknown)
        .with("dynamodb:EnclosingOperation", ContextValue::Absent)
        .with("dynamodb:ReturnConsumedCapacity", ContextValue::Absent)
        .with("dynamodb:Select", ContextValue::Absent),
    ];
    let context = || RequestContext::new(KEYS.map(|(key, value)| (key, value.to_owned())));
    let deny = Document::parse(DENY).expect("it is a policy");
    let document = &**policy.document();
    let json = [serde_json::from_str(policy.text()).expect("it was parsed")];
    for permission in permissions {
        let decide =
            |documents: &[&Document]| evaluate(documents.iter().copied(), &permission, context());
        assert_eq!(decide(&[document, &deny]), Decision::ExplicitDeny);
        assert_eq!(decide(&[document, document]), decide(&[document]));
        if is_of_known_keys(&permission, document) && has_no_duplicates(policy.text()) {
            let expected = naive::decide(&json, &request(&permission));
            assert_eq!(decide(&[document]), expected, "{permission:?}");
        }
    }
}

/// The request as the second evaluator has it.
fn request(permission: &RequiredPermission) -> naive::Request {
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in KEYS {
        keys.insert(key.to_ascii_lowercase(), vec![value.to_owned()]);
    }
    for (key, value) in &permission.context {
        let key = key.to_ascii_lowercase();
        match value {
            ContextValue::Text(value) => keys.entry(key).or_default().push(value.clone()),
            ContextValue::Unknown => drop(keys.insert(key, Vec::new())),
            ContextValue::Absent => {}
        }
    }
    naive::Request {
        action: permission.action.clone(),
        resource: permission.resource.clone(),
        keys,
    }
}

/// The names of the variables in a text.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once("${")?;
        let (variable, after) = after.split_once('}')?;
        rest = after;
        Some(variable.split(',').next().unwrap_or_default().trim())
    })
}

/// Whether the document mentions no key that is unknown because nobody has said anything of it, which
/// the second evaluator does not know of.
fn is_of_known_keys(permission: &RequiredPermission, document: &Document) -> bool {
    let context = RequestContext::new(KEYS.map(|(key, value)| (key, value.to_owned())));
    let context = context.of(permission);
    let request = request(permission);
    let is_known = |key: &str| {
        let is_unknown = context.find(key) == super::request_context::Found::Unknown;
        let should_be = request.keys.get(&key.to_ascii_lowercase());
        is_unknown == should_be.is_some_and(Vec::is_empty)
    };
    let mut statements = document.statements.iter();
    statements.all(|statement| {
        let conditions = statement.conditions.iter();
        let values = statement.conditions.iter().flat_map(|one| &one.values);
        let resources = statement.resources.iter().flat_map(|one| &one.items);
        let mut variables = values.chain(resources).flat_map(|text| variables(text));
        conditions.map(|one| &*one.key).all(is_known) && variables.all(is_known)
    })
}

/// Whether no object of the text has a member twice, of which readers may take either.
fn has_no_duplicates(text: &str) -> bool {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let quotes = |text: &str| text.matches('"').count();
    quotes(text) == quotes(&value.to_string())
}

fn check_trust(document: &Document) {
    const DENY: &str =
        r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let caller = Requester::Caller {
        arn: "arn:aws:sts::000000000000:assumed-role/r/s",
        role_arn: Some("arn:aws:iam::000000000000:role/r"),
        account: "000000000000",
    };
    let permission =
        RequiredPermission::new("sts:AssumeRole", "arn:aws:iam::000000000000:role/other")
            .when("sts:RoleSessionName", "s")
            .when("sts:ExternalId", "x");
    let context = || RequestContext::new(KEYS.map(|(key, value)| (key, value.to_owned())));
    let trust = |document: &Document, requester| {
        trust::evaluate(document, requester, &permission, context())
    };
    trust(document, Requester::Service("lambda.amazonaws.com"));
    let deny = Document::parse(DENY).expect("it is a policy");
    let mut denied = document.clone();
    denied.statements.extend(deny.statements);
    assert_eq!(trust(&denied, caller), Trust::Denied);
}

/// An operator, then a key's value in a policy, then the values that a request has, on a line each: the
/// condition holds as the second evaluator says.
pub fn conditions(data: &[u8]) {
    let Some((operator, rest)) = first_text_line(data) else {
        return;
    };
    let (value, found) = rest.split_once('\n').unwrap_or((rest, ""));
    let Some(parsed) = Operator::parse(operator) else {
        return;
    };
    let found: Vec<&str> = found.lines().take(4).collect();
    let condition = Condition {
        operator: parsed,
        key: "x:Key".to_owned(),
        values: vec![value.to_owned(), "a*?".to_owned()],
    };
    let found_of = |key: &'static str| found.iter().map(move |value| (key, (*value).to_owned()));
    let names = [("aws:username", "ann*".to_owned())];
    let context = RequestContext::new(found_of("x:Key").chain(names.clone()));
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in found_of("x:key").chain(names) {
        keys.entry(key.to_owned()).or_default().push(value);
    }
    let request = naive::Request {
        keys,
        ..naive::Request::default()
    };
    // Keys that the cloud knows may be unknown for want of a request.
    let is_told = |name: &str| ["aws:username", "*", "?", "$"].contains(&name);
    if !variables(value).all(is_told) {
        return;
    }
    for has_variables in [true, false] {
        let values = &condition.values;
        let expected = naive::condition(operator, "x:Key", values, &request, has_variables);
        let expected = expected.map_or(Truth::Unknown, Truth::from);
        assert_eq!(
            condition.holds(&context, has_variables),
            expected,
            "{condition:?}"
        );
    }
}
