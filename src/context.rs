//! What a command is given: the environment of every command, and for those that act on a lab its
//! target, names and clients.

mod approval;
mod caller;
mod connect;
mod env;
mod expected;
mod record;
mod region;
mod target;

pub(crate) use caller::{Caller, account_alias};
pub(crate) use connect::Route;
pub(crate) use env::CommandEnv;
pub(crate) use region::{Region, RegionSource};
pub(crate) use target::{LOCAL_ACCOUNT, LOCAL_REGION, Target};

use aws_config::SdkConfig;
use tokio_util::sync::CancellationToken;

use crate::aws::{AwsSettings, Clients, Login};
use crate::error::CommandError;
use crate::globals::{Globals, TargetKind};
use crate::host::{self, CloudFiles, RunningCloud, Start};
use crate::naming::{LabName, Names};
use crate::ui::{Event, Events, TargetDocument};

/// What a command does on its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It only reads.
    Read,
    /// It creates, changes, sends or removes something, for which it needs the user's consent on
    /// AWS.
    Change,
}

/// What a command that acts on a lab is given.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The environment of every command.
    pub env: &'a CommandEnv,
    /// Where the lab is.
    pub target: Target,
    /// The names of everything in it.
    pub names: Names,
    /// The identity that acts there.
    pub caller: Caller,
    /// The clients.
    pub clients: Clients,
    /// The configuration of the clients.
    configuration: SdkConfig,
    /// The local cloud, where that is the target.
    pub local: Option<RunningCloud>,
    /// The user's AWS configuration, where the target is AWS.
    settings: Option<AwsSettings>,
}

impl CommandEnv {
    /// Connects to the lab's target: the one asked for, or the one recorded, or the local cloud,
    /// which is started where it does not run. On AWS, says where the calls go before the first.
    ///
    /// # Errors
    /// When the target cannot be reached, or is not the one where the lab was built or the account
    /// expected.
    pub async fn connect(&self, start: Start) -> Result<Context<'_>, CommandError> {
        let recorded = self.record()?.map(|record| record.target);
        if self.is_local(recorded.as_ref()) {
            self.check_local()?;
            return self.connect_local(start).await;
        }
        self.connect_aws(recorded.as_ref()).await
    }

    /// Whether the lab's target is the local cloud.
    fn is_local(&self, recorded: Option<&Target>) -> bool {
        match self.globals.target {
            Some(kind) => kind == TargetKind::Local,
            None => recorded.is_none_or(Target::is_local),
        }
    }

    /// The local cloud as the target, where nothing is in it, so that it need not be started to be
    /// read. Says that the command acts on it.
    ///
    /// # Errors
    /// As those of [`CommandEnv::connect`].
    pub fn empty_local_cloud(&self) -> Result<Option<TargetDocument>, CommandError> {
        let recorded = self.record()?.map(|record| record.target);
        if !self.is_local(recorded.as_ref()) || CloudFiles::of(&self.home).has_state() {
            return Ok(None);
        }
        self.check_local()?;
        let target = local_target(None);
        let lab = &self.globals.lab;
        let text = format!("Lab {lab} in {target}, not running.");
        self.events.send(Event::Target(text));
        Ok(Some(document(&target, &Caller::local_owner())))
    }

    /// Refuses flags that apply to AWS only.
    fn check_local(&self) -> Result<(), CommandError> {
        let Globals {
            profile,
            region,
            expect_account,
            ..
        } = &self.globals;
        let other_region = region.as_deref().filter(|region| *region != LOCAL_REGION);
        let flag = profile
            .as_ref()
            .map(|_| "--profile")
            .or_else(|| other_region.map(|_| "--region"));
        if let Some(flag) = flag {
            let message = format!(
                "{flag} is for AWS, and the lab {} is in the local cloud, which has no profiles and one region, {LOCAL_REGION}",
                self.globals.lab
            );
            return Err(CommandError::usage(message)
                .hint("Pass --target aws to act on AWS, or omit the flag."));
        }
        match expect_account {
            Some(expected) if expected != LOCAL_ACCOUNT => {
                Err(expected::other_account(expected, "the local cloud is", LOCAL_ACCOUNT)
                    .hint("Pass --target aws to act on AWS, or do not expect an account (ORDERS_LAB_EXPECT_ACCOUNT)."))
            }
            _ => Ok(()),
        }
    }

    async fn connect_local(&self, start: Start) -> Result<Context<'_>, CommandError> {
        let found = host::ensure_running(&self.home, start, &self.events).await?;
        let target = local_target(Some(found.endpoint()));
        let configuration = Clients::configuration(local_login(&found)).await;
        Ok(Context {
            env: self,
            names: self.names(&target),
            target,
            caller: Caller::local_owner(),
            clients: Clients::observed(&configuration, &self.observers()),
            configuration,
            local: Some(found),
            settings: None,
        })
    }

    fn names(&self, target: &Target) -> Names {
        Names::new(self.globals.lab.clone(), &target.account, &target.region)
    }
}

