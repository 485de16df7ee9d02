//! Whether policies let somebody do something. From the IAM User Guide, "Policy evaluation
//! logic": what is not allowed is denied, and a denial that is written down outdoes everything.

use super::condition::Context;
use super::policy::{Document, Effect, Statement};
use crate::wildcard::Pattern;

/// One thing that a request does, and that its caller must be allowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPermission {
    /// For example `sqs:SendMessage`.
    pub action: String,
    /// The ARN of what it is done to, or `*` where it is done to nothing in particular.
    pub resource: String,
    /// What policies may ask of this request in particular, by condition key.
    pub context: Vec<(&'static str, String)>,
}

impl RequiredPermission {
    /// The right to this action on this resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            context: Vec::new(),
        }
    }

    /// The same where this condition key has this value.
    #[must_use]
    pub fn when(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }
}

/// What policies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// One allows it and none denies it.
    Allowed,
    /// None speaks of it.
    NotAllowed,
    /// One denies it.
    Denied,
}

/// What identity policies say of a right.
pub fn decide<'a>(
    policies: impl IntoIterator<Item = &'a Document>,
    right: &RequiredPermission,
    context: Context,
) -> Decision {
    let context = context.with(&right.context);
    let mut decision = Decision::NotAllowed;
    for policy in policies {
        let speaks = |statement: &&Statement| applies(statement, policy, right, &context);
        for statement in policy.statements.iter().filter(speaks) {
            match statement.effect {
                Effect::Deny => return Decision::Denied,
                Effect::Allow => decision = Decision::Allowed,
            }
        }
    }
    decision
}

fn applies(
    statement: &Statement,
    policy: &Document,
    right: &RequiredPermission,
    context: &Context,
) -> bool {
    let action = right.action.to_ascii_lowercase();
    let of_action = |pattern: &String| Pattern::new(&pattern.to_ascii_lowercase()).matches(&action);
    let of_resource = |pattern: &String| {
        let pattern = match policy.has_variables {
            true => Pattern::with_variables(pattern, |name| context.variable(name)),
            false => Some(Pattern::new(pattern)),
        };
        pattern.is_some_and(|pattern| pattern.matches_arn(&right.resource))
    };
    let actions = statement.actions.as_ref();
    let resources = statement.resources.as_ref();
    actions.is_some_and(|actions| actions.matches(of_action))
        && resources.is_some_and(|resources| resources.matches(of_resource))
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

    fn decision(statements: &str, right: &RequiredPermission) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::identity(&text).expect("a policy");
        decide([policy.document()], right, Context::default())
    }

    fn send() -> RequiredPermission {
        RequiredPermission::new("sqs:SendMessage", QUEUE)
    }

    #[test]
    fn what_nobody_allows_is_not_allowed() {
        let other = r#"{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"}"#;
        assert_eq!(decision(other, &send()), Decision::NotAllowed);
        let elsewhere = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:other"}"#;
        assert_eq!(decision(elsewhere, &send()), Decision::NotAllowed);
    }

    #[test]
    fn actions_are_matched_without_regard_to_case() {
        let policy = r#"{"Effect":"Allow","Action":"SQS:sendmessage","Resource":"*"}"#;
        assert_eq!(decision(policy, &send()), Decision::Allowed);
        let wild = r#"{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}"#;
        assert_eq!(decision(wild, &send()), Decision::Allowed);
    }

    #[test]
    fn a_denial_outdoes_every_permission() {
        let both = r#"{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"}"#;
        assert_eq!(decision(both, &send()), Decision::Denied);
        let but = r#"{"Effect":"Allow","NotAction":"sqs:SendMessage","Resource":"*"}"#;
        assert_eq!(decision(but, &send()), Decision::NotAllowed);
    }

    #[test]
    fn conditions_look_at_the_request() {
        let policy = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",
            "Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}"#;
        let pass = RequiredPermission::new("iam:PassRole", "arn:aws:iam::000000000000:role/r");
        assert_eq!(decision(policy, &pass), Decision::NotAllowed);
        let to_lambda = pass.when("iam:PassedToService", "lambda.amazonaws.com");
        assert_eq!(decision(policy, &to_lambda), Decision::Allowed);
    }
}
