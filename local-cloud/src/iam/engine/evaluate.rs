//! The decision that identity policies make about an action. From the IAM User Guide, "Policy
//! evaluation logic": an action is implicitly denied unless a statement allows it, and an explicit
//! deny overrides every allow.

use super::policy::{Document, Effect, Element, Statement};
use super::request_context::{RequestContext, UnknownVariable};
use super::truth::Truth;
use crate::service::RequiredPermission;
use crate::wildcard::Pattern;

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
    let context = context.of(permission);
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

/// Whether the statement applies to the permission. One that depends on what cannot be told does
/// not allow, and denies.
fn applies(
    statement: &Statement,
    policy: &Document,
    permission: &RequiredPermission,
    context: &RequestContext,
) -> bool {
    let resources = statement.resources.as_ref();
    statement.matches_action(&permission.action)
        && statement.takes_effect(|| {
            let resource = resources.map_or(Truth::No, |resources| {
                matches_resource(resources, policy, &permission.resource, context)
            });
            let conditions = statement.conditions.iter();
            let conditions = conditions.map(|one| one.holds(context, policy.has_variables));
            Truth::all(std::iter::once(resource).chain(conditions))
        })
}

fn matches_resource(
    resources: &Element<String>,
    policy: &Document,
    resource: &str,
    context: &RequestContext,
) -> Truth {
    let matches = |text: &String| match context.pattern(text, policy.has_variables) {
        Ok(Some(pattern)) => pattern.matches_arn(resource).into(),
        // A variable without value matches nothing, but `NotResource` must not match all for it.
        Ok(None) if !resources.is_negated => Truth::No,
        Ok(None) | Err(UnknownVariable) => Truth::Unknown,
    };
    Truth::any(resources.items.iter().map(matches)).negated_if(resources.is_negated)
}

impl Statement {
    /// Whether it is about this action, whatever its case.
    pub(super) fn matches_action(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let matches =
            |pattern: &String| Pattern::new(&pattern.to_ascii_lowercase()).matches(&action);
        let actions = self.actions.as_ref();
        actions.is_some_and(|actions| actions.matches(matches))
    }

    /// Whether it has its effect where the rest of it holds as `truth` says.
    pub(super) fn takes_effect(&self, truth: impl FnOnce() -> Truth) -> bool {
        match (truth(), self.effect) {
            (Truth::Yes, _) | (Truth::Unknown, Effect::Deny) => true,
            (Truth::No, _) | (Truth::Unknown, Effect::Allow) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::engine::policy::Policy;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders-queue";

    fn decision(statements: &str, permission: &RequiredPermission) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::identity(&text).expect("a policy");
        evaluate(
            [&**policy.document()],
            permission,
            RequestContext::default(),
        )
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

    #[test]
    fn what_cannot_be_told_never_allows_and_always_denies() {
        let get = RequiredPermission::new("dynamodb:GetItem", "arn:aws:dynamodb:r:a:table/t");
        let condition =
            r#""Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"mine"}}"#;
        let allow =
            format!(r#"{{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",{condition}}}"#);
        let deny = format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},
               {{"Effect":"Deny","Action":"dynamodb:*","Resource":"*",{condition}}}"#
        );
        assert_eq!(decision(&allow, &get), Decision::ImplicitDeny);
        assert_eq!(decision(&deny, &get), Decision::ExplicitDeny);
        let mine = get.clone().when("dynamodb:LeadingKeys", "mine");
        assert_eq!(decision(&allow, &mine), Decision::Allowed);
        let theirs = get.when("dynamodb:LeadingKeys", "theirs");
        assert_eq!(decision(&allow, &theirs), Decision::ImplicitDeny);
        assert_eq!(decision(&deny, &theirs), Decision::Allowed);
    }

    #[test]
    fn a_variable_without_value_matches_no_resource_and_excludes_all() {
        let resource = |element: &str, effect: &str| {
            format!(
                r#"{{"Effect":"{effect}","Action":"*","{element}":"arn:aws:sqs:*:*:${{aws:username}}"}}"#
            )
        };
        let allow = |element: &str| decision(&resource(element, "Allow"), &send());
        assert_eq!(allow("Resource"), Decision::ImplicitDeny);
        assert_eq!(allow("NotResource"), Decision::ImplicitDeny);
        let deny = |element: &str| {
            let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
            decision(&format!("{all},{}", resource(element, "Deny")), &send())
        };
        assert_eq!(deny("Resource"), Decision::Allowed);
        assert_eq!(deny("NotResource"), Decision::ExplicitDeny);
    }
}
