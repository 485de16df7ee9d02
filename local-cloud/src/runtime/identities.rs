//! The IAM and STS driver: roles, and whose access key is whose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::clock::{Clock, LabMs, Now, WallMs};
use crate::engines::iam::condition::Context;
use crate::engines::iam::evaluate::{Decision, Right, decide};
use crate::engines::iam::propagation::Stale;
use crate::engines::iam::sessions::{Lasting, Opening, SESSIONS, Sessions};
use crate::engines::iam::trust::{self, Applicant};
use crate::engines::iam::{Iam, ROLES, Role, managed};
use crate::error::AwsError;
use crate::ids::{Ids, SystemIds};
use crate::protocol::http::Caller;
use crate::runtime::ground::Ground;
use crate::runtime::journal::Journal;
use crate::runtime::weather::Sky;
use crate::storage::{Change, StorageError};

pub use crate::engines::iam::sessions::{Identity, SessionCredentials};

/// All identities. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Identities {
    account: String,
    owner: Arc<Identity>,
    clock: Arc<Clock>,
    journal: Journal,
    sky: Arc<Sky>,
    state: Mutex<State>,
    /// Rings when a role has changed.
    changed: watch::Sender<()>,
}

/// That somebody may not do something, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("User: {caller} is not authorized to perform: {action} on resource: {resource} {why}")]
pub(crate) struct Denial {
    caller: String,
    action: String,
    resource: String,
    why: String,
}

