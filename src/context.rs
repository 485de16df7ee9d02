//! What a command is given: the surroundings of every command, and for those that act on a lab
//! its target, names and clients.

mod approval;
mod caller;

pub use caller::Caller;

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::aws::{Clients, Login, failure};
use crate::error::CommandError;
use crate::globals::{Globals, TargetKind};
use crate::home::{self, Home};
use crate::host::{self, Found, Start};
use crate::naming::{LabName, Names};
use crate::ui::{Event, Events};

/// The account id of the local cloud: one that no AWS account has.
pub const LOCAL_ACCOUNT: &str = "000000000000";
/// The region of the local cloud: the lab's.
pub const LOCAL_REGION: &str = "us-east-1";

/// What every command is given.
#[derive(Debug)]
pub struct Surroundings {
    /// The flags of every command.
    pub globals: Globals,
    /// The state directory.
    pub home: Home,
    /// Where to tell what happens.
    pub events: Events,
    /// Cancelled when the user interrupts.
    pub cancel: CancellationToken,
    /// The target, once a command has one; for the JSON document.
    pub target: OnceLock<Value>,
    /// Access to AWS, once a command has it: the steps of one command share it.
    pub aws: OnceCell<Access>,
}

/// What a command means to do to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Only look.
    Read,
    /// Make, alter, send or remove something: on AWS only with the user's consent.
    Change,
}

/// Access to an AWS account.
#[derive(Debug, Clone)]
pub struct Access {
    target: Target,
    caller: Caller,
    clients: Clients,
}

/// Where a lab is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `local` or `aws`.
    pub kind: String,
    /// The account id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint where it is not AWS's own.
    pub endpoint: Option<String>,
}

impl Target {
    /// Whether this is the local cloud.
    pub fn is_local(&self) -> bool {
        self.kind == TargetKind::Local.name()
    }

    /// The name of the directory for what is remembered of this target's labs.
    pub fn key(&self) -> String {
        if self.is_local() {
            self.kind.clone()
        } else {
            format!("{}-{}-{}", self.kind, self.account, self.region)
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_local() {
            "the local cloud"
        } else {
            "AWS"
        };
        write!(
            formatter,
            "{place}, account {}, region {}",
            self.account, self.region
        )?;
        self.endpoint.as_ref().map_or(Ok(()), |endpoint| {
            write!(formatter, ", endpoint {endpoint}")
        })
    }
}

/// What a command that acts on a lab is given.
#[derive(Debug)]
pub struct Context<'a> {
    /// What every command is given.
    pub surroundings: &'a Surroundings,
    /// Where the lab is.
    pub target: Target,
    /// The names of everything in it.
    pub names: Names,
    /// Who acts there.
    pub caller: Caller,
    /// The clients.
    pub clients: Clients,
    /// The local cloud, where that is the target.
    pub local: Option<Found>,
}

impl Surroundings {
    /// The target recorded for the lab by `up`; `None` where there is none.
    ///
    /// # Errors
    /// When the record cannot be read or makes no sense.
    pub fn recorded_target(&self) -> Result<Option<Target>, CommandError> {
        self.target_of(self.globals.lab.as_str())
    }

    fn target_of(&self, lab: &str) -> Result<Option<Target>, CommandError> {
        let path = self.home.target_record(lab);
        let Some(text) = home::read(&path)? else {
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).map_err(|problem| {
            CommandError::environment(format!("{} is damaged", path.display()))
                .because(problem)
                .hint("Remove it and say where the lab is with --target; the lab itself is not harmed.")
        })
    }

