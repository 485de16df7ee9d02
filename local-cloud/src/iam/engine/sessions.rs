//! Temporary credentials: made, looked up by access key, dropped when they end.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Role, Secret};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::protocol::http::{Caller, Principal};
use crate::storage::{Change, Collection, Entry};

/// Where sessions that survive a restart are stored, by access key.
pub const SESSIONS: Collection = "sts_session";

/// An access key and who it stands for.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its secret.
    pub secret_key: Secret,
    /// The session token that must come with it, for a temporary one.
    pub session_token: Option<Secret>,
    /// Whose it is.
    pub caller: Arc<Caller>,
}

/// Temporary credentials of a role.
#[derive(Debug, Clone)]
pub struct SessionCredentials {
    /// `ASIA…`
    pub access_key: String,
    /// The secret.
    pub secret_key: Secret,
    /// The session token.
    pub session_token: Secret,
    /// When they end, wall time.
    pub expires: WallMs,
}

/// Whether a session is there after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// It is stored until it ends.
    Durable,
    /// It ends with the process.
    Process,
}

/// A session to be made.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Whose.
    pub role: &'a Role,
    /// The account id.
    pub account: &'a str,
    /// The session's name.
    pub name: &'a str,
    /// How long it lasts, in wall time.
    pub seconds: u32,
    /// Whether a restart ends it.
    pub lasting: Lasting,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    secret_key: Secret,
    session_token: Secret,
    expires: WallMs,
    arn: String,
    user_id: String,
    role_arn: String,
}

#[derive(Debug)]
struct Session {
    identity: Arc<Identity>,
    expires: WallMs,
    lasting: Lasting,
}

/// All sessions that have not ended.
#[derive(Debug, Default)]
pub struct Sessions {
    by_key: HashMap<String, Session>,
    by_end: BTreeSet<(WallMs, String)>,
}

impl Sessions {
    /// The sessions as they were stored; those that have ended meanwhile are not
    /// found, and [`Sessions::purge`] drops them.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load(entries: Vec<Entry>) -> Result<Self, String> {
        let mut sessions = Self::default();
        for (key, value) in entries {
            let key = String::from_utf8(key).map_err(|problem| problem.to_string())?;
            let stored = serde_json::from_slice(&value)
                .map_err(|problem| format!("session {key}: {problem}"))?;
            sessions.insert(key, stored, Lasting::Durable);
        }
        Ok(sessions)
    }

    /// Who a key stands for, while it does.
    pub fn lookup(&self, access_key: &str, now: WallMs) -> Option<Arc<Identity>> {
        let session = self.by_key.get(access_key)?;
        (now < session.expires).then(|| Arc::clone(&session.identity))
    }

    /// How many are held, ended ones that were not purged yet included.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Makes a session of a role and drops all that have ended.
    ///
    /// # Errors
    /// When the session cannot be written down.
    pub fn open(
        &mut self,
        opening: &Opening<'_>,
        now: WallMs,
        ids: &mut dyn Ids,
    ) -> Result<(SessionCredentials, Vec<Change>), AwsError> {
        let Opening {
            role,
            account,
            name,
            seconds,
            lasting,
        } = *opening;
        let ends = WallMs(now.0 + u64::from(seconds) * 1000);
        let mut changes = self.purge(now);
        let access_key = format!("ASIA{}", ids.base32(16));
        let stored = Stored {
            secret_key: Secret::draw(ids, 30),
            session_token: Secret::draw(ids, 192),
            expires: ends,
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{name}", role.name),
            user_id: format!("{}:{name}", role.id),
            role_arn: role.arn.clone(),
        };
        if lasting == Lasting::Durable {
            let value = serde_json::to_vec(&stored)
                .map_err(|problem| AwsError::internal(problem.to_string()))?;
            changes.push(Change::put(SESSIONS, access_key.clone(), value));
        }
        let credentials = SessionCredentials {
            access_key: access_key.clone(),
            secret_key: stored.secret_key.clone(),
            session_token: stored.session_token.clone(),
            expires: ends,
        };
        self.insert(access_key, stored, lasting);
        Ok((credentials, changes))
    }

    /// Drops the sessions that have ended; the changes remove them from the storage.
    pub fn purge(&mut self, now: WallMs) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some((expires, _)) = self.by_end.first() {
            if now < *expires {
                break;
            }
            let Some((_, key)) = self.by_end.pop_first() else {
                break;
            };
            let ended = self.by_key.remove(&key);
            if ended.is_some_and(|session| session.lasting == Lasting::Durable) {
                changes.push(Change::delete(SESSIONS, key));
            }
        }
        changes
    }

    fn insert(&mut self, access_key: String, stored: Stored, lasting: Lasting) {
        let caller = Caller {
            arn: stored.arn,
            user_id: stored.user_id,
            access_key: access_key.clone(),
            principal: Principal::Role(stored.role_arn),
        };
        let identity = Identity {
            secret_key: stored.secret_key,
            session_token: Some(stored.session_token),
            caller: Arc::new(caller),
        };
        self.by_end.insert((stored.expires, access_key.clone()));
        self.by_key.insert(
            access_key,
            Session {
                identity: Arc::new(identity),
                expires: stored.expires,
                lasting,
            },
        );
    }
}

impl Role {
    /// How long a session may be that is asked for with this length, or none; `chained` where a
    /// role's session asks.
    ///
    /// # Errors
    /// `ValidationError` where it is too long.
    pub fn session_seconds(&self, chained: bool, asked: Option<u32>) -> Result<u32, AwsError> {
        let seconds = asked.unwrap_or(3600);
        let refuse = |message: &str| Err(AwsError::new("ValidationError", 400, message));
        if chained && seconds > 3600 {
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
