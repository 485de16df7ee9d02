//! What must be asked of AWS: credentials, account, clock, quotas. All is asked at once, each
//! with a time limit of its own.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use super::{Check, State, judge};
use crate::aws::{Class, Clients, Endpoints, Login, Settings, failure};
use crate::context::{LOCAL_REGION, Target};
use crate::error::{CommandError, ErrorKind};
use crate::globals::Globals;
use crate::world;

/// The longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

const CONFIGURATION: &str = "configuration";
const CREDENTIALS: &str = "credentials";
const ACCOUNT: &str = "account";
const REGION: &str = "region";
const ENDPOINT: &str = "endpoint";
const CLOCK: &str = "clock";
const QUOTA: &str = "Lambda quota";

/// All checks of the AWS that flags, environment and profile name.
pub(super) async fn checks(globals: &Globals, recorded: Option<&Target>) -> Vec<Check> {
    let settings = match Settings::read(globals.profile.as_deref()).await {
        Ok(settings) => settings,
        Err(error) => return vec![Check::failed(CONFIGURATION, &error)],
    };
    let recorded = recorded.filter(|recorded| !recorded.is_local());
    let region = globals.region.as_deref();
    let region = region.or(settings.region.as_deref());
    let region = region.or(recorded.map(|recorded| recorded.region.as_str()));
    let region_check = judge::region(REGION, region, LOCAL_REGION);
    let login = Login::Configured {
        settings: settings.clone(),
        region: region.unwrap_or(LOCAL_REGION).to_owned(),
    };
    let configuration = Clients::configuration(login).await;
    let endpoints = match Endpoints::of(&configuration) {
        Ok(endpoints) => endpoints.describe(),
        Err(error) => return vec![region_check, Check::failed(ENDPOINT, &error)],
    };
    let credentials = credentials(&configuration, &settings).await;
    let asker = Asker {
        clients: Clients::new(&configuration),
        settings: &settings,
        endpoints: &endpoints,
        expected: globals.expect_account.as_deref(),
    };
    let asked = if credentials.state == State::Problem {
        let why = "there are no valid credentials to ask with";
        [ACCOUNT, ENDPOINT, CLOCK, QUOTA].map(|name| Check::unknown(name, why))
    } else {
        asker.ask().await
    };
    [credentials, region_check]
        .into_iter()
        .chain(asked)
        .collect()
}

async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, work).await.ok()
}

async fn credentials(configuration: &SdkConfig, settings: &Settings) -> Check {
    let failed = |cause: String| {
        let error = CommandError::new(ErrorKind::Credentials, cause);
        Check::failed(CREDENTIALS, &settings.explain(error))
    };
    let Some(provider) = configuration.credentials_provider() else {
        return failed("none are configured".to_owned());
    };
    match in_time(provider.provide_credentials()).await {
        None => failed(format!("none came within {} s", PATIENCE.as_secs())),
        Some(Err(problem)) => failed(problem.to_string()),
        Some(Ok(found)) => match judge_credentials(&found, settings, world::now_ms()) {
            Some(check) => check,
            None => failed("they have expired".to_owned()),
        },
    }
}

/// Says of credentials where they are from and how long they are valid, and of the key only how
/// it ends; `None` where they have expired.
fn judge_credentials(found: &Credentials, settings: &Settings, now: u64) -> Option<Check> {
    let key = found.access_key_id();
    let shown = key
        .char_indices()
        .rev()
        .nth(3)
        .map_or(0, |(start, _)| start);
    let words = format!("{}, key …{}", settings.credentials(), &key[shown..]);
    let Some(expiry) = found.expiry() else {
        return Some(Check::ok(CREDENTIALS, words));
    };
    let ends = expiry.duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = ends.saturating_sub(Duration::from_millis(now));
    let minutes = left.as_secs() / 60;
    (!left.is_zero()).then(|| {
        Check::ok(
            CREDENTIALS,
            format!("{words}, valid for {minutes} min more"),
        )
    })
}

/// What asks AWS.
struct Asker<'a> {
    clients: Clients,
    settings: &'a Settings,
    endpoints: &'a str,
    expected: Option<&'a str>,
}

