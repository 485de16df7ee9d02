//! The roles that services assume, as services see them.

use super::identities::{Identities, State};
use crate::error::AwsError;
use crate::iam::engine::sessions::{NewSession, SessionCredentials, SessionLifetime};
use crate::iam::engine::{Role, RoleRef};

impl Identities {
    /// The id of the role with this ARN, where its trust policy lets `service` (for example
    /// `lambda.amazonaws.com`) assume it.
    pub fn trusting(&self, role_arn: &str, service: &str) -> Option<String> {
        let now = self.clock.now();
        let context = self.service_context(service, now);
        let state = self.lock();
        let role = state.role_by_arn(role_arn, now)?;
        role.trusts(service, context).then(|| role.id.clone())
    }

    /// Whether `service` may assume the role with this ARN, but does not see that yet.
    pub(crate) fn is_propagating(&self, role_arn: &str, service: &str) -> bool {
        let now = self.clock.now();
        let state = self.lock();
        let trusts = |role: Option<&Role>| {
            role.is_some_and(|role| role.trusts(service, self.service_context(service, now)))
        };
        let seen = state.role_by_arn(role_arn, now);
        trusts(state.iam.role_by_arn(role_arn)) && !trusts(seen)
    }

    /// Creates credentials of a role for a service. They do not survive a restart, and last as long
    /// as the role allows: 1 to 12 hours.
    ///
    /// # Errors
    /// `NoSuchEntity` when the role was deleted, even where another role has its ARN.
    pub fn service_session(
        &self,
        role: RoleRef<'_>,
        session_name: &str,
    ) -> Result<SessionCredentials, AwsError> {
        let mut state = self.lock();
        let now = self.clock.now();
        if state.role(role, now).is_none() {
            return Err(no_role(role.arn));
        }
        let State {
            iam, sessions, ids, ..
        } = &mut *state;
        let role = iam.role_by_arn(role.arn).ok_or_else(|| no_role(role.arn))?;
        let new = NewSession {
            role,
            account: &self.account,
            name: session_name,
            seconds: role.max_session_seconds,
            lifetime: SessionLifetime::Process,
        };
        let (credentials, changes) = sessions.create(&new, now.wall, ids)?;
        // Only removals of expired sessions; nothing depends on when these are durable.
        drop(self.journal.submit(changes));
        Ok(credentials)
    }
}

fn no_role(role_arn: &str) -> AwsError {
    let message = format!("The role with ARN {role_arn} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}
