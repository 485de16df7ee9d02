//! What callers and roles may do, by their policies as services see them.

use jiff::Timestamp;

use super::identities::{Identities, State};
use crate::clock::{Now, WallMs};
use crate::iam::engine::condition::RequestContext;
use crate::iam::engine::evaluate::{Decision, RequiredPermission, evaluate};
use crate::iam::engine::{PrincipalPolicies, RoleRef};
use crate::protocol::http::{Caller, Principal};

/// The caller does not have a permission. Its text is AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}")]
pub(crate) struct AccessDenied {
    caller: String,
    action: String,
    resource: String,
    reason: String,
}

/// The role or user whose policies decide.
pub(super) struct ActingPrincipal<'a> {
    arn: &'a str,
    /// `AssumedRole` or `User`.
    kind: &'static str,
    user_id: &'a str,
    user_name: Option<&'a str>,
    policies: &'a PrincipalPolicies,
}

impl Identities {
    /// Checks that the caller has a permission. The owner has every permission, other callers those
    /// that the policies of their user or role allow.
    ///
    /// # Errors
    /// When the caller does not have it.
    pub(crate) fn authorize(
        &self,
        caller: &Caller,
        permission: &RequiredPermission,
    ) -> Result<(), AccessDenied> {
        if caller.is_owner() {
            return Ok(());
        }
        let (state, now) = (self.lock(), self.clock.now());
        let decision = match state.principal(caller, now) {
            Some(principal) => self.evaluate(&principal, permission, now),
            None => Decision::ImplicitDeny,
        };
        let RequiredPermission {
            action, resource, ..
        } = permission;
        let reason = match decision {
            Decision::Allowed => return Ok(()),
            Decision::ImplicitDeny => {
                format!("because no identity-based policy allows the {action} action")
            }
            Decision::ExplicitDeny => {
                "with an explicit deny in an identity-based policy".to_owned()
            }
        };
        Err(AccessDenied {
            caller: caller.arn.clone(),
            action: action.clone(),
            resource: resource.clone(),
            reason,
        })
    }

    /// Whether a service that acts for a role has a permission.
    pub(crate) fn role_may(&self, role: RoleRef<'_>, permission: &RequiredPermission) -> bool {
        let (state, now) = (self.lock(), self.clock.now());
        let Some(role) = state.role(role, now) else {
            return false;
        };
        let principal = ActingPrincipal {
            arn: &role.arn,
            kind: "AssumedRole",
            user_id: &role.id,
            user_name: None,
            policies: &role.principal_policies,
        };
        self.evaluate(&principal, permission, now) == Decision::Allowed
    }

    pub(super) fn evaluate(
        &self,
        principal: &ActingPrincipal<'_>,
        permission: &RequiredPermission,
        now: Now,
    ) -> Decision {
        let WallMs(now) = now.wall;
        let time = Timestamp::from_millisecond(i64::try_from(now).unwrap_or(i64::MAX));
        let mut values = vec![
            ("aws:CurrentTime", time.unwrap_or_default().to_string()),
            ("aws:EpochTime", (now / 1000).to_string()),
            ("aws:PrincipalAccount", self.account.clone()),
            ("aws:PrincipalArn", principal.arn.to_owned()),
            ("aws:PrincipalType", principal.kind.to_owned()),
            ("aws:SecureTransport", "false".to_owned()),
            ("aws:SourceIp", "127.0.0.1".to_owned()),
            ("aws:userid", principal.user_id.to_owned()),
        ];
        if let Some(name) = principal.user_name {
            values.push(("aws:username", name.to_owned()));
        }
        let policies = principal.policies.documents();
        evaluate(policies, permission, RequestContext::new(values))
    }
}

impl State {
    /// The user or role of a caller as services see it; `None` for the owner, and for one that was
    /// deleted.
    pub(super) fn principal<'a>(
        &'a self,
        caller: &'a Caller,
        now: Now,
    ) -> Option<ActingPrincipal<'a>> {
        match &caller.principal {
            Principal::Owner => None,
            Principal::User(name) => {
                let user = self.service_propagation.user(&self.iam, name, now.lab)?;
                (user.id == caller.user_id).then_some(ActingPrincipal {
                    arn: &user.arn,
                    kind: "User",
                    user_id: &user.id,
                    user_name: Some(&user.name),
                    policies: &user.principal_policies,
                })
            }
            Principal::Role(arn) => self.role_by_arn(arn, now).map(|role| ActingPrincipal {
                arn: &role.arn,
                kind: "AssumedRole",
                user_id: &caller.user_id,
                user_name: None,
                policies: &role.principal_policies,
            }),
        }
    }
}