impl Asker<'_> {
    /// Account, endpoint, clock and quota.
    async fn ask(&self) -> [Check; 4] {
        let ([mut account, endpoint, clock], alias, quota) =
            tokio::join!(self.caller(), self.alias(), self.quota());
        if let Some(alias) = alias.filter(|_| account.state == State::Ok) {
            account.found.push_str(&format!(", alias {alias}"));
        }
        [account, endpoint, clock, quota]
    }

    /// Asks whose credentials these are, which also shows whether the endpoint answers, and what
    /// time it is there.
    async fn caller(&self) -> [Check; 3] {
        let clock = Clock::default();
        let call = self.clients.sts.get_caller_identity().customize();
        let answer = in_time(call.interceptor(clock.clone()).send()).await;
        let answer =
            answer.map(|answer| answer.map_err(|error| failure("sts:GetCallerIdentity", error)));
        let clock = clock.ahead().map_or_else(
            || Check::unknown(CLOCK, "no answer tells the time"),
            |ahead| judge::clock(CLOCK, ahead),
        );
        let place = self.endpoints;
        let silent = |why: &str| {
            let advice = "Look whether the network, a proxy or AWS_ENDPOINT_URL is in the way.";
            let endpoint = Check::problem(ENDPOINT, format!("{place}: {why}"), advice);
            let account = Check::unknown(ACCOUNT, "the endpoint does not answer");
            [account, endpoint]
        };
        let answers = || Check::ok(ENDPOINT, format!("{place}, answers"));
        let [account, endpoint] = match answer {
            None => silent(&format!("no answer within {} s", PATIENCE.as_secs())),
            Some(Ok(caller)) => {
                let id = caller.account().unwrap_or("unknown");
                let arn = caller.arn().unwrap_or("an unknown identity");
                [judge::account(ACCOUNT, id, arn, self.expected), answers()]
            }
            Some(Err(problem)) if problem.class == Class::Unreachable => {
                silent(&problem.to_string())
            }
            Some(Err(problem)) => {
                let error = self.explain(problem.into());
                [Check::failed(ACCOUNT, &error), answers()]
            }
        };
        [account, endpoint, clock]
    }

    /// An error with what renews the credentials, where they are why.
    fn explain(&self, error: CommandError) -> CommandError {
        match error.kind {
            ErrorKind::Credentials => self.settings.explain(error),
            _ => error,
        }
    }

    /// The account's alias: not to get one is no concern of the lab's.
    async fn alias(&self) -> Option<String> {
        let answer = in_time(self.clients.iam.list_account_aliases().send()).await?;
        answer.ok()?.account_aliases.into_iter().next()
    }

    /// Nobody needs the right to see quotas in order to run the lab.
    async fn quota(&self) -> Check {
        let call = self.clients.lambda.get_account_settings().send();
        let Some(answer) = in_time(call).await else {
            return Check::unknown(QUOTA, "Lambda does not answer in time");
        };
        match answer.map_err(|error| failure("lambda:GetAccountSettings", error)) {
            Ok(settings) => {
                let limits = settings.account_limit();
                let limit = limits.map_or(0, |limits| limits.concurrent_executions());
                let left = limits.and_then(|limits| limits.unreserved_concurrent_executions());
                judge::concurrency(QUOTA, limit, left.unwrap_or(limit))
            }
            Err(problem) if problem.class == Class::Denied => {
                Check::unknown(QUOTA, "the right lambda:GetAccountSettings is missing")
            }
            Err(problem) => Check::unknown(QUOTA, &problem.to_string()),
        }
    }
}

/// Reads the time of the first answer, of whatever sort it is.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<Mutex<Option<i64>>>);

impl Clock {
    /// How far this machine's clock is ahead, in milliseconds.
    fn ahead(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let there = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let there = there.and_then(|there| there.to_millis().ok());
        let here = i64::try_from(world::now_ms()).unwrap_or(i64::MAX);
        let mut ahead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The SDK answers a refusal by signing anew with the right time; the first answer counts.
        *ahead = ahead.or(there.map(|there| here.saturating_sub(there)));
        Ok(())
    }
}