impl Context<'_> {
    /// Where to send progress, notes and warnings.
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

    /// A command of this program as [`Context::command`] has it, and with what it was given where it is
    /// the one that runs. The options `with` are added; they replace given ones of the same name.
    pub fn again(&self, command: &str, with: &[&str]) -> String {
        self.command(&self.env.given.again(command, with))
    }

    /// The directory of this lab's records on this target.
    pub fn lab_directory(&self) -> std::path::PathBuf {
        self.env
            .home
            .lab(&self.target.key(), self.names.lab().as_str())
    }

    /// The context of another lab on the same target.
    pub fn for_lab(&self, lab: LabName) -> Self {
        Self {
            names: Names::new(lab, &self.target.account, &self.target.region),
            ..self.clone()
        }
    }

    /// How many times faster than on AWS the queues' time passes: 1 on AWS.
    pub fn speed(&self) -> u32 {
        self.local.as_ref().map_or(1, |found| found.process.speed)
    }

    /// The same context for a dry run: calls that would change something are not sent. Their AWS CLI
    /// commands come as events instead.
    pub fn dry_run(&self, events: &Events) -> Self {
        let packages = self.env.home.packages();
        Self {
            clients: Clients::dry_run(&self.configuration, packages, events),
            ..self.clone()
        }
    }

    /// Connects again, starting the local cloud where it has died.
    ///
    /// # Errors
    /// When the local cloud does not start.
    pub async fn reconnect(&self) -> Result<Self, CommandError> {
        if self.local.is_none() {
            return Ok(self.clone());
        }
        let context = self.env.connect_local(Start::default()).await?;
        Ok(context.for_lab(self.names.lab().clone()))
    }

    /// Says that the command acts on the local cloud, where it does, and which chaos profile that has,
    /// if one. On AWS that was said before the first call.
    pub async fn announce_local(&self) {
        let Some(found) = &self.local else {
            return;
        };
        // What the command does next fails too where the cloud does not respond.
        let status = found.control().status().await.ok();
        let chaos = status.filter(|status| !status.chaos.is_off());
        let chaos = chaos.map(|status| format!(" · chaos {}", status.chaos.name));
        self.events().send(Event::Target(format!(
            "{} · {} · {} · {}x{}",
            self.names.lab(),
            self.target.kind,
            self.target.region,
            found.process.speed,
            chaos.unwrap_or_default()
        )));
    }

    /// Makes sure that the user consents to a change on AWS.
    ///
    /// # Errors
    /// When the user does not consent.
    pub async fn require_consent(&self, intent: Intent) -> Result<(), CommandError> {
        if intent == Intent::Read || self.local.is_some() {
            return Ok(());
        }
        approval::approve(self.env, &self.target, &self.caller).await
    }

    /// The error with hints about the credentials and permissions used here.
    #[must_use]
    pub fn explain(&self, error: CommandError) -> CommandError {
        self.env.explain(error, self.settings.as_ref())
    }

    /// The target in JSON documents.
    pub fn document(&self) -> TargetDocument {
        document(&self.target, &self.caller)
    }
}

fn document(target: &Target, caller: &Caller) -> TargetDocument {
    TargetDocument {
        kind: if target.is_local() {
            TargetKind::Local
        } else {
            TargetKind::Aws
        },
        account: target.account.clone(),
        region: target.region.clone(),
        endpoint: target.endpoint.clone(),
        caller: caller.arn.clone(),
        alias: caller.alias.clone(),
        profile: caller.profile.clone(),
    }
}

/// The local cloud at this endpoint, where it runs.
fn local_target(endpoint: Option<String>) -> Target {
    Target {
        kind: TargetKind::Local.name().to_owned(),
        account: LOCAL_ACCOUNT.to_owned(),
        region: LOCAL_REGION.to_owned(),
        endpoint,
        profile: None,
    }
}

/// The login to the local cloud.
fn local_login(found: &RunningCloud) -> Login {
    Login::Local {
        endpoint: found.endpoint(),
        region: LOCAL_REGION.to_owned(),
        access_key: found.owner.access_key.clone(),
        secret_key: found.owner.secret_key.clone(),
    }
}