#[derive(Debug)]
struct State {
    iam: Iam,
    /// Roles as others still see them.
    stale: Stale,
    sessions: Sessions,
    ids: SystemIds,
}

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
    /// Loads the roles; the owner's key comes from the configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        ground: &Ground,
        (access_key, secret_key): (&str, &str),
    ) -> Result<Arc<Self>, StorageError> {
        let Ground {
            account,
            clock,
            journal,
            sky,
            ..
        } = ground.clone();
        let damaged = |reason| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason,
        };
        let iam = Iam::load(&account, journal.load(ROLES)?).map_err(damaged)?;
        let mut sessions = Sessions::load(journal.load(SESSIONS)?).map_err(damaged)?;
        // Nobody waits for the ended ones to be gone from the disk.
        drop(journal.submit(sessions.purge(clock.now().wall)));
        let caller = Caller {
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.clone(),
            access_key: access_key.to_owned(),
            role_arn: None,
        };
        Ok(Arc::new(Self {
            account,
            owner: Arc::new(Identity {
                secret_key: secret_key.to_owned(),
                session_token: None,
                caller: Arc::new(caller),
            }),
            clock,
            journal,
            sky,
            state: Mutex::new(State {
                stale: Stale::default(),
                iam,
                sessions,
                ids: SystemIds,
            }),
            changed: watch::Sender::new(()),
        }))
    }

    /// Who an access key stands for; `None` for one that was never issued or has ended, and for
    /// a session of a role that is gone, also where another has its name.
    pub fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        if access_key == self.owner.caller.access_key {
            return Some(Arc::clone(&self.owner));
        }
        let state = self.lock();
        let identity = state.sessions.lookup(access_key, self.clock.now().wall)?;
        role_of(&state.iam, &identity.caller)?;
        Some(identity)
    }

    /// Whether the caller may do this: the owner everything, a role's session what the role's
    /// policies allow.
    pub(crate) fn authorize(&self, caller: &Caller, right: &Right) -> Result<(), Denial> {
        if caller.role_arn.is_none() {
            return Ok(());
        }
        let state = self.lock();
        let arn = caller.role_arn.as_deref().unwrap_or_default();
        let role = state.seen(arn, self.clock.now());
        let decision = role.map_or(Decision::NotAllowed, |role| {
            self.decision(role, &caller.user_id, right)
        });
        let why = match decision {
            Decision::Allowed => return Ok(()),
            Decision::NotAllowed => {
                format!(
                    "because no identity-based policy allows the {} action",
                    right.action
                )
            }
            Decision::Denied => "with an explicit deny in an identity-based policy".to_owned(),
        };
        Err(Denial {
            caller: caller.arn.clone(),
            action: right.action.clone(),
            resource: right.resource.clone(),
            why,
        })
    }

    /// Whether a service that acts for a role may do this.
    pub(crate) fn role_may(&self, role_arn: &str, right: &Right) -> bool {
        let state = self.lock();
        state
            .seen(role_arn, self.clock.now())
            .is_some_and(|role| self.decision(role, &role.id, right) == Decision::Allowed)
    }

    /// Rings whenever a role has changed.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn decision(&self, role: &Role, user_id: &str, right: &Right) -> Decision {
        let WallMs(now) = self.clock.now().wall;
        let time = Timestamp::from_millisecond(i64::try_from(now).unwrap_or(i64::MAX));
        let context = Context::new(vec![
            ("aws:CurrentTime", time.unwrap_or_default().to_string()),
            ("aws:EpochTime", (now / 1000).to_string()),
            ("aws:PrincipalAccount", self.account.clone()),
            ("aws:PrincipalArn", role.arn.clone()),
            ("aws:PrincipalType", "AssumedRole".to_owned()),
            ("aws:SecureTransport", "false".to_owned()),
            ("aws:SourceIp", "127.0.0.1".to_owned()),
            ("aws:userid", user_id.to_owned()),
        ]);
        let attached = role.attached.iter().filter_map(|arn| managed::find(arn));
        let attached: Vec<_> = attached.map(|policy| policy.parsed()).collect();
        let inline = role.inline.values().map(|policy| policy.document());
        decide(inline.chain(attached.iter().copied()), right, context)
    }

    /// Whether a role with this ARN is there and its trust policy lets `service` (for example
    /// `lambda.amazonaws.com`) assume it.
    pub fn trusts(&self, role_arn: &str, service: &str) -> bool {
        let state = self.lock();
        state
            .seen(role_arn, self.clock.now())
            .is_some_and(|role| role.trusts(service, &self.account))
    }

    /// Makes credentials for a role on behalf of a service, which do not survive a restart. They
    /// last as long as the role allows: 1 to 12 hours.
    ///
    /// # Errors
    /// `NoSuchEntity` when the role is gone.
    pub fn service_session(
        &self,
        role_arn: &str,
        session_name: &str,
    ) -> Result<SessionCredentials, AwsError> {
        let mut state = self.lock();
        if state.seen(role_arn, self.clock.now()).is_none() {
            return Err(no_role(role_arn));
        }
        let State {
            iam, sessions, ids, ..
        } = &mut *state;
        let role = iam.by_arn(role_arn).ok_or_else(|| no_role(role_arn))?;
        let opening = Opening {
            role,
            account: &self.account,
            name: session_name,
            seconds: role.max_session_seconds,
            lasting: Lasting::Process,
        };
        let (credentials, changes) = sessions.open(&opening, self.clock.now().wall, ids)?;
        // Only removals of ended sessions, for which nobody waits.
        drop(self.journal.submit(changes));
        Ok(credentials)
    }

    /// The account id.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// Looks at the roles.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Iam) -> T) -> T {
        look(&self.lock().iam)
    }

    /// Runs a command on the roles and answers when it is durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when it could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut Iam, Now, &mut dyn Ids) -> Result<(T, Vec<Change>), AwsError>,
    ) -> Result<T, AwsError> {
        let mut arrives = None;
        let (result, durable) = {
            let mut state = self.lock();
            let (delay, now) = (self.sky.delay(|delays| delays.role), self.clock.now());
            let before = (delay > 0).then(|| state.iam.clone());
            let State {
                iam, ids, stale, ..
            } = &mut *state;
            let (result, changes) = command(iam, now, ids)?;
            if let Some(before) = before {
                let until = LabMs(now.lab.0 + delay);
                stale.note(&before, &changes, until, now.lab);
                arrives = Some(until);
            }
            (result, self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        self.changed.send_replace(());
        if let Some(moment) = arrives {
            self.ring_at(moment);
        }
        Ok(result)
    }

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
            let mut state = self.lock();
            let State {
                iam, sessions, ids, ..
            } = &mut *state;
            let role = self.admit(iam, caller, asked)?;
            let opening = Opening {
                role,
                account: &self.account,
                name: asked.session_name,
                seconds: role.session_seconds(caller.role_arn.is_some(), asked.seconds)?,
                lasting: Lasting::Durable,
            };
            let (made, changes) = sessions.open(&opening, self.clock.now().wall, ids)?;
            ((made, role.clone()), self.journal.submit(changes))
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
        iam: &'a Iam,
        caller: &Caller,
        asked: Assumption<'_>,
    ) -> Result<&'a Role, AwsError> {
        let right = Right::new("sts:AssumeRole", asked.role_arn);
        let allowed = |applicant: Applicant<'_>, role: &Role| {
            // Who is named by the trust policy needs no policy besides; who is let in as one of
            // the account does.
            trust::trusts(role.trust.document(), applicant)
                && (trust::names_directly(role.trust.document(), applicant)
                    || role_of(iam, caller).is_none_or(|own| {
                        let decision = self.decision(own, &caller.user_id, &right);
                        decision == Decision::Allowed
                    }))
        };
        let applicant = Applicant::Caller {
            arn: &caller.arn,
            role_arn: caller.role_arn.as_deref(),
            account: &self.account,
            external_id: asked.external_id,
        };
        iam.by_arn(asked.role_arn)
            .filter(|role| allowed(applicant, role))
            .ok_or_else(|| {
                let message = format!(
                    "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                    caller.arn, asked.role_arn
                );
                AwsError::new("AccessDenied", 403, message)
            })
    }

    /// Tells whoever waits for a role when its change has arrived.
    fn ring_at(&self, moment: LabMs) {
        let (clock, changed) = (Arc::clone(&self.clock), self.changed.clone());
        tokio::spawn(async move {
            while clock.now().lab < moment {
                clock.sleep_until(moment).await;
            }
            changed.send_replace(());
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_role(role_arn: &str) -> AwsError {
    let message = format!("The role with ARN {role_arn} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}

impl State {
    /// The role as services see it by now.
    fn seen(&self, role_arn: &str, now: Now) -> Option<&Role> {
        let role = self.iam.by_arn(role_arn)?;
        self.stale.seen(role, now.lab)
    }
}

/// The role behind a session, where it still is the one that the session was made of.
fn role_of<'a>(iam: &'a Iam, caller: &Caller) -> Option<&'a Role> {
    let role = iam.by_arn(caller.role_arn.as_deref()?)?;
    let (role_id, _session) = caller.user_id.split_once(':')?;
    (role.id == role_id).then_some(role)
}

#[cfg(test)]
mod tests;
