//! `AssumeRole`: whom a role's trust policy and the caller's own policies let assume the role.

use super::identities::{Identities, State};
use super::request_context::RequestFacts;
use crate::clock::Now;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::iam::engine::Role;
use crate::iam::engine::evaluate::Decision;
use crate::iam::engine::sessions::{NewSession, SessionCredentials, SessionLifetime};
use crate::iam::engine::trust::{self, Requester, Trust};
use crate::protocol::http::Caller;
use crate::service::RequestOrigin;

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
        origin: &RequestOrigin,
    ) -> Result<(SessionCredentials, Role), AwsError> {
        let denied = || denied(caller, &request.role_arn);
        let now = self.clock.now();
        let role = self.assumable_role(caller, request, origin, now);
        let role = role.ok_or_else(denied)?;
        let (credentials, durable) = {
            let mut state = self.lock();
            let is_there = |now: &Role| now.id == role.id;
            state
                .iam
                .role_by_arn(&role.arn)
                .filter(|now| is_there(now))
                .ok_or_else(denied)?;
            let State { sessions, ids, .. } = &mut *state;
            let new = NewSession {
                role: &role,
                account: &self.account,
                name: &request.session_name,
                seconds: role.session_seconds(caller.role_arn().is_some(), request.seconds)?,
                lifetime: SessionLifetime::Durable,
            };
            let (credentials, changes) = sessions.create(&new, now.wall, ids)?;
            (credentials, self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok((credentials, role))
    }

    /// The role, where the caller may assume it: the role's trust policy allows it to the caller by
    /// name, or to the account and the caller's own policies allow it too, and neither denies it.
    fn assumable_role(
        &self,
        caller: &Caller,
        request: &AssumeRoleRequest,
        origin: &RequestOrigin,
        now: Now,
    ) -> Option<Role> {
        let (role, principal) = {
            let state = self.lock();
            let role = state.iam.role_by_arn(&request.role_arn)?.clone();
            (role, state.principal(caller, now))
        };
        let permission = request.permission();
        let is_global = true;
        let facts = RequestFacts { origin, is_global };
        let context = match &principal {
            Some(principal) => self.context(principal, Some(facts), now),
            None if caller.is_owner() => self.owner_context(caller, facts, now),
            None => return None,
        };
        let own = principal.map(|principal| self.decide(&principal, &permission, context.clone()));
        let requester = Requester::Caller {
            arn: &caller.arn,
            role_arn: caller.role_arn(),
            account: &self.account,
        };
        let document = role.trust.document();
        let context = self.with_resource(context, &permission);
        let may_assume = match trust::evaluate(document, requester, &permission, context) {
            Trust::Denied | Trust::Untrusted => false,
            Trust::ByName => own != Some(Decision::ExplicitDeny),
            Trust::ByAccount => own.is_none_or(|own| own == Decision::Allowed),
        };
        may_assume.then_some(role)
    }
}

impl AssumeRoleRequest {
    fn permission(&self) -> RequiredPermission {
        RequiredPermission::new("sts:AssumeRole", &*self.role_arn)
            .when("sts:RoleSessionName", &*self.session_name)
            .when_given("sts:ExternalId", self.external_id.as_deref())
    }
}

/// The error that says nothing of whether the role exists, as on AWS.
fn denied(caller: &Caller, role_arn: &str) -> AwsError {
    let message = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
        caller.arn
    );
    AwsError::new("AccessDenied", 403, message)
}
