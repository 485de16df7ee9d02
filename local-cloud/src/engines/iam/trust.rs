//! Whom a role's trust policy lets assume the role.
//!
//! Evaluated without the caller's own policies: what those allow is decided elsewhere.

use super::policy::{Condition, Document, Effect, Principal, Statement};
use super::wildcard::matches;

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
/// denies it. A condition that is not understood never lets anybody in.
pub fn trusts(policy: &Document, applicant: Applicant<'_>) -> bool {
    let mut allowed = false;
    for statement in &policy.statements {
        if !names(statement, applicant) {
            continue;
        }
        match (
            statement.effect,
            conditions_hold(&statement.conditions, applicant),
        ) {
            (Effect::Allow, Some(true)) => allowed = true,
            (Effect::Deny, Some(true) | None) => return false,
            _ => {}
        }
    }
    allowed
}

fn names(statement: &Statement, applicant: Applicant<'_>) -> bool {
    let of_action = |pattern: &String| matches(&pattern.to_ascii_lowercase(), "sts:assumerole");
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

/// `None` when a condition is not understood and the others hold.
fn conditions_hold(conditions: &[Condition], applicant: Applicant<'_>) -> Option<bool> {
    let mut understood = true;
    for condition in conditions {
        match holds(condition, applicant) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => understood = false,
        }
    }
    understood.then_some(true)
}

fn holds(condition: &Condition, applicant: Applicant<'_>) -> Option<bool> {
    let found = match (condition.key.to_ascii_lowercase().as_str(), applicant) {
        ("aws:sourceaccount", Applicant::Service { account, .. }) => Some(account),
        ("aws:sourceaccount", Applicant::Caller { .. }) => None,
        ("aws:principalarn", Applicant::Caller { arn, role_arn, .. }) => {
            Some(role_arn.unwrap_or(arn))
        }
        ("aws:principalaccount", Applicant::Caller { account, .. }) => Some(account),
        ("sts:externalid", Applicant::Caller { external_id, .. }) => external_id,
        _ => return None,
    };
    let one_of = |fits: fn(&str, &str) -> bool| {
        found.is_some_and(|found| condition.values.iter().any(|value| fits(value, found)))
    };
    match condition.operator.as_str() {
        "StringEquals" => Some(one_of(|value, found| value == found)),
        "StringNotEquals" => Some(!one_of(|value, found| value == found)),
        "StringLike" | "ArnLike" | "ArnEquals" => Some(one_of(matches)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
