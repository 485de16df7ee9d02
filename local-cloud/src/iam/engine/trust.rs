//! Who may assume a role by its trust policy. The caller's own policies are evaluated elsewhere.

use super::condition::RequestContext;
use super::policy::{Document, Effect, Statement, StatementPrincipal};
use crate::wildcard::Pattern;

/// Who requests to assume a role.
#[derive(Debug, Clone, Copy)]
pub enum Requester<'a> {
    /// An AWS service, for example `lambda.amazonaws.com`, on behalf of this account.
    Service {
        /// Its service principal.
        name: &'a str,
        /// The account of the resource that it acts for.
        account: &'a str,
    },
    /// A signed request's caller.
    Caller {
        /// The caller's ARN.
        arn: &'a str,
        /// The ARN of the role whose session the caller is; `None` for other callers.
        role_arn: Option<&'a str>,
        /// The caller's account.
        account: &'a str,
        /// `sts:ExternalId` where it was sent.
        external_id: Option<&'a str>,
    },
}

/// Whether the trust policy lets the requester assume the role: a statement allows it and none denies
/// it.
pub fn trusts(policy: &Document, requester: Requester<'_>) -> bool {
    let context = requester.context();
    let mut allowed = false;
    for statement in &policy.statements {
        let mut conditions = statement.conditions.iter();
        let holds = conditions.all(|one| one.holds(&context, policy.has_variables));
        if !holds || !names(statement, requester) {
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
pub fn names_directly(policy: &Document, requester: Requester<'_>) -> bool {
    let Requester::Caller { arn, role_arn, .. } = requester else {
        return false;
    };
    let named = |principal: &StatementPrincipal| match principal {
        StatementPrincipal::Aws(named) => named == arn || role_arn == Some(named),
        _ => false,
    };
    policy.statements.iter().any(|statement| {
        let principals = statement.principals.as_ref();
        statement.effect == Effect::Allow
            && principals.is_some_and(|all| !all.is_negated && all.items.iter().any(named))
    })
}

impl Requester<'_> {
    /// The condition keys of its request.
    fn context(self) -> RequestContext {
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
                values.extend(external_id.map(|id| ("sts:ExternalId", id.to_owned())));
            }
        }
        RequestContext::new(values)
    }
}

fn names(statement: &Statement, requester: Requester<'_>) -> bool {
    let matches_action =
        |pattern: &String| Pattern::new(&pattern.to_ascii_lowercase()).matches("sts:assumerole");
    let actions = statement.actions.as_ref();
    let principals = statement.principals.as_ref();
    actions.is_some_and(|actions| actions.matches(matches_action))
        && principals.is_some_and(|all| all.matches(|one| is_principal(one, requester)))
}

fn is_principal(principal: &StatementPrincipal, requester: Requester<'_>) -> bool {
    match (principal, requester) {
        // `*` does not include services.
        (StatementPrincipal::Anyone, Requester::Caller { .. }) => true,
        (StatementPrincipal::Service(service), Requester::Service { name, .. }) => service == name,
        (
            StatementPrincipal::Aws(named),
            Requester::Caller {
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
