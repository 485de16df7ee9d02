//! The decision that identity policies make about an action. From the IAM User Guide, "Policy
//! evaluation logic": an action is implicitly denied unless a statement allows it, and an explicit
//! deny overrides every allow.

use super::condition::RequestContext;
use super::policy::{Document, Effect, Statement};
use crate::wildcard::Pattern;

/// A permission that the caller of a request must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPermission {
    /// For example `sqs:SendMessage`.
    pub action: String,
    /// The ARN of the resource, or `*` where the action is on none in particular.
    pub resource: String,
    /// Condition keys that this action has beyond those of every request, with their values.
    pub context: Vec<(&'static str, String)>,
}

impl RequiredPermission {
    /// The permission for this action on this resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            context: Vec::new(),
        }
    }

    /// The same permission with one more condition key.
    #[must_use]
    pub fn when(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }
}

/// What policies say of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allowed,
    /// No statement applies.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

/// Evaluates identity policies for a permission.
pub fn evaluate<'a>(
    policies: impl IntoIterator<Item = &'a Document>,
    permission: &RequiredPermission,
    context: RequestContext,
) -> Decision {
    let context = context.with(&permission.context);
    let mut decision = Decision::ImplicitDeny;
    for policy in policies {
        let matches = |statement: &&Statement| applies(statement, policy, permission, &context);
        for statement in policy.statements.iter().filter(matches) {
            match statement.effect {
                Effect::Deny => return Decision::ExplicitDeny,
                Effect::Allow => decision = Decision::Allowed,
            }
        }
    }
    decision
}

fn applies(
    statement: &Statement,
    policy: &Document,
    permission: &RequiredPermission,
    context: &RequestContext,
) -> bool {
    let action = permission.action.to_ascii_lowercase();
    let matches_action =
        |pattern: &String| Pattern::new(&pattern.to_ascii_lowercase()).matches(&action);
    let matches_resource = |pattern: &String| {
        let pattern = match policy.has_variables {
            true => Pattern::with_variables(pattern, |name| context.variable(name)),
            false => Some(Pattern::new(pattern)),
        };
        pattern.is_some_and(|pattern| pattern.matches_arn(&permission.resource))
    };
    let actions = statement.actions.as_ref();
    let resources = statement.resources.as_ref();
    actions.is_some_and(|actions| actions.matches(matches_action))
        && resources.is_some_and(|resources| resources.matches(matches_resource))
        && statement
            .conditions
            .iter()
            .all(|condition| condition.holds(context, policy.has_variables))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::engine::policy::Policy;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders-queue";

    fn decision(statements: &str, permission: &RequiredPermission) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::identity(&text).expect("a policy");
        evaluate([policy.document()], permission, RequestContext::default())
    }

    fn send() -> RequiredPermission {
        RequiredPermission::new("sqs:SendMessage", QUEUE)
    }

    #[test]
    fn what_no_policy_allows_is_denied() {
        let other = r#"{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"}"#;
        assert_eq!(decision(other, &send()), Decision::ImplicitDeny);
        let elsewhere = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:other"}"#;
        assert_eq!(decision(elsewhere, &send()), Decision::ImplicitDeny);
    }

    #[test]
    fn actions_match_whatever_their_case() {
        let policy = r#"{"Effect":"Allow","Action":"SQS:sendmessage","Resource":"*"}"#;
        assert_eq!(decision(policy, &send()), Decision::Allowed);
        let wild = r#"{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}"#;
        assert_eq!(decision(wild, &send()), Decision::Allowed);
    }

    #[test]
    fn an_explicit_deny_overrides_an_allow() {
        let both = r#"{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"}"#;
        assert_eq!(decision(both, &send()), Decision::ExplicitDeny);
        let but = r#"{"Effect":"Allow","NotAction":"sqs:SendMessage","Resource":"*"}"#;
        assert_eq!(decision(but, &send()), Decision::ImplicitDeny);
    }

    #[test]
    fn conditions_see_the_request_context() {
        let policy = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",
            "Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}"#;
        let pass = RequiredPermission::new("iam:PassRole", "arn:aws:iam::000000000000:role/r");
        assert_eq!(decision(policy, &pass), Decision::ImplicitDeny);
        let to_lambda = pass.when("iam:PassedToService", "lambda.amazonaws.com");
        assert_eq!(decision(policy, &to_lambda), Decision::Allowed);
    }
}
