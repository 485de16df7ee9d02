//! The IAM and STS driver: roles and users, and whose access key is whose. What they may do stands
//! in [`authorization`], how a role is assumed in [`assume_role`].

mod assume_role;
mod authorization;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::{Clock, LabMs, Now};
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::iam::engine::propagation::{Stale, Unheard};
use crate::iam::engine::sessions::{Lasting, Opening, SESSIONS, Sessions};
use crate::iam::engine::{ACCOUNT, AccessKey, Iam, Loaded, ROLES, Role, USERS, User};
use crate::ids::{Ids, SystemIds};
use crate::location::Location;
use crate::protocol::http::{Caller, Principal};
use crate::runtime_context::RuntimeContext;
use crate::storage::journal::Journal;
use crate::storage::{Change, StorageError};

pub use crate::iam::engine::sessions::{Identity, SessionCredentials};
pub(crate) use assume_role::Assumption;
pub use authorization::RoleRef;

/// All identities. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Identities {
    account: String,
    owner: Arc<Identity>,
    clock: Arc<Clock>,
    journal: Journal,
    faults: Arc<FaultInjector>,
    state: Mutex<State>,
    /// Rings when a role or user has changed.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    iam: Iam,
    /// Roles and users as others still see them.
    stale: Stale,
    /// What IAM itself has not heard everywhere.
    not_yet_seen: Unheard,
    sessions: Sessions,
    ids: SystemIds,
}