    /// Connects to the lab's target: the one asked for, or the one recorded, or the local cloud,
    /// which is started where it does not run. Says which it is before anything is called; a
    /// command that changes something on AWS has the user's consent when this returns.
    ///
    /// # Errors
    /// When the target cannot be reached, is not the one where the lab was built or the account
    /// expected, or the user does not consent.
    pub async fn connect(&self, start: Start, intent: Intent) -> Result<Context<'_>, CommandError> {
        let recorded = self.recorded_target()?;
        let local = match self.globals.target {
            Some(kind) => kind == TargetKind::Local,
            None => recorded.as_ref().is_none_or(Target::is_local),
        };
        if local {
            return self.connect_local(start).await;
        }
        let access = self
            .aws
            .get_or_try_init(|| self.reach_aws(recorded.as_ref()))
            .await?;
        if intent == Intent::Change {
            approval::approve(self, &access.target, &access.caller).await?;
        }
        let Access {
            target,
            caller,
            clients,
        } = access.clone();
        Ok(self.context(target, caller, clients, None))
    }

    async fn connect_local(&self, start: Start) -> Result<Context<'_>, CommandError> {
        let found = host::ensure_running(&self.home, start, &self.events).await?;
        let target = Target {
            kind: TargetKind::Local.name().to_owned(),
            account: LOCAL_ACCOUNT.to_owned(),
            region: LOCAL_REGION.to_owned(),
            endpoint: Some(found.endpoint()),
        };
        let caller = Caller::local_owner();
        if self.target.set(document(&target, &caller)).is_ok() {
            self.events.send(Event::Target(format!(
                "Lab {} in {target}, speed {}.",
                self.globals.lab, found.process.speed
            )));
        }
        let configuration = Clients::configuration(local_login(&found)).await;
        Ok(self.context(target, caller, Clients::new(&configuration), Some(found)))
    }

    async fn reach_aws(&self, recorded: Option<&Target>) -> Result<Access, CommandError> {
        let configuration = Clients::configuration(Login::Chain).await;
        let clients = Clients::new(&configuration);
        let region = configuration
            .region()
            .map_or(LOCAL_REGION, |region| region.as_ref())
            .to_owned();
        let endpoint = configuration.endpoint_url().map(str::to_owned);
        let place = endpoint.as_deref().unwrap_or("AWS's own endpoints");
        self.events.send(Event::Target(format!(
            "Acting on AWS, region {region}, {place}; asking whose account it is."
        )));
        let identity = clients
            .sts
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| failure("sts:GetCallerIdentity", error))?;
        let caller = Caller {
            account: identity.account.unwrap_or_default(),
            arn: identity.arn.unwrap_or_default(),
            user_id: identity.user_id.unwrap_or_default(),
            alias: None,
            profile: None,
        };
        let target = Target {
            kind: TargetKind::Aws.name().to_owned(),
            account: caller.account.clone(),
            region,
            endpoint,
        };
        let elsewhere = recorded.filter(|recorded| {
            self.globals.target.is_none()
                && (recorded.account != target.account || recorded.region != target.region)
        });
        if let Some(recorded) = elsewhere {
            return Err(CommandError::environment(format!(
                "the lab {} was built in {recorded}, but your credentials are for {target}",
                self.globals.lab
            ))
            .hint("Use the credentials and region that built it, or say --target to act here all the same."));
        }
        self.events.send(Event::Target(format!(
            "Lab {} in account {}, as {}.",
            self.globals.lab,
            caller.account_and_alias(),
            caller.name()
        )));
        // One command has one target on AWS.
        let _ = self.target.set(document(&target, &caller));
        Ok(Access {
            target,
            caller,
            clients,
        })
    }

    fn context(
        &self,
        target: Target,
        caller: Caller,
        clients: Clients,
        local: Option<Found>,
    ) -> Context<'_> {
        let names = Names::new(self.globals.lab.clone(), &target.account, &target.region);
        Context {
            surroundings: self,
            target,
            names,
            caller,
            clients,
            local,
        }
    }
}

/// The target in the JSON document.
fn document(target: &Target, caller: &Caller) -> Value {
    json!({
        "kind": target.kind,
        "account": target.account,
        "region": target.region,
        "endpoint": target.endpoint,
        "caller": caller.arn,
        "alias": caller.alias,
        "profile": caller.profile,
    })
}

impl Context<'_> {
    /// Where to tell what happens.
    pub fn events(&self) -> &Events {
        &self.surroundings.events
    }

    /// Cancelled when the user interrupts.
    pub fn cancel(&self) -> &CancellationToken {
        &self.surroundings.cancel
    }

    /// The directory for what is remembered of this lab on this target.
    pub fn memory(&self) -> std::path::PathBuf {
        self.surroundings
            .home
            .lab(&self.target.key(), self.names.lab().as_str())
    }

    /// The same for another lab on the same target.
    pub fn for_lab(&self, lab: LabName) -> Self {
        Self {
            surroundings: self.surroundings,
            target: self.target.clone(),
            names: Names::new(lab, &self.target.account, &self.target.region),
            clients: self.clients.clone(),
            caller: self.caller.clone(),
            local: self.local.clone(),
        }
    }

    /// How many times quicker than AWS the queues' waits pass here.
    pub fn speed(&self) -> u32 {
        self.local.as_ref().map_or(1, |found| found.process.speed)
    }

    /// Connects anew, starting the local cloud again where it has died.
    ///
    /// # Errors
    /// When the target cannot be reached.
    pub async fn reconnect(&self) -> Result<Self, CommandError> {
        self.surroundings
            .connect(Start::default(), Intent::Read)
            .await
    }

    /// Remembers the target, so that later commands need not be told.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn remember_target(&self) -> Result<(), CommandError> {
        let path = self
            .surroundings
            .home
            .target_record(self.names.lab().as_str());
        let text = serde_json::to_string_pretty(&self.target).map_err(|problem| {
            CommandError::bug("a record could not be written as JSON").because(problem)
        })?;
        home::write(&path, &text)
    }

    /// Forgets the target and all that is remembered of the lab on it.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn forget(&self) -> Result<(), CommandError> {
        home::remove(&self.memory())?;
        let lab = self.names.lab();
        let recorded = self.surroundings.target_of(lab.as_str())?;
        if recorded.is_some_and(|recorded| recorded.key() == self.target.key()) {
            home::remove(
                &self
                    .surroundings
                    .home
                    .target_record(self.names.lab().as_str()),
            )?;
        }
        Ok(())
    }
}

/// The login to a local cloud.
fn local_login(found: &Found) -> Login {
    Login::Local {
        endpoint: found.endpoint(),
        region: LOCAL_REGION.to_owned(),
        access_key: found.owner.access_key.clone(),
        secret_key: found.owner.secret_key.clone(),
    }
}
