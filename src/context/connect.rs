//! Connects to AWS: reads the configuration, says where the calls go, then asks for the account.

use aws_config::SdkConfig;

use super::expected::Expected;
use super::{CommandEnv, Context, Region, RegionSource, Target, caller};
use crate::aws::{AwsSettings, Clients, Endpoints, Login};
use crate::error::CommandError;
use crate::globals::TargetKind;
use crate::ui::Event;

/// Where calls to AWS will go, known before the first.
#[derive(Debug)]
pub struct Route {
    /// The user's AWS configuration.
    pub settings: AwsSettings,
    /// The region.
    pub region: Region,
    /// The SDK configuration for the clients.
    pub configuration: SdkConfig,
    /// The endpoint of each service.
    pub endpoints: Endpoints,
    /// Where the lab was built, unless that is ignored.
    recorded: Option<Target>,
}

impl CommandEnv {
    /// Connects to AWS: says where the calls go, then asks for the account.
    ///
    /// # Errors
    /// When the configuration is invalid, there are no valid credentials, or the account or the
    /// endpoint is not the one expected.
    pub(super) async fn connect_aws(
        &self,
        recorded: Option<&Target>,
    ) -> Result<Context<'_>, CommandError> {
        let settings = self.configured().await?;
        self.connect_with(settings.clone(), recorded)
            .await
            .map_err(|error| self.explain(error, Some(&settings)))
    }

    async fn connect_with(
        &self,
        settings: AwsSettings,
        recorded: Option<&Target>,
    ) -> Result<Context<'_>, CommandError> {
        let mut route = self.route(settings, recorded).await?;
        self.announce(&route).await;
        let expected = self.expected(&route);
        expected.check_endpoint()?;
        let profile = route.settings.profile.clone();
        let clients = |route: &Route| Clients::observed(&route.configuration, &self.observers());
        let mut connected = clients(&route);
        let caller = tokio::select! {
            caller = caller::identify(&connected, &expected, profile) => caller?,
            () = self.cancel.cancelled() => {
                return Err(CommandError::interrupted("interrupted; nothing was changed"));
            }
        };
        if let Some(other) = self.reroute(&route, &caller.account).await? {
            route = other;
            self.announce(&route).await;
            connected = clients(&route);
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
        Ok(Context {
            env: self,
            names: self.names(&target),
            target,
            caller,
            clients: connected,
            configuration: route.configuration,
            local: None,
            settings: Some(route.settings),
        })
    }

    /// The user's AWS configuration. Makes no call.
    ///
    /// # Errors
    /// When it is invalid.
    pub async fn configured(&self) -> Result<AwsSettings, CommandError> {
        AwsSettings::read(self.globals.profile.as_deref()).await
    }

    /// The region to act in, for a lab that is recorded there.
    pub fn region(&self, settings: &AwsSettings, recorded: Option<&Target>) -> Region {
        let built = recorded.filter(|recorded| !recorded.is_local());
        Region::choose(
            self.globals.region.as_deref(),
            built.map(|built| built.region.as_str()),
            settings.region.as_deref(),
        )
    }

    /// Where the calls will go. Makes no call.
    ///
    /// # Errors
    /// When the configured endpoints are invalid.
    pub async fn route(
        &self,
        settings: AwsSettings,
        recorded: Option<&Target>,
    ) -> Result<Route, CommandError> {
        let on_aws = recorded.filter(|recorded| !recorded.is_local());
        let route = self.route_by(settings, on_aws).await?;
        let here = route.endpoints.main();
        let elsewhere = on_aws.is_some_and(|built| built.endpoint.as_deref() != here);
        if self.globals.target.is_some() && elsewhere {
            return self.route_by(route.settings, None).await;
        }
        Ok(route)
    }

    /// The route once the account is known; `None` where it stays the same. The recorded region of a
    /// lab in another account does not apply to this account.
    ///
    /// # Errors
    /// As [`CommandEnv::route`].
    pub async fn reroute(
        &self,
        route: &Route,
        account: &str,
    ) -> Result<Option<Route>, CommandError> {
        let is_other = route
            .recorded
            .as_ref()
            .is_some_and(|built| built.account != account);
        let settings = route.settings.clone();
        if !is_other || self.region(&settings, None).name == route.region.name {
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

    /// Says where the calls will go, and returns when it is shown.
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

    /// What the account and the endpoint must be. With `--target` the recorded ones are ignored.
    pub fn expected<'a>(&'a self, route: &'a Route) -> Expected<'a> {
        let ignores_record = self.globals.target.is_some();
        Expected {
            account: self.globals.expect_account.as_deref(),
            recorded: route.recorded.as_ref().filter(|_| !ignores_record),
            endpoint: route.endpoints.main(),
            lab: self.globals.lab.as_str(),
        }
    }
}