impl Identities {
    /// Loads roles and users; the owner's key comes from the configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        context: &RuntimeContext,
        (access_key, secret_key): (&str, &str),
    ) -> Result<Arc<Self>, StorageError> {
        let RuntimeContext {
            location: Location { account, .. },
            clock,
            journal,
            faults,
            ..
        } = context.clone();
        let damaged = |reason| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason,
        };
        let loaded = Loaded {
            roles: journal.load(ROLES)?,
            users: journal.load(USERS)?,
            account: journal.load(ACCOUNT)?,
        };
        let mut iam = Iam::load(&account, loaded).map_err(damaged)?;
        let mut sessions = Sessions::load(journal.load(SESSIONS)?).map_err(damaged)?;
        let now = clock.now().wall;
        let founded = iam.found(now).map_err(|problem| damaged(problem.message))?;
        // Nobody waits for the ended ones to be gone from the disk, or for the first start's time.
        drop(journal.submit(sessions.purge(now).into_iter().chain(founded.1).collect()));
        let caller = Caller {
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.clone(),
            access_key: access_key.to_owned(),
            principal: Principal::Owner,
        };
        Ok(Arc::new(Self {
            account,
            owner: Arc::new(Identity {
                secret_key: secret_key.into(),
                session_token: None,
                caller: Arc::new(caller),
            }),
            clock,
            journal,
            faults,
            state: Mutex::new(State {
                stale: Stale::default(),
                not_yet_seen: Unheard::default(),
                iam,
                sessions,
                ids: SystemIds,
            }),
            changed: watch::Sender::new(()),
        }))
    }

    /// Who an access key stands for; `None` for one that was never issued, is inactive or has
    /// ended, and for a session of a role that is gone, also where another has its name.
    pub fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        if access_key == self.owner.caller.access_key {
            return Some(Arc::clone(&self.owner));
        }
        let (state, now) = (self.lock(), self.clock.now());
        if let Some((user, key)) = state.stale.key(&state.iam, access_key, now.lab) {
            return Some(Arc::new(of_user(user, key)));
        }
        let identity = state.sessions.lookup(access_key, now.wall)?;
        role_of(&state.iam, &identity.caller)?;
        Some(identity)
    }

    /// Rings whenever a role has changed.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The id of the role with this ARN, where its trust policy lets `service` (for example
    /// `lambda.amazonaws.com`) assume it.
    pub fn trusting(&self, role_arn: &str, service: &str) -> Option<String> {
        let state = self.lock();
        let role = state.seen(role_arn, self.clock.now())?;
        role.trusts(service, &self.account).then(|| role.id.clone())
    }

    /// Whether the role with this ARN is one that `service` may assume, though services see it only
    /// later.
    pub(crate) fn is_on_its_way(&self, role_arn: &str, service: &str) -> bool {
        let state = self.lock();
        let trusts =
            |role: Option<&Role>| role.is_some_and(|role| role.trusts(service, &self.account));
        trusts(state.iam.by_arn(role_arn)) && !trusts(state.seen(role_arn, self.clock.now()))
    }

    /// Makes credentials for a role on behalf of a service, which do not survive a restart. They
    /// last as long as the role allows: 1 to 12 hours.
    ///
    /// # Errors
    /// `NoSuchEntity` when the role is gone, also where another has its ARN.
    pub fn service_session(
        &self,
        role: RoleRef<'_>,
        session_name: &str,
    ) -> Result<SessionCredentials, AwsError> {
        let mut state = self.lock();
        if state.acting(role, self.clock.now()).is_none() {
            return Err(no_role(role.arn));
        }
        let State {
            iam, sessions, ids, ..
        } = &mut *state;
        let role = iam.by_arn(role.arn).ok_or_else(|| no_role(role.arn))?;
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

    /// Looks at roles and users.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Iam) -> T) -> T {
        look(&self.lock().iam)
    }

    /// Refuses a request about a role that comes, by chance, to a machine of IAM's own which has not
    /// heard of the role's last changes.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub(crate) fn check_heard(&self, operation: &str, role: &str) -> Result<(), AwsError> {
        let now = self.clock.now().lab;
        let refusal = self.lock().not_yet_seen.refusal(operation, role, now);
        let refusal = refusal.filter(|_| self.faults.is_behind());
        refusal.map_or(Ok(()), Err)
    }

    /// Runs a command on roles and users and answers when it is durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when it could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut Iam, Now, &mut dyn Ids) -> Result<(T, Vec<Change>), AwsError>,
    ) -> Result<T, AwsError> {
        let arrives;
        let (result, durable) = {
            let mut state = self.lock();
            let now = self.clock.now();
            let after = |delay: u64| (delay > 0).then_some(LabMs(now.lab.0 + delay));
            let heard = after(self.faults.delay(|delays| delays.iam));
            arrives = after(self.faults.delay(|delays| delays.role));
            let before = heard.or(arrives).map(|_| state.iam.clone());
            let State {
                iam,
                ids,
                stale,
                not_yet_seen,
                ..
            } = &mut *state;
            let (result, changes) = command(iam, now, ids)?;
            if let (Some(before), Some(until)) = (&before, heard) {
                not_yet_seen.note(before, &changes, until, now.lab);
            }
            if let (Some(before), Some(until)) = (&before, arrives) {
                stale.note(before, &changes, until, now.lab);
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

fn of_user(user: &User, key: &AccessKey) -> Identity {
    Identity {
        secret_key: key.secret.clone(),
        session_token: None,
        caller: Arc::new(Caller {
            arn: user.arn.clone(),
            user_id: user.id.clone(),
            access_key: key.id.clone(),
            principal: Principal::User(user.name.clone()),
        }),
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

    /// The role that somebody acts for, as services see it by now.
    fn acting(&self, role: RoleRef<'_>, now: Now) -> Option<&Role> {
        let seen = self.seen(role.arn, now)?;
        (role.id.is_empty() || seen.id == role.id).then_some(seen)
    }
}

/// The role behind a session, where it still is the one that the session was made of.
fn role_of<'a>(iam: &'a Iam, caller: &Caller) -> Option<&'a Role> {
    let role = iam.by_arn(caller.role_arn()?)?;
    let (role_id, _session) = caller.user_id.split_once(':')?;
    (role.id == role_id).then_some(role)
}

#[cfg(test)]
mod tests;
