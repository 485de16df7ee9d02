//! Reaching AWS: what is configured is read and told, then the account is asked for.

use super::expect::Expected;
use super::{Caller, LOCAL_REGION, Surroundings, Target, caller};
use crate::aws::{Clients, Endpoints, Login, Pace, Settings};
use crate::error::CommandError;
use crate::globals::TargetKind;
use crate::ui::Event;

/// Access to an AWS account.
#[derive(Debug, Clone)]
pub struct Access {
    pub(super) target: Target,
    pub(super) caller: Caller,
    pub(super) clients: Clients,
}

impl Surroundings {
    /// Tells where the calls will go, then asks whose account it is.
    ///
    /// # Errors
    /// When the configuration makes no sense, there are no valid credentials, or the account or
    /// the endpoint is not the one expected.
    pub(super) async fn reach_aws(
        &self,
        recorded: Option<&Target>,
    ) -> Result<Access, CommandError> {
        let settings = Settings::read(self.globals.profile.as_deref()).await?;
        let recorded = recorded.filter(|recorded| !recorded.is_local());
        let region = self.region(&settings, recorded);
        let login = Login::Configured {
            settings: settings.clone(),
            region: region.clone(),
        };
        let configuration = Clients::configuration(login).await;
        let endpoints = Endpoints::of(&configuration)?;
        // A lab that is asked for by --target may be elsewhere than the recorded one.
        let recorded = recorded.filter(|_| self.globals.target.is_none());
        self.events.send(Event::Target(format!(
            "AWS, region {region}, {}, {}.",
            endpoints.describe(),
            settings.credentials()
        )));
        let pace = Pace::new(self.events.clone(), self.cancel.clone());
        let clients = Clients::with_pace(&configuration, &pace);
        let settings = self.settings.get_or_init(|| settings);
        let expected = Expected {
            account: self.globals.expect_account.as_deref(),
            recorded,
            endpoint: endpoints.main(),
            lab: self.globals.lab.as_str(),
        };
        expected.check_endpoint()?;
        let caller = tokio::select! {
            caller = caller::ask(&clients, &expected, settings.profile.clone()) => caller?,
            () = self.cancel.cancelled() => {
                return Err(CommandError::interrupted("interrupted; nothing was changed"));
            }
        };
        let target = Target {
            kind: TargetKind::Aws.name().to_owned(),
            account: caller.account.clone(),
            region,
            endpoint: endpoints.main().map(str::to_owned),
            profile: caller.profile.clone(),
        };
        self.events.send(Event::Target(format!(
            "Lab {} in account {}, as {}.",
            self.globals.lab,
            caller.account_and_alias(),
            caller.name()
        )));
        // One command has one target on AWS.
        let _ = self.target.set(target.json(&caller));
        Ok(Access {
            target,
            caller,
            clients,
        })
    }

    /// The region to act in: the one asked for, else the one where the lab was built, unless
    /// `--target` says to look anew, else the configured one.
    fn region(&self, settings: &Settings, recorded: Option<&Target>) -> String {
        let built = recorded.map(|recorded| recorded.region.clone());
        let configured = settings.region.clone();
        if let Some(asked) = self.globals.region.clone() {
            return asked;
        }
        if self.globals.target.is_some() {
            return configured
                .or(built)
                .unwrap_or_else(|| LOCAL_REGION.to_owned());
        }
        if let (Some(built), Some(configured)) = (&built, &configured)
            && built != configured
        {
            self.events.note(format!(
                "The lab {} was built in {built}; the configured region {configured} is not used. --region chooses another.",
                self.globals.lab
            ));
        }
        built
            .or(configured)
            .unwrap_or_else(|| LOCAL_REGION.to_owned())
    }
}
