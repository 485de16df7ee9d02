//! The IAM and STS driver: roles, and whose access key is whose.

use std::sync::Arc;

use crate::clock::Clock;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::runtime::journal::Journal;
use crate::storage::StorageError;

/// An access key and who it stands for.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its secret.
    pub secret_key: String,
    /// The session token that must come with it, for a temporary one.
    pub session_token: Option<String>,
    /// Whose it is.
    pub caller: Arc<Caller>,
}

/// Temporary credentials of a role.
#[derive(Debug, Clone)]
pub struct SessionCredentials {
    /// `ASIA…`
    pub access_key: String,
    /// The secret.
    pub secret_key: String,
    /// The session token.
    pub session_token: String,
    /// When they end, wall time.
    pub expires: crate::clock::WallMs,
}

/// All identities. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Identities {}

impl Identities {
    /// Loads the roles; the owner's key comes from the configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        account: &str,
        access_key: &str,
        secret_key: &str,
        clock: Arc<Clock>,
        journal: Journal,
    ) -> Result<Arc<Self>, StorageError> {
        let _ = (account, access_key, secret_key, clock, journal);
        unimplemented!()
    }

    /// Who an access key stands for; `None` for one that was never issued or has ended.
    pub fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        let _ = access_key;
        unimplemented!()
    }

    /// Whether a role with this ARN is there and its trust policy lets `service` (for example
    /// `lambda.amazonaws.com`) assume it.
    pub fn trusts(&self, role_arn: &str, service: &str) -> bool {
        let _ = (role_arn, service);
        unimplemented!()
    }

    /// Makes credentials for a role on behalf of a service, which do not survive a restart.
    ///
    /// # Errors
    /// `NoSuchEntity` when the role is gone.
    pub fn service_session(
        &self,
        role_arn: &str,
        session_name: &str,
    ) -> Result<SessionCredentials, AwsError> {
        let _ = (role_arn, session_name);
        unimplemented!()
    }
}
