//! What callers and roles may do, by their policies as services see them.

use super::identities::{Identities, State};
use super::request_context::{ActingPrincipal, RequestFacts};
use crate::clock::Now;
use crate::iam::RequiredPermission;
use crate::iam::engine::RoleRef;
use crate::iam::engine::evaluate::{Decision, evaluate};
use crate::iam::engine::request_context::RequestContext;
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

impl AccessDenied {
    fn new(caller: &Caller, permission: &RequiredPermission, decision: Decision) -> Self {
        let action = permission.action.clone();
        let reason = if decision == Decision::ExplicitDeny {
            "with an explicit deny in an identity-based policy".to_owned()
        } else {
            format!("because no identity-based policy allows the {action} action")
        };
        Self {
            caller: caller.arn.clone(),
            action,
            resource: permission.resource.clone(),
            reason,
        }
    }
}

impl Identities {
    /// Checks that the caller has all these permissions. The owner has every permission, other callers
    /// those that the policies of their user or role allow.
    ///
    /// # Errors
    /// For the first that the caller does not have.
    pub(crate) fn authorize(
        &self,
        caller: &Caller,
        permissions: &[RequiredPermission],
        request: RequestFacts<'_>,
    ) -> Result<(), AccessDenied> {
        if caller.is_owner() {
            return Ok(());
        }
        let now = self.clock.now();
        let principal = self.lock().principal(caller, now);
        let context = principal
            .as_ref()
            .map(|principal| self.context(principal, Some(request), now));
        for permission in permissions {
            let decision = match (&principal, &context) {
                (Some(principal), Some(context)) => {
                    self.decide(principal, permission, context.clone())
                }
                _ => Decision::ImplicitDeny,
            };
            if decision != Decision::Allowed {
                return Err(AccessDenied::new(caller, permission, decision));
            }
        }
        Ok(())
    }

    /// Whether a service that acts for a role has a permission.
    pub(crate) fn role_may(&self, role: RoleRef<'_>, permission: &RequiredPermission) -> bool {
        let now = self.clock.now();
        let principal = {
            let state = self.lock();
            let role = state.role(role, now);
            // The service takes new credentials of the role when the last ones are refused.
            role.map(|role| ActingPrincipal::role(&state.iam, role, &role.id, Some(now.wall)))
        };
        principal.is_some_and(|principal| {
            let context = self.context(&principal, None, now);
            self.decide(&principal, permission, context) == Decision::Allowed
        })
    }

    /// What the principal's policies say, with nothing locked.
    pub(super) fn decide(
        &self,
        principal: &ActingPrincipal,
        permission: &RequiredPermission,
        context: RequestContext,
    ) -> Decision {
        let mut documents = principal.documents.iter();
        let context = if documents.any(|document| document.has_resource_keys) {
            self.with_resource(context, permission)
        } else {
            context
        };
        let documents = principal.documents.iter().map(AsRef::as_ref);
        evaluate(documents, permission, context)
    }
}

impl State {
    /// The user or role of a caller as services see it; `None` for the owner, and for one that was
    /// deleted, even where another has its name.
    pub(super) fn principal(&self, caller: &Caller, now: Now) -> Option<ActingPrincipal> {
        match &caller.principal {
            Principal::Owner => None,
            Principal::User(name) => {
                let user = self.service_propagation.user(&self.iam, name, now.lab)?;
                (user.id == caller.user_id).then(|| ActingPrincipal::user(&self.iam, user))
            }
            Principal::Role(arn) => {
                let role = self.role_by_arn(arn, now)?;
                let (id, _session) = caller.user_id.split_once(':')?;
                let principal =
                    || ActingPrincipal::role(&self.iam, role, &caller.user_id, caller.issued);
                (role.id == id).then(principal)
            }
        }
    }
}
