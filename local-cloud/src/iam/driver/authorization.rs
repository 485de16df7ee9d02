//! What callers and services may do, by the policies of roles and users as they have arrived.

use jiff::Timestamp;

use super::{Identities, State};
use crate::clock::{Now, WallMs};
use crate::iam::engine::PrincipalPolicies;
use crate::iam::engine::condition::Context;
use crate::iam::engine::evaluate::{Decision, RequiredPermission, decide};
use crate::protocol::http::{Caller, Principal};

/// That somebody may not do something, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("User: {caller} is not authorized to perform: {action} on resource: {resource} {why}")]
pub(crate) struct Denial {
    caller: String,
    action: String,
    resource: String,
    why: String,
}

/// A role that a function has: by its id too, as another role may be given its name.
#[derive(Debug, Clone, Copy)]
pub struct RoleRef<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// Its unique id; empty for whichever role has the ARN.
    pub id: &'a str,
}

/// A role or user that is about to do something.
pub(super) struct Actor<'a> {
    arn: &'a str,
    /// `AssumedRole` or `User`.
    kind: &'static str,
    user_id: &'a str,
    user_name: Option<&'a str>,
    principal_policies: &'a PrincipalPolicies,
}

impl Identities {
    /// Whether the caller may do this: the owner everything, others what the policies of their
    /// user or role allow.
    pub(crate) fn authorize(
        &self,
        caller: &Caller,
        right: &RequiredPermission,
    ) -> Result<(), Denial> {
        if caller.is_owner() {
            return Ok(());
        }
        let (state, now) = (self.lock(), self.clock.now());
        let actor = state.actor(caller, now);
        let decision = actor.map_or(Decision::NotAllowed, |actor| {
            self.decision(&actor, right, now)
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
    pub(crate) fn role_may(&self, role: RoleRef<'_>, right: &RequiredPermission) -> bool {
        let (state, now) = (self.lock(), self.clock.now());
        let actor = state.acting(role, now).map(|role| Actor {
            arn: &role.arn,
            kind: "AssumedRole",
            user_id: &role.id,
            user_name: None,
            principal_policies: &role.principal_policies,
        });
        actor.is_some_and(|actor| self.decision(&actor, right, now) == Decision::Allowed)
    }

    pub(super) fn decision(
        &self,
        actor: &Actor<'_>,
        right: &RequiredPermission,
        now: Now,
    ) -> Decision {
        let WallMs(now) = now.wall;
        let time = Timestamp::from_millisecond(i64::try_from(now).unwrap_or(i64::MAX));
        let mut known = vec![
            ("aws:CurrentTime", time.unwrap_or_default().to_string()),
            ("aws:EpochTime", (now / 1000).to_string()),
            ("aws:PrincipalAccount", self.account.clone()),
            ("aws:PrincipalArn", actor.arn.to_owned()),
            ("aws:PrincipalType", actor.kind.to_owned()),
            ("aws:SecureTransport", "false".to_owned()),
            ("aws:SourceIp", "127.0.0.1".to_owned()),
            ("aws:userid", actor.user_id.to_owned()),
        ];
        known.extend(
            actor
                .user_name
                .map(|name| ("aws:username", name.to_owned())),
        );
        decide(
            actor.principal_policies.documents(),
            right,
            Context::new(known),
        )
    }
}

impl State {
    /// The user or role behind a caller as services see it by now; `None` for the owner, and
    /// where it is gone.
    pub(super) fn actor<'a>(&'a self, caller: &'a Caller, now: Now) -> Option<Actor<'a>> {
        match &caller.principal {
            Principal::Owner => None,
            Principal::User(name) => {
                let name = name.to_ascii_lowercase();
                let user = self.stale.user(&self.iam, &name, now.lab)?;
                (user.id == caller.user_id).then_some(Actor {
                    arn: &user.arn,
                    kind: "User",
                    user_id: &user.id,
                    user_name: Some(&user.name),
                    principal_policies: &user.principal_policies,
                })
            }
            Principal::Role(arn) => self.seen(arn, now).map(|role| Actor {
                arn: &role.arn,
                kind: "AssumedRole",
                user_id: &caller.user_id,
                user_name: None,
                principal_policies: &role.principal_policies,
            }),
        }
    }
}
