//! Whom a role's trust policy lets assume the role.
//!
//! Evaluated without the caller's own policies: what those allow is decided elsewhere.

use super::condition::Context;
use super::policy::{Document, Effect, Principal, Statement};
use crate::wildcard::Pattern;

/// Who asks to assume a role.
#[derive(Debug, Clone, Copy)]
pub enum Applicant<'a> {
    /// An AWS service, for example `lambda.amazonaws.com`, on behalf of this account.
    Service {
        /// The service.
        name: &'a str,
        /// The account for whose resource it asks.
        account: &'a str,
    },
    /// A signed request's caller.
    Caller {
        /// The caller's ARN.
        arn: &'a str,
        /// The ARN of the role behind it, for a session.
        role_arn: Option<&'a str>,
        /// The caller's account.
        account: &'a str,
        /// `sts:ExternalId`, where it was sent.
        external_id: Option<&'a str>,
    },
}

/// Whether the trust policy lets the applicant assume the role: one statement allows it and none
/// denies it.
pub fn trusts(policy: &Document, applicant: Applicant<'_>) -> bool {
    let context = applicant.context();
    let mut allowed = false;
    for statement in &policy.statements {
        let mut conditions = statement.conditions.iter();
        let holds = conditions.all(|one| one.holds(&context, policy.has_variables));
        if !holds || !names(statement, applicant) {
            continue;
        }
        match statement.effect {
            Effect::Allow => allowed = true,
            Effect::Deny => return false,
        }
    }
    allowed
}

/// Whether the trust policy names the caller's own role or session, and not just its account.
pub fn names_directly(policy: &Document, applicant: Applicant<'_>) -> bool {
    let Applicant::Caller { arn, role_arn, .. } = applicant else {
        return false;
    };
    let named = |principal: &Principal| match principal {
        Principal::Aws(named) => named == arn || role_arn == Some(named),
        _ => false,
    };
    policy.statements.iter().any(|statement| {
        let principals = statement.principals.as_ref();
        statement.effect == Effect::Allow
            && principals.is_some_and(|all| !all.negated && all.items.iter().any(named))
    })
}

impl Applicant<'_> {
    /// What conditions may ask of it.
    fn context(self) -> Context {
        let mut values = Vec::new();
        match self {
            Self::Service { account, .. } => {
                values.push(("aws:SourceAccount", account.to_owned()));
                values.push(("aws:PrincipalIsAWSService", "true".to_owned()));
            }
            Self::Caller {
                arn,
                role_arn,
                account,
                external_id,
            } => {
                values.push(("aws:PrincipalArn", role_arn.unwrap_or(arn).to_owned()));
                values.push(("aws:PrincipalAccount", account.to_owned()));
                values.push(("aws:PrincipalIsAWSService", "false".to_owned()));
                let external_id = external_id.map(|id| ("sts:ExternalId", id.to_owned()));
                values.extend(external_id);
            }
        }
        Context::new(values)
    }
}

fn names(statement: &Statement, applicant: Applicant<'_>) -> bool {
    let of_action =
        |pattern: &String| Pattern::new(&pattern.to_ascii_lowercase()).matches("sts:assumerole");
    let actions = statement.actions.as_ref();
    let principals = statement.principals.as_ref();
    actions.is_some_and(|actions| actions.matches(of_action))
        && principals.is_some_and(|all| all.matches(|one| is(one, applicant)))
}

fn is(principal: &Principal, applicant: Applicant<'_>) -> bool {
    match (principal, applicant) {
        // A service is never meant by `*`: services are named.
        (Principal::Anyone, Applicant::Caller { .. }) => true,
        (Principal::Service(service), Applicant::Service { name, .. }) => service == name,
        (
            Principal::Aws(named),
            Applicant::Caller {
                arn,
                role_arn,
                account,
                ..
            },
        ) => {
            named == arn
                || role_arn == Some(named)
                || named == account
                || *named == format!("arn:aws:iam::{account}:root")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
