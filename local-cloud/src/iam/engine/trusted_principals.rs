//! The users and roles that trust policies name. IAM keeps them by their ids: when one is deleted, its
//! id takes the place of its ARN in every trust policy, so that another of the same name is not
//! trusted; when one is renamed, its new ARN does (IAM User Guide, "AWS JSON policy elements:
//! Principal").

use serde_json::Value;

use super::account::{Iam, ROLES, put};
use super::changes::{Changes, Update};
use super::policy::{Policy, StatementPrincipal, is_unique_id};
use super::role::Role;
use crate::error::AwsError;

impl Iam {
    /// Checks that the users and roles of this account exist that a trust policy names.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub(super) fn check_principals(&self, trust: &Policy) -> Result<(), AwsError> {
        let statements = trust.document().statements.iter();
        let principals = statements.flat_map(|one| &one.principals);
        let unknown = principals.flat_map(|all| &all.items).find(|one| match one {
            StatementPrincipal::Aws(name) => !self.is_principal(name),
            _ => false,
        });
        match unknown {
            Some(StatementPrincipal::Aws(name)) => Err(AwsError::new(
                "MalformedPolicyDocument",
                400,
                format!("Invalid principal in policy: \"AWS\":\"{name}\""),
            )),
            _ => Ok(()),
        }
    }

    /// Whether there can be such a principal: one of this account must exist, others cannot be
    /// looked up.
    fn is_principal(&self, name: &str) -> bool {
        let account = self.account();
        let resource = |service: &str| name.strip_prefix(&format!("arn:aws:{service}::{account}:"));
        if let Some(resource) = resource("iam") {
            let last = resource.rsplit('/').next().unwrap_or_default();
            let is_user = || self.user(last).is_ok_and(|user| user.arn == name);
            let is_role = || self.role(last).is_ok_and(|role| role.arn == name);
            return resource == "root" || is_user() || is_role();
        }
        if let Some(resource) = resource("sts") {
            let role = resource.split('/').nth(1).unwrap_or_default();
            return self.role(role).is_ok();
        }
        // The id of a principal that was deleted.
        !is_unique_id(name)
    }

    /// Puts what `replace` says in the place of principals in all trust policies.
    ///
    /// # Errors
    /// When a role cannot be serialized.
    pub(super) fn replace_principals(
        &mut self,
        replace: impl Fn(&str) -> Option<String>,
    ) -> Result<Changes, AwsError> {
        let mut changes = Changes::default();
        for (key, role) in &mut self.roles {
            let Some(trust) = replaced(&role.trust, &replace)? else {
                continue;
            };
            let before = std::mem::replace(&mut role.trust, trust);
            let before = Role {
                trust: before,
                ..role.clone()
            };
            changes.entries.push(put(ROLES, key, role)?);
            changes.updates.push(Update::Role {
                name: key.clone(),
                before: Some(Box::new(before)),
                is_deleted: false,
            });
        }
        Ok(changes)
    }
}

/// The trust policy with its principals replaced; `None` where it names none of them.
fn replaced(
    trust: &Policy,
    replace: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Policy>, AwsError> {
    let names = |principal: &StatementPrincipal| match principal {
        StatementPrincipal::Aws(name) => replace(name).is_some(),
        _ => false,
    };
    let statements = trust.document().statements.iter();
    let mut principals = statements.flat_map(|one| &one.principals);
    if !principals.any(|all| all.items.iter().any(names)) {
        return Ok(None);
    }
    let mut document: Value = serde_json::from_str(trust.text())
        .map_err(|problem| AwsError::internal(problem.to_string()))?;
    for statement in one_or_all(document.get_mut("Statement")) {
        for member in ["Principal", "NotPrincipal"] {
            let named = statement.get_mut(member).and_then(|all| all.get_mut("AWS"));
            for name in one_or_all(named) {
                if let Some(other) = name.as_str().and_then(replace) {
                    *name = Value::String(other);
                }
            }
        }
    }
    Policy::try_from(document.to_string()).map(Some)
}

/// The items of a list, or the one value that stands for a list of one.
fn one_or_all(value: Option<&mut Value>) -> &mut [Value] {
    match value {
        None => &mut [],
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_mut(one),
    }
}

#[cfg(test)]
mod tests;
