//! `AssumeRole`: whom a role's trust policy and the caller's own policies let in.

use super::{Identities, State};
use crate::clock::Now;
use crate::error::AwsError;
use crate::iam::engine::Role;
use crate::iam::engine::evaluate::{Decision, RequiredPermission};
use crate::iam::engine::sessions::{Lasting, Opening, SessionCredentials};
use crate::iam::engine::trust::{self, Applicant};
use crate::protocol::http::Caller;

/// What `AssumeRole` asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assumption<'a> {
    /// The role.
    pub(crate) role_arn: &'a str,
    /// The session's name.
    pub(crate) session_name: &'a str,
    /// How long it is to last; an hour where it is not given.
    pub(crate) seconds: Option<u32>,
    /// What the role's trust policy may ask for.
    pub(crate) external_id: Option<&'a str>,
}

impl Identities {
    /// Makes credentials of a role for a caller whom its trust policy lets in; they survive a
    /// restart. Also answers the role's id.
    ///
    /// # Errors
    /// `AccessDenied`, `ValidationError`, or `InternalFailure` when they could not be stored.
    pub(crate) async fn assume_role(
        &self,
        caller: &Caller,
        asked: Assumption<'_>,
    ) -> Result<(SessionCredentials, Role), AwsError> {
        let (result, durable) = {
            let (mut state, now) = (self.lock(), self.clock.now());
            let role = self.admit(&state, caller, asked, now)?.clone();
            let State { sessions, ids, .. } = &mut *state;
            let opening = Opening {
                role: &role,
                account: &self.account,
                name: asked.session_name,
                seconds: role.session_seconds(caller.role_arn().is_some(), asked.seconds)?,
                lasting: Lasting::Durable,
            };
            let (made, changes) = sessions.open(&opening, now.wall, ids)?;
            ((made, role), self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(result)
    }

    /// The role, if its trust policy lets the caller in. A role that is not there is answered
    /// like one that is closed, as AWS does.
    fn admit<'a>(
        &self,
        state: &'a State,
        caller: &Caller,
        asked: Assumption<'_>,
        now: Now,
    ) -> Result<&'a Role, AwsError> {
        let right = RequiredPermission::new("sts:AssumeRole", asked.role_arn);
        let may = || {
            let actor = state.actor(caller, now);
            caller.is_owner()
                || actor.is_some_and(|own| self.decision(&own, &right, now) == Decision::Allowed)
        };
        let allowed = |applicant: Applicant<'_>, role: &Role| {
            // Who is named by the trust policy needs no policy besides; who is let in as one of
            // the account does.
            let trusted = role.trust.document();
            trust::trusts(trusted, applicant)
                && (trust::names_directly(trusted, applicant) || may())
        };
        let applicant = Applicant::Caller {
            arn: &caller.arn,
            role_arn: caller.role_arn(),
            account: &self.account,
            external_id: asked.external_id,
        };
        state
            .iam
            .by_arn(asked.role_arn)
            .filter(|role| allowed(applicant, role))
            .ok_or_else(|| {
                let message = format!(
                    "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                    caller.arn, asked.role_arn
                );
                AwsError::new("AccessDenied", 403, message)
            })
    }
}
