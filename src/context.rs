//! What a command is given: the env of every command, and for those that act on a lab
//! its target, names and clients.

mod approval;
mod caller;
mod connect;
mod expected;
mod record;
mod region;
mod target;

pub use caller::{Caller, account_alias};
pub use connect::{Access, Route};
pub use record::Record;
pub use region::{DEFAULT_REGION, Region, RegionSource};
pub use target::Target;

use std::sync::OnceLock;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::aws::{AwsSettings, Clients, Login, RetryObserver};
use crate::error::{CommandError, ErrorKind};
use crate::globals::{Globals, TargetKind};
use crate::home::Home;
use crate::host::{self, RunningCloud, Start};
use crate::naming::{LabName, Names};
use crate::ui::{Event, Events, TargetDocument};

/// The account id of the local cloud: one that no AWS account has.
pub const LOCAL_ACCOUNT: &str = "000000000000";
/// The region of the local cloud.
pub const LOCAL_REGION: &str = DEFAULT_REGION;

/// What every command is given.
#[derive(Debug)]
pub struct CommandEnv {
    /// The flags of every command.
    pub globals: Globals,
    /// The state directory.
    pub home: Home,
    /// Where to tell what happens.
    pub events: Events,
    /// Cancelled when the user interrupts.
    pub cancel: CancellationToken,
    /// The target, once a command has one; for the JSON document.
    pub target: OnceLock<TargetDocument>,
    /// What is configured for AWS, once that was read.
    pub settings: OnceLock<AwsSettings>,
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

/// What a command that acts on a lab is given.
#[derive(Debug)]
pub struct Context<'a> {
    /// What every command is given.
    pub env: &'a CommandEnv,
    /// Where the lab is.
    pub target: Target,
    /// The names of everything in it.
    pub names: Names,
    /// Who acts there.
    pub caller: Caller,
    /// The clients.
    pub clients: Clients,
    /// The local cloud, where that is the target.
    pub local: Option<RunningCloud>,
}

impl CommandEnv {
    /// Connects to the lab's target: the one asked for, or the one recorded, or the local cloud,
    /// which is started where it does not run. Says which it is before anything is called; a
    /// command that changes something on AWS has the user's consent when this returns.
    ///
    /// # Errors
    /// When the target cannot be reached, is not the one where the lab was built or the account
    /// expected, or the user does not consent.
    pub async fn connect(&self, start: Start, intent: Intent) -> Result<Context<'_>, CommandError> {
        let recorded = self.record()?.map(|record| record.target);
        let local = match self.globals.target {
            Some(kind) => kind == TargetKind::Local,
            None => recorded.as_ref().is_none_or(Target::is_local),
        };
        if local {
            self.check_local()?;
            return self.connect_local(start).await;
        }
        let access = self
            .aws
            .get_or_try_init(|| self.connect_aws(recorded.as_ref()))
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

    /// Refuses flags that mean something on AWS alone.
    fn check_local(&self) -> Result<(), CommandError> {
        let Globals {
            profile,
            region,
            expect_account,
            ..
        } = &self.globals;
        let region = region.as_deref().filter(|region| *region != LOCAL_REGION);
        let flag = profile
            .as_ref()
            .map(|_| "--profile")
            .or_else(|| region.map(|_| "--region"));
        if let Some(flag) = flag {
            let message = format!(
                "{flag} is for AWS, and the lab {} is in the local cloud, which has no profiles and one region, {LOCAL_REGION}",
                self.globals.lab
            );
            return Err(CommandError::usage(message)
                .hint("Say --target aws to act on AWS, or leave the flag out."));
        }
        match expect_account {
            Some(expected) if expected != LOCAL_ACCOUNT => {
                Err(expected::other_account(expected, "the local cloud is", LOCAL_ACCOUNT)
                    .hint("Say --target aws to act on AWS, or do not expect an account (ORDERS_LAB_EXPECT_ACCOUNT)."))
            }
            _ => Ok(()),
        }
    }

    /// An error with what renews the credentials, or has the permissions that they lack, where
    /// they are why.
    #[must_use]
    pub fn explain(&self, error: CommandError) -> CommandError {
        if error.call.as_ref().is_some_and(|call| call.denied) {
            return error.hint(self.permissions());
        }
        match self.settings.get() {
            Some(settings) if error.kind == ErrorKind::Credentials => settings.explain(error),
            _ => error,
        }
    }

    /// Where the permissions are told that the person needs who runs this.
    pub fn permissions(&self) -> String {
        let policy = self.globals.command(&self.globals.lab, "policy operator");
        format!("{policy} prints a policy with every permission that is needed.")
    }

    async fn connect_local(&self, start: Start) -> Result<Context<'_>, CommandError> {
        let found = host::ensure_running(&self.home, start, &self.events).await?;
        let target = Target {
            kind: TargetKind::Local.name().to_owned(),
            account: LOCAL_ACCOUNT.to_owned(),
            region: LOCAL_REGION.to_owned(),
            endpoint: Some(found.endpoint()),
            profile: None,
        };
        let caller = Caller::local_owner();
        if self.target.set(target.document(&caller)).is_ok() {
            self.events.send(Event::Target(format!(
                "Lab {} in {target}, speed {}.",
                self.globals.lab, found.process.speed
            )));
        }
        let configuration = Clients::configuration(local_login(&found)).await;
        let observer = RetryObserver::new(self.events.clone(), self.cancel.clone());
        Ok(self.context(
            target,
            caller,
            Clients::with_retry_observer(&configuration, &observer),
            Some(found),
        ))
    }

    fn context(
        &self,
        target: Target,
        caller: Caller,
        clients: Clients,
        local: Option<RunningCloud>,
    ) -> Context<'_> {
        let names = Names::new(self.globals.lab.clone(), &target.account, &target.region);
        Context {
            env: self,
            target,
            names,
            caller,
            clients,
            local,
        }
    }
}

impl Context<'_> {
    /// Where to tell what happens.
    pub fn events(&self) -> &Events {
        &self.env.events
    }

    /// Cancelled when the user interrupts.
    pub fn cancel(&self) -> &CancellationToken {
        &self.env.cancel
    }

    /// A command of this program in backticks, as the user would type it to act on this lab.
    pub fn command(&self, words: &str) -> String {
        self.env.globals.command(self.names.lab(), words)
    }

    /// The directory for what is remembered of this lab on this target.
    pub fn lab_directory(&self) -> std::path::PathBuf {
        self.env
            .home
            .lab(&self.target.key(), self.names.lab().as_str())
    }

    /// The same for another lab on the same target.
    pub fn for_lab(&self, lab: LabName) -> Self {
        Self {
            env: self.env,
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
        self.env.connect(Start::default(), Intent::Read).await
    }
}

/// The login to a local cloud.
fn local_login(found: &RunningCloud) -> Login {
    Login::Local {
        endpoint: found.endpoint(),
        region: LOCAL_REGION.to_owned(),
        access_key: found.owner.access_key.clone(),
        secret_key: found.owner.secret_key.clone(),
    }
}
