//! Policy documents: trust and identity policies, parsed and checked.
//!
//! Every stored policy is kept with its parsed form ([`Policy`]), so that evaluation never parses. The
//! grammar is in the IAM User Guide, "Grammar of the IAM JSON policy language".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::condition::{Condition, Operator};
use crate::error::AwsError;

/// A policy: its text and its parsed document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Policy {
    text: String,
    /// Shared with those who evaluate it, which they do after unlocking what holds it.
    document: Arc<Document>,
}

impl Policy {
    /// The text exactly as it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The size that IAM's quotas count: the characters of the text without white space.
    pub(super) fn size(&self) -> usize {
        let letters = self.text.chars();
        letters.filter(|letter| !letter.is_whitespace()).count()
    }

    /// The parsed document.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// Parses a role's trust policy.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub fn trust(text: &str) -> Result<Self, AwsError> {
        let policy = Self::try_from(text.to_owned())?;
        for statement in &policy.document.statements {
            statement.check_trust()?;
            statement.check_conditions()?;
        }
        Ok(policy)
    }

    /// Parses an identity policy.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub fn identity(text: &str) -> Result<Self, AwsError> {
        let policy = Self::try_from(text.to_owned())?;
        for statement in &policy.document.statements {
            statement.check_identity()?;
            statement.check_conditions()?;
        }
        Ok(policy)
    }
}

impl TryFrom<String> for Policy {
    type Error = AwsError;

    fn try_from(text: String) -> Result<Self, AwsError> {
        let document = Arc::new(Document::parse(&text)?);
        Ok(Self { text, document })
    }
}

impl From<Policy> for String {
    fn from(policy: Policy) -> Self {
        policy.text
    }
}

/// A parsed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Whether its version is 2012-10-17, in which `${…}` are variables.
    pub has_variables: bool,
    /// Whether it depends on whose a resource is, or on its tags.
    pub has_resource_keys: bool,
    /// Its statements.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// What it does where it applies.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Element<StatementPrincipal>>,
    /// `Action` or `NotAction`.
    pub actions: Option<Element<String>>,
    /// `Resource` or `NotResource`.
    pub resources: Option<Element<String>>,
    /// The conditions that must all hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows, unless another statement denies.
    Allow,
    /// It denies, whatever other statements allow.
    Deny,
}

/// An element of a statement, for example `Action` or `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<T> {
    /// The patterns or principals that it lists.
    pub items: Vec<T>,
    /// Whether it is a `Not…`, which matches where no item does.
    pub is_negated: bool,
}

impl<T> Element<T> {
    /// Whether the element matches, where `matches` says whether one item does.
    pub fn matches(&self, matches: impl FnMut(&T) -> bool) -> bool {
        self.items.iter().any(matches) != self.is_negated
    }
}

/// A principal that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementPrincipal {
    /// `*`
    Anyone,
    /// An account id, the ARN of an account, user, role or session, or the id of a user or role
    /// that was deleted.
    Aws(String),
    /// An AWS service, for example `lambda.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An account's canonical id.
    CanonicalUser(String),
}

impl Document {
    /// Parses a trust or identity policy.
    ///
    /// # Errors
    /// `MalformedPolicyDocument` with AWS's text.
    pub fn parse(text: &str) -> Result<Self, AwsError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|_| malformed("This policy contains invalid Json"))?;
        let Value::Object(fields) = value else {
            return Err(syntax());
        };
        let mut has_variables = false;
        let mut statements = Vec::new();
        for (name, value) in &fields {
            match (name.as_str(), value) {
                ("Version", Value::String(version)) if version == "2012-10-17" => {
                    has_variables = true
                }
                ("Version", Value::String(version)) if version == "2008-10-17" => {}
                ("Id", Value::String(_)) => {}
                ("Statement", Value::Array(list)) => {
                    for statement in list {
                        statements.push(Statement::parse(statement)?);
                    }
                }
                ("Statement", one) => statements.push(Statement::parse(one)?),
                _ => return Err(syntax()),
            }
        }
        if statements.is_empty() {
            return Err(syntax());
        }
        let mut sids: Vec<_> = statements
            .iter()
            .filter_map(|one| one.sid.as_ref())
            .collect();
        sids.sort_unstable();
        if sids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
        Ok(Self {
            has_variables,
            has_resource_keys: statements.iter().any(Statement::has_resource_keys),
            statements,
        })
    }
}

