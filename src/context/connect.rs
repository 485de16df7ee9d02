//! Reaching AWS: what is configured is read and told, then the account is asked for.

use aws_config::SdkConfig;

use super::expected::Expected;
use super::{Caller, CommandEnv, Region, RegionSource, Target, caller};
use crate::aws::{AwsSettings, Clients, Endpoints, Login, RetryObserver};
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

/// Where calls to AWS will go, before any was made.
#[derive(Debug)]
pub struct Route {
    /// What the user has configured.
    pub settings: AwsSettings,
    /// The region.
    pub region: Region,
    /// With which the clients are made.
    pub configuration: SdkConfig,
    /// Each service's endpoint.
    pub endpoints: Endpoints,
    /// Where the lab was built, as far as it counts here.
    recorded: Option<Target>,
}

impl CommandEnv {
    /// Tells where the calls will go, then asks whose account it is.
    ///
    /// # Errors
    /// When the configuration makes no sense, there are no valid credentials, or the account or
    /// the endpoint is not the one expected.
    pub(super) async fn connect_aws(
        &self,
        recorded: Option<&Target>,
    ) -> Result<Access, CommandError> {
        let mut route = self.route(self.configured().await?, recorded).await?;
        self.announce(&route).await;
        let expected = self.expected(&route);
        expected.check_endpoint()?;
        let profile = route.settings.profile.clone();
        let mut clients = self.clients(&route);
        let caller = tokio::select! {
            caller = caller::identify(&clients, &expected, profile) => caller?,
            () = self.cancel.cancelled() => {
                return Err(CommandError::interrupted("interrupted; nothing was changed"));
            }
        };
        if let Some(other) = self.reroute(&route, &caller.account).await? {
            route = other;
            self.announce(&route).await;
            clients = self.clients(&route);
        }
        let target = Target {
            kind: TargetKind::Aws.name().to_owned(),
            account: caller.account.clone(),
            endpoint: route.endpoints.main().map(str::to_owned),
            profile: caller.profile.clone(),
            region: route.region.name.clone(),
        };
        self.events.send(Event::Account(format!(
            "Lab {} in account {}, as {}.",
            self.globals.lab,
            caller.account_and_alias(),
            caller.name()
        )));
        self.events.wait_until_shown().await;
        // One command has one target on AWS.
        let _ = self.target.set(target.document(&caller));
        Ok(Access {
            target,
            caller,
            clients,
        })
    }

    /// What the user has configured for AWS. Makes no call.
    ///
    /// # Errors
    /// When it makes no sense.
    pub async fn configured(&self) -> Result<AwsSettings, CommandError> {
        let settings = AwsSettings::read(self.globals.profile.as_deref()).await?;
        Ok(self.settings.get_or_init(|| settings).clone())
    }

    /// The region to act in, for a lab that is on record there.
    pub fn region(&self, settings: &AwsSettings, recorded: Option<&Target>) -> Region {
        let built = recorded.filter(|recorded| !recorded.is_local());
        Region::choose(
            self.globals.region.as_deref(),
            built.map(|built| built.region.as_str()),
            settings.region.as_deref(),
        )
    }

    /// Where the calls will go. Makes none.
    ///
    /// # Errors
    /// When the endpoints that are configured make no sense.
    pub async fn route(
        &self,
        settings: AwsSettings,
        recorded: Option<&Target>,
    ) -> Result<Route, CommandError> {
        let recorded = recorded.filter(|recorded| !recorded.is_local());
        let route = self.route_by(settings, recorded).await?;
        let here = route.endpoints.main();
        let elsewhere = recorded.is_some_and(|built| built.endpoint.as_deref() != here);
        if self.globals.target.is_some() && elsewhere {
            return self.route_by(route.settings, None).await;
        }
        Ok(route)
    }

    /// The way that is right once the account is known; `None` where it is the same. A lab of
    /// another account does not say where to look for one of this name here.
    ///
    /// # Errors
    /// As [`CommandEnv::route`].
    pub async fn reroute(
        &self,
        route: &Route,
        account: &str,
    ) -> Result<Option<Route>, CommandError> {
        let other = route.recorded.as_ref();
        let other = other.is_some_and(|built| built.account != account);
        let settings = route.settings.clone();
        if !other || self.region(&settings, None).name == route.region.name {
            return Ok(None);
        }
        self.route_by(settings, None).await.map(Some)
    }

    async fn route_by(
        &self,
        settings: AwsSettings,
        recorded: Option<&Target>,
    ) -> Result<Route, CommandError> {
        let region = self.region(&settings, recorded);
        let configuration = Clients::configuration(Login::Configured {
            settings: settings.clone(),
            region: region.name.clone(),
        })
        .await;
        Ok(Route {
            endpoints: Endpoints::of(&configuration)?,
            settings,
            region,
            configuration,
            recorded: recorded.cloned(),
        })
    }

    /// Tells where the calls will go, and returns when it is shown.
    pub async fn announce(&self, route: &Route) {
        let region = &route.region;
        self.events.send(Event::Account(format!(
            "AWS, region {}, {}, {}.",
            region.name,
            route.endpoints.describe(),
            route.settings.credentials()
        )));
        if let RegionSource::Lab {
            unused: Some(unused),
        } = &region.source
        {
            self.events.note(format!(
                "The lab {} was built in {}; the configured region {unused} is not used. --region chooses another.",
                self.globals.lab, region.name
            ));
        }
        self.events.wait_until_shown().await;
    }

    /// What the account and the endpoint must be. `--target` says to look for the lab anew.
    pub fn expected<'a>(&'a self, route: &'a Route) -> Expected<'a> {
        let anew = self.globals.target.is_some();
        Expected {
            account: self.globals.expect_account.as_deref(),
            recorded: route.recorded.as_ref().filter(|_| !anew),
            endpoint: route.endpoints.main(),
            lab: self.globals.lab.as_str(),
        }
    }

    fn clients(&self, route: &Route) -> Clients {
        let observer = RetryObserver::new(self.events.clone(), self.cancel.clone());
        Clients::with_retry_observer(&route.configuration, &observer)
    }
}
