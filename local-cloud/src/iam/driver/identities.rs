//! Roles, users and sessions, and who signs with an access key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::resource_tags::{ResourceTags, TagsOf};
use crate::clock::{Clock, LabMs, Now};
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::iam::engine::propagation::{IamPropagation, ServicePropagation};
use crate::iam::engine::sessions::{Identity, SESSIONS, Sessions};
use crate::iam::engine::{
    ACCOUNT, AccessKey, Iam, Loaded, Outcome, POLICIES, ROLES, Role, RoleRef, USERS, User,
};
use crate::ids::{Ids, SystemIds};
use crate::location::Location;
use crate::protocol::http::{Caller, Principal};
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// All identities. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Identities {
    pub(super) account: String,
    pub(super) region: String,
    owner: Arc<Identity>,
    pub(super) clock: Arc<Clock>,
    pub(super) journal: Journal,
    pub(super) faults: Arc<FaultInjector>,
    pub(super) resource_tags: ResourceTags,
    state: Mutex<State>,
    /// Notifies when a role or user has changed.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) iam: Iam,
    pub(super) sessions: Sessions,
    pub(super) ids: SystemIds,
    /// What services still see.
    pub(super) service_propagation: ServicePropagation,
    /// What some of IAM's own machines still see.
    iam_propagation: IamPropagation,
}

impl Identities {
    /// Loads roles, users and sessions. The owner's key comes from the configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        context: &RuntimeContext,
        (access_key, secret_key): (&str, &str),
    ) -> Result<Arc<Self>, StorageError> {
        let RuntimeContext {
            location: Location { account, region },
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
            policies: journal.load(POLICIES)?,
            account: journal.load(ACCOUNT)?,
        };
        let mut iam = Iam::load(&account, loaded).map_err(damaged)?;
        let mut sessions = Sessions::load(journal.load(SESSIONS)?).map_err(damaged)?;
        let now = clock.now().wall;
        let ((), created) = iam
            .record_creation(now)
            .map_err(|problem| damaged(problem.message))?;
        let expired = sessions.remove_expired(now).into_iter();
        // Nothing depends on when these are durable.
        drop(journal.submit(expired.chain(created.entries).collect()));
        let caller = Caller {
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.clone(),
            access_key: access_key.to_owned(),
            principal: Principal::Owner,
            issued: None,
        };
        Ok(Arc::new(Self {
            account,
            region,
            owner: Arc::new(Identity {
                secret_key: secret_key.into(),
                session_token: None,
                caller: Arc::new(caller),
            }),
            clock,
            journal,
            faults,
            resource_tags: ResourceTags::default(),
            state: Mutex::new(State {
                iam,
                sessions,
                ids: SystemIds,
                service_propagation: ServicePropagation::default(),
                iam_propagation: IamPropagation::default(),
            }),
            changed: watch::Sender::new(()),
        }))
    }

    /// The identity of an access key; `None` for one that is unknown, inactive or expired, and for a
    /// session whose role was deleted, even where another role has its name.
    pub fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        if access_key == self.owner.caller.access_key {
            return Some(Arc::clone(&self.owner));
        }
        let (state, now) = (self.lock(), self.clock.now());
        let propagation = &state.service_propagation;
        if let Some((user, key)) = propagation.key(&state.iam, access_key, now.lab) {
            return Some(Arc::new(user_identity(user, key)));
        }
        let identity = state.sessions.lookup(access_key, now.wall)?;
        session_role(&state.iam, &identity.caller)?;
        Some(identity)
    }

    /// Sets who tells the tags of resources, on which policies may depend.
    pub(crate) fn set_resource_tags(&self, tags_of: TagsOf) {
        self.resource_tags.set(tags_of);
    }

    /// Notifies whenever a role or user has changed, and when the change has arrived.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The account id.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// Reads roles and users as they are.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Iam) -> T) -> T {
        read(&self.lock().iam)
    }

    /// Checks that a request about a role comes to a machine of IAM's that knows the role. While a
    /// new role is on its way, that is by chance.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn check_role_found(&self, name: &str) -> Result<(), AwsError> {
        self.check_propagated(|propagation, now| propagation.not_found(name, now))
    }

    /// Checks that a request to delete a role comes to a machine of IAM's that sees its present
    /// policies. While their removal is on its way, that is by chance.
    ///
    /// # Errors
    /// `DeleteConflict`.
    pub(crate) fn check_role_empty(&self, name: &str) -> Result<(), AwsError> {
        self.check_propagated(|propagation, now| propagation.delete_conflict(name, now))
    }

    fn check_propagated(
        &self,
        stale_error: impl FnOnce(&IamPropagation, LabMs) -> Option<AwsError>,
    ) -> Result<(), AwsError> {
        let now = self.clock.now().lab;
        let error = stale_error(&self.lock().iam_propagation, now);
        match error {
            Some(error) if self.faults.is_behind() => Err(error),
            _ => Ok(()),
        }
    }

    /// Runs a command on roles and users, and returns when its changes are durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when its changes could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut Iam, Now, &mut dyn Ids) -> Outcome<T>,
    ) -> Result<T, AwsError> {
        let iam_delay_ms = self.faults.delay(|delays| delays.iam);
        let service_delay_ms = self.faults.delay(|delays| delays.role);
        let (result, durable, now) = {
            let mut state = self.lock();
            let now = self.clock.now();
            let State {
                iam,
                ids,
                service_propagation,
                iam_propagation,
                ..
            } = &mut *state;
            let (result, changes) = command(iam, now, ids)?;
            for update in changes.updates {
                iam_propagation.record(&update, iam_delay_ms, now.lab);
                service_propagation.record(update, service_delay_ms, now.lab);
            }
            (result, self.journal.submit(changes.entries), now.lab)
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        self.changed.send_replace(());
        if service_delay_ms > 0 {
            self.notify_at(now.plus_ms(service_delay_ms));
        }
        Ok(result)
    }

    /// Notifies the subscribers when a change arrives.
    fn notify_at(&self, arrival: LabMs) {
        let (clock, changed) = (Arc::clone(&self.clock), self.changed.clone());
        tokio::spawn(async move {
            while clock.now().lab < arrival {
                clock.sleep_until(arrival).await;
            }
            changed.send_replace(());
        });
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The role with this ARN as services see it.
    pub(super) fn role_by_arn(&self, arn: &str, now: Now) -> Option<&Role> {
        let role = self.iam.role_by_arn(arn)?;
        self.service_propagation.role(role, now.lab)
    }

    /// The role that a service acts for, as services see it.
    pub(super) fn role(&self, role: RoleRef<'_>, now: Now) -> Option<&Role> {
        let found = self.role_by_arn(role.arn, now)?;
        (role.id.is_empty() || found.id == role.id).then_some(found)
    }
}

fn user_identity(user: &User, key: &AccessKey) -> Identity {
    Identity {
        secret_key: key.secret.clone(),
        session_token: None,
        caller: Arc::new(Caller {
            arn: user.arn.clone(),
            user_id: user.id.clone(),
            access_key: key.id.clone(),
            principal: Principal::User(user.name.clone()),
            issued: None,
        }),
    }
}

/// The role of a session, where it is still the one that was assumed.
fn session_role<'a>(iam: &'a Iam, caller: &Caller) -> Option<&'a Role> {
    let role = iam.role_by_arn(caller.role_arn()?)?;
    let (role_id, _session) = caller.user_id.split_once(':')?;
    (role.id == role_id).then_some(role)
}
