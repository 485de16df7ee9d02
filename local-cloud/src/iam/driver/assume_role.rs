//! `AssumeRole`: whom a role's trust policy and the caller's own policies let assume the role.

use super::identities::{Identities, State};
use crate::clock::Now;
use crate::error::AwsError;
use crate::iam::engine::Role;
use crate::iam::engine::evaluate::{Decision, RequiredPermission};
use crate::iam::engine::sessions::{NewSession, SessionCredentials, SessionLifetime};
use crate::iam::engine::trust::{self, Requester};
use crate::protocol::http::Caller;

/// The input of `AssumeRole`.
#[derive(Debug, Clone)]
pub(crate) struct AssumeRoleRequest {
    /// The role's ARN.
    pub(crate) role_arn: String,
    /// The session's name.
    pub(crate) session_name: String,
    /// How many seconds the session lasts; `None` for an hour.
    pub(crate) seconds: Option<u32>,
    /// `sts:ExternalId`, which the role's trust policy may require.
    pub(crate) external_id: Option<String>,
}

impl Identities {
    /// Creates credentials of a role for a caller who may assume it; they survive a restart. Also
    /// returns the role.
    ///
    /// # Errors
    /// `AccessDenied`, `ValidationError`, or `InternalFailure` when they could not be made durable.
    pub(crate) async fn assume_role(
        &self,
        caller: &Caller,
        request: &AssumeRoleRequest,
    ) -> Result<(SessionCredentials, Role), AwsError> {
        let (credentials, role, durable) = {
            let (mut state, now) = (self.lock(), self.clock.now());
            let role = self.assumable_role(&state, caller, request, now)?.clone();
            let State { sessions, ids, .. } = &mut *state;
            let new = NewSession {
                role: &role,
                account: &self.account,
                name: &request.session_name,
                seconds: role.session_seconds(caller.role_arn().is_some(), request.seconds)?,
                lifetime: SessionLifetime::Durable,
            };
            let (credentials, changes) = sessions.create(&new, now.wall, ids)?;
            (credentials, role, self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok((credentials, role))
    }

    /// The role, where the caller may assume it. As on AWS, the error does not say whether the role
    /// exists.
    fn assumable_role<'a>(
        &self,
        state: &'a State,
        caller: &Caller,
        request: &AssumeRoleRequest,
        now: Now,
    ) -> Result<&'a Role, AwsError> {
        let AssumeRoleRequest {
            role_arn,
            external_id,
            ..
        } = request;
        let permission = RequiredPermission::new("sts:AssumeRole", role_arn);
        let is_allowed = || {
            let principal = state.principal(caller, now);
            caller.is_owner()
                || principal.is_some_and(|principal| {
                    self.evaluate(&principal, &permission, now) == Decision::Allowed
                })
        };
        let requester = Requester::Caller {
            arn: &caller.arn,
            role_arn: caller.role_arn(),
            account: &self.account,
            external_id: external_id.as_deref(),
        };
        let may_assume = |role: &&Role| {
            let policy = role.trust.document();
            // A trust policy that names the caller suffices; one that names the account leaves it
            // to the caller's own policies.
            trust::trusts(policy, requester)
                && (trust::names_directly(policy, requester) || is_allowed())
        };
        let role = state.iam.role_by_arn(role_arn).filter(may_assume);
        role.ok_or_else(|| {
            let message = format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
                caller.arn
            );
            AwsError::new("AccessDenied", 403, message)
        })
    }
}
