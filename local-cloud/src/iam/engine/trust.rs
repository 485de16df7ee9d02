//! Who may assume a role by its trust policy. The caller's own policies are evaluated elsewhere.

use super::policy::{Document, Effect, Statement, StatementPrincipal};
use super::request_context::RequestContext;
use super::truth::Truth;
use crate::service::RequiredPermission;

/// Who requests to assume a role.
#[derive(Debug, Clone, Copy)]
pub enum Requester<'a> {
    /// An AWS service, for example `lambda.amazonaws.com`.
    Service(&'a str),
    /// A signed request's caller.
    Caller {
        /// The caller's ARN.
        arn: &'a str,
        /// The ARN of the role whose session the caller is; `None` for other callers.
        role_arn: Option<&'a str>,
        /// The caller's account.
        account: &'a str,
    },
}

/// What a trust policy says of a requester.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// A statement denies it.
    Denied,
    /// No statement allows it.
    Untrusted,
    /// Statements allow it to everyone in the account, which leaves it to the caller's own policies.
    ByAccount,
    /// A statement allows it to this service, or to the caller's own user, role or session.
    ByName,
}

/// Evaluates a trust policy for `permission`, which names the action.
pub fn evaluate(
    policy: &Document,
    requester: Requester<'_>,
    permission: &RequiredPermission,
    context: RequestContext,
) -> Trust {
    let context = context.of(permission);
    let mut trust = Trust::Untrusted;
    for statement in &policy.statements {
        let by = names(statement, requester);
        let applies = by != Trust::Untrusted
            && statement.matches_action(&permission.action)
            && statement.takes_effect(|| {
                let conditions = statement.conditions.iter();
                Truth::all(conditions.map(|one| one.holds(&context, policy.has_variables)))
            });
        match statement.effect {
            _ if !applies => {}
            Effect::Deny => return Trust::Denied,
            Effect::Allow if trust == Trust::ByName => {}
            Effect::Allow => trust = by,
        }
    }
    trust
}

/// How the statement's principals name the requester, if they do.
fn names(statement: &Statement, requester: Requester<'_>) -> Trust {
    let Some(principals) = &statement.principals else {
        return Trust::Untrusted;
    };
    let ways = || principals.items.iter().map(|one| way(one, requester));
    let any = |wanted: Trust| ways().any(|way| way == wanted);
    match principals.is_negated {
        false if any(Trust::ByName) => Trust::ByName,
        false if any(Trust::ByAccount) => Trust::ByAccount,
        false => Trust::Untrusted,
        true if any(Trust::ByName) || any(Trust::ByAccount) => Trust::Untrusted,
        // Everyone else is not a name.
        true => Trust::ByAccount,
    }
}

fn way(principal: &StatementPrincipal, requester: Requester<'_>) -> Trust {
    match (principal, requester) {
        // `*` does not include services.
        (StatementPrincipal::Anyone, Requester::Caller { .. }) => Trust::ByAccount,
        (StatementPrincipal::Service(service), Requester::Service(name)) if service == name => {
            Trust::ByName
        }
        (
            StatementPrincipal::Aws(named),
            Requester::Caller {
                arn,
                role_arn,
                account,
            },
        ) => {
            if named == arn || role_arn == Some(named) {
                Trust::ByName
            } else if named == account || *named == format!("arn:aws:iam::{account}:root") {
                Trust::ByAccount
            } else {
                Trust::Untrusted
            }
        }
        _ => Trust::Untrusted,
    }
}

#[cfg(test)]
mod tests;
