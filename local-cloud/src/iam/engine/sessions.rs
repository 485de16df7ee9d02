//! Temporary credentials of roles: created, looked up by access key, removed when they have expired.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::role::Role;
use super::secret::Secret;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::protocol::http::{Caller, Principal};
use crate::storage::{Change, Collection, Entry};

/// Where sessions that survive a restart are stored, by access key.
pub const SESSIONS: Collection = "sts_session";

/// What is known of an access key: how to verify its signatures, and who signs with it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The secret of the access key.
    pub secret_key: Secret,
    /// The session token that must be sent with a temporary access key.
    pub session_token: Option<Secret>,
    /// Who signs with the access key.
    pub caller: Arc<Caller>,
}

/// Temporary credentials of a role.
#[derive(Debug, Clone)]
pub struct SessionCredentials {
    /// `ASIA…`
    pub access_key: String,
    /// The secret of the access key.
    pub secret_key: Secret,
    /// The session token.
    pub session_token: Secret,
    /// When they expire, in wall time.
    pub expires: WallMs,
}

/// Whether a session survives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionLifetime {
    /// It is stored until it expires.
    Durable,
    /// It ends with the process.
    Process,
}

/// A session to be created.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The role.
    pub role: &'a Role,
    /// The account id.
    pub account: &'a str,
    /// The session's name.
    pub name: &'a str,
    /// How many seconds of wall time it lasts.
    pub seconds: u32,
    /// Whether it survives a restart.
    pub lifetime: SessionLifetime,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredSession {
    secret_key: Secret,
    session_token: Secret,
    expires: WallMs,
    arn: String,
    user_id: String,
    role_arn: String,
    /// When it was created; `None` in a session of an earlier version of this program.
    #[serde(default)]
    issued: Option<WallMs>,
}

#[derive(Debug)]
struct Session {
    identity: Arc<Identity>,
    expires: WallMs,
    lifetime: SessionLifetime,
}

/// All sessions. Those that have expired are not found, and are removed when the next one is created.
#[derive(Debug, Default)]
pub struct Sessions {
    by_key: HashMap<String, Session>,
    by_expiry: BTreeSet<(WallMs, String)>,
}

impl Sessions {
    /// The sessions as they were stored.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load(entries: Vec<Entry>) -> Result<Self, String> {
        let mut sessions = Self::default();
        for (key, value) in entries {
            let key = String::from_utf8(key).map_err(|problem| problem.to_string())?;
            let stored = serde_json::from_slice(&value)
                .map_err(|problem| format!("session {key}: {problem}"))?;
            sessions.insert(key, stored, SessionLifetime::Durable);
        }
        Ok(sessions)
    }

    /// The identity of an access key; `None` for an unknown one and after it has expired.
    pub fn lookup(&self, access_key: &str, now: WallMs) -> Option<Arc<Identity>> {
        let session = self.by_key.get(access_key)?;
        (now < session.expires).then(|| Arc::clone(&session.identity))
    }

    /// The number of sessions in memory, including expired ones that were not removed yet.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is no session in memory.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Creates a session of a role, and removes those that have expired.
    ///
    /// # Errors
    /// When the session cannot be serialized.
    pub fn create(
        &mut self,
        new: &NewSession<'_>,
        now: WallMs,
        ids: &mut dyn Ids,
    ) -> Result<(SessionCredentials, Vec<Change>), AwsError> {
        let NewSession {
            role,
            account,
            name,
            seconds,
            lifetime,
        } = *new;
        let mut changes = self.remove_expired(now);
        let access_key = format!("ASIA{}", ids.base32(16));
        let session = StoredSession {
            secret_key: Secret::random(ids, 30),
            session_token: Secret::random(ids, 192),
            expires: WallMs(now.0 + u64::from(seconds) * 1000),
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{name}", role.name),
            user_id: format!("{}:{name}", role.id),
            role_arn: role.arn.clone(),
            issued: Some(now),
        };
        if lifetime == SessionLifetime::Durable {
            let value = serde_json::to_vec(&session)
                .map_err(|problem| AwsError::internal(problem.to_string()))?;
            changes.push(Change::put(SESSIONS, access_key.clone(), value));
        }
        let credentials = SessionCredentials {
            access_key: access_key.clone(),
            secret_key: session.secret_key.clone(),
            session_token: session.session_token.clone(),
            expires: session.expires,
        };
        self.insert(access_key, session, lifetime);
        Ok((credentials, changes))
    }

    /// Removes the sessions that have expired; the changes remove them from the storage.
    pub fn remove_expired(&mut self, now: WallMs) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some((expires, _)) = self.by_expiry.first() {
            if now < *expires {
                break;
            }
            let Some((_, key)) = self.by_expiry.pop_first() else {
                break;
            };
            let removed = self.by_key.remove(&key);
            if removed.is_some_and(|session| session.lifetime == SessionLifetime::Durable) {
                changes.push(Change::delete(SESSIONS, key));
            }
        }
        changes
    }

    fn insert(&mut self, access_key: String, session: StoredSession, lifetime: SessionLifetime) {
        let caller = Caller {
            arn: session.arn,
            user_id: session.user_id,
            access_key: access_key.clone(),
            principal: Principal::Role(session.role_arn),
            issued: session.issued,
        };
        let identity = Identity {
            secret_key: session.secret_key,
            session_token: Some(session.session_token),
            caller: Arc::new(caller),
        };
        let expires = session.expires;
        self.by_expiry.insert((expires, access_key.clone()));
        self.by_key.insert(
            access_key,
            Session {
                identity: Arc::new(identity),
                expires,
                lifetime,
            },
        );
    }
}