impl Statement {
    fn parse(value: &Value) -> Result<Self, AwsError> {
        let fields = value.as_object().ok_or_else(syntax)?;
        let effect = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(syntax()),
        };
        let mut statement = Self {
            sid: None,
            effect,
            principals: None,
            actions: None,
            resources: None,
            conditions: Vec::new(),
        };
        for (name, value) in fields {
            let is_negated = name.starts_with("Not");
            match name.as_str() {
                "Effect" => {}
                "Sid" => statement.sid = Some(value.as_str().ok_or_else(syntax)?.to_owned()),
                "Action" | "NotAction" => {
                    set(&mut statement.actions, texts(value)?, is_negated)?;
                }
                "Resource" | "NotResource" => {
                    set(&mut statement.resources, texts(value)?, is_negated)?;
                }
                "Principal" | "NotPrincipal" => {
                    set(&mut statement.principals, principals(value)?, is_negated)?;
                }
                "Condition" => statement.conditions = conditions(value)?,
                _ => return Err(syntax()),
            }
        }
        Ok(statement)
    }

    /// Whether it depends on whose a resource is or on its tags, as a key or in a variable.
    fn has_resource_keys(&self) -> bool {
        let keys = self.conditions.iter().map(|condition| &condition.key);
        let values = self.conditions.iter().flat_map(|one| &one.values);
        let resources = self.resources.iter().flat_map(|one| &one.items);
        let mut texts = keys.chain(values).chain(resources);
        texts.any(|text| text.to_ascii_lowercase().contains(":resource"))
    }
}

fn set<T>(
    element: &mut Option<Element<T>>,
    items: Vec<T>,
    is_negated: bool,
) -> Result<(), AwsError> {
    match element.replace(Element { items, is_negated }) {
        None => Ok(()),
        // The statement has both `Action` and `NotAction`, for example.
        Some(_) => Err(syntax()),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, AwsError> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(syntax);
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn principals(value: &Value) -> Result<Vec<StatementPrincipal>, AwsError> {
    let Value::Object(kinds) = value else {
        return match value.as_str() {
            Some("*") => Ok(vec![StatementPrincipal::Anyone]),
            _ => Err(syntax()),
        };
    };
    let mut all = Vec::new();
    for (kind, value) in kinds {
        for name in texts(value)? {
            all.push(match kind.as_str() {
                "AWS" if name == "*" => StatementPrincipal::Anyone,
                "AWS" if is_aws_principal(&name) => StatementPrincipal::Aws(name),
                "Service" if name.contains('.') => StatementPrincipal::Service(name),
                "Federated" => StatementPrincipal::Federated(name),
                "CanonicalUser" => StatementPrincipal::CanonicalUser(name),
                "AWS" | "Service" => {
                    let kind = kind.to_ascii_uppercase();
                    return Err(malformed(&format!(
                        "Invalid principal in policy: \"{kind}\":\"{name}\""
                    )));
                }
                _ => return Err(syntax()),
            });
        }
    }
    Ok(all)
}

fn is_aws_principal(name: &str) -> bool {
    let is_account = name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_arn = name.starts_with("arn:aws:iam::") || name.starts_with("arn:aws:sts::");
    is_account || is_arn || is_unique_id(name)
}

/// Whether it is the id of a user or role, or of a role's session.
pub(super) fn is_unique_id(name: &str) -> bool {
    let (id, _) = name.split_once(':').unwrap_or((name, ""));
    let is_id = |prefix| id.starts_with(prefix) && id.len() == 21;
    is_id("AIDA") || is_id("AROA")
}

fn conditions(value: &Value) -> Result<Vec<Condition>, AwsError> {
    let mut all = Vec::new();
    let operators = value.as_object().ok_or_else(syntax)?;
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().unwrap_or(&Map::new()) {
            if !key.contains(':') {
                return Err(malformed(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                ));
            }
            all.push(Condition {
                operator: Operator::parse(operator).ok_or_else(syntax)?,
                key: key.clone(),
                values: scalars(values)?,
            });
        }
        if !keys.is_object() {
            return Err(syntax());
        }
    }
    Ok(all)
}

/// The values of a condition. Numbers and booleans are compared as strings.
fn scalars(value: &Value) -> Result<Vec<String>, AwsError> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(syntax()),
    };
    match value {
        Value::Array(list) => list.iter().map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

pub(super) fn syntax() -> AwsError {
    malformed("Syntax errors in policy.")
}

pub(super) fn malformed(message: &str) -> AwsError {
    AwsError::new("MalformedPolicyDocument", 400, message)
}

#[cfg(test)]
mod tests;
