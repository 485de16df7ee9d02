//! A role.

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::principal_policies::PrincipalPolicies;
use super::request_context::RequestContext;
use super::trust::{self, Requester, Trust};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::service::{ContextValue, RequiredPermission};

/// The longest session of a role that was assumed by a session of another role.
const MAX_CHAINED_SECONDS: u32 = 3600;

/// How long a session is whose length was not requested.
const DEFAULT_SESSION_SECONDS: u32 = 3600;

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// The name as it was given; it is unique whatever its case.
    pub name: String,
    /// `/` or `/x/y/`.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
    pub arn: String,
    /// `AROA…`, never used again.
    pub id: String,
    /// When it was created.
    pub created: WallMs,
    /// Who may assume it.
    pub trust: Policy,
    /// What it is for, in its owner's words.
    pub description: Option<String>,
    /// The longest session, in seconds: 3600 to 43200.
    pub max_session_seconds: u32,
    /// Its policies and tags.
    #[serde(flatten)]
    pub principal_policies: PrincipalPolicies,
}

/// A role that a service acts for: by its id too, because another role may be given its name.
#[derive(Debug, Clone, Copy)]
pub struct RoleRef<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// Its unique id; empty for whichever role has the ARN.
    pub id: &'a str,
}

impl Role {
    /// Whether its trust policy lets a service (for example `lambda.amazonaws.com`) assume it, whose
    /// request has these condition keys.
    pub fn trusts(&self, service: &str, context: RequestContext) -> bool {
        let permission = RequiredPermission::new("sts:AssumeRole", &*self.arn)
            .with("sts:RoleSessionName", ContextValue::Unknown)
            .with("sts:ExternalId", ContextValue::Absent);
        let requester = Requester::Service(service);
        let trust = trust::evaluate(self.trust.document(), requester, &permission, context);
        trust == Trust::ByName
    }

    /// How many seconds a session of it lasts for which this length was requested, or none.
    /// `chained` says that the session of another role requests it.
    ///
    /// # Errors
    /// `ValidationError` where the length is too great.
    pub fn session_seconds(&self, chained: bool, requested: Option<u32>) -> Result<u32, AwsError> {
        let seconds = requested.unwrap_or(DEFAULT_SESSION_SECONDS);
        let refuse = |message: &str| Err(AwsError::new("ValidationError", 400, message));
        if chained && seconds > MAX_CHAINED_SECONDS {
            return refuse(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                 assumed by role chaining",
            );
        }
        if seconds > self.max_session_seconds {
            return refuse(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            );
        }
        Ok(seconds)
    }
}
