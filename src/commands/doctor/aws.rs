//! What must be asked of AWS: credentials, account, clock, quotas. All is asked at once, each
//! with a time limit of its own.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::default_provider::region::DefaultRegionChain;
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use super::{Check, judge};
use crate::aws::{AwsFailure, Class, Clients, Login, failure};
use crate::error::CommandError;
use crate::world;

/// The longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

const CREDENTIALS: &str = "credentials";
const ACCOUNT: &str = "account";
const REGION: &str = "region";
const ENDPOINT: &str = "endpoint";
const CLOCK: &str = "clock";
const QUOTA: &str = "Lambda quota";

/// All checks of the AWS that the user's environment names.
pub(super) async fn checks() -> Vec<Check> {
    let (configuration, chosen) = tokio::join!(
        in_time(Clients::configuration(Login::Chain)),
        in_time(region())
    );
    let Some(configuration) = configuration else {
        let found = "the configuration could not be read in time";
        let advice =
            "Look whether a `credential_process` or the instance's metadata service hangs.";
        return vec![Check::problem(CREDENTIALS, found, advice)];
    };
    let fallback = configuration.region().map_or("us-east-1", AsRef::as_ref);
    let region = judge::region(REGION, chosen.flatten().as_deref(), fallback);
    let credentials = credentials(&configuration).await;
    let usable = !matches!(credentials.state, super::State::Problem);
    let mut checks = vec![credentials];
    if usable {
        let clients = Clients::new(&configuration);
        let ((account, endpoint, clock), alias, quota) = tokio::join!(
            caller(&configuration, &clients),
            alias(&clients),
            quota(&clients)
        );
        checks.push(with_alias(account, alias));
        checks.extend([region, endpoint, clock, quota]);
    } else {
        let unknown = |name| Check::unknown(name, "there are no valid credentials to ask with");
        checks.push(unknown(ACCOUNT));
        checks.push(region);
        checks.extend([ENDPOINT, CLOCK, QUOTA].map(unknown));
    }
    checks
}

async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, work).await.ok()
}

/// The region that the user chose, if any.
async fn region() -> Option<String> {
    let chain = DefaultRegionChain::builder().build();
    chain.region().await.map(|region| region.to_string())
}

async fn credentials(configuration: &SdkConfig) -> Check {
    let advice = "Give valid credentials: `aws sso login`, a profile (AWS_PROFILE), or keys in the environment.";
    let Some(provider) = configuration.credentials_provider() else {
        return Check::problem(CREDENTIALS, "there are none", advice);
    };
    match in_time(provider.provide_credentials()).await {
        None => Check::problem(CREDENTIALS, "none were found in time", advice),
        Some(Err(problem)) => {
            Check::problem(CREDENTIALS, format!("none were found: {problem}"), advice)
        }
        Some(Ok(found)) => judge_credentials(&found, world::now_ms(), advice),
    }
}

/// Says of credentials where they are from and how long they are valid; of the key, only how it
/// ends.
fn judge_credentials(found: &Credentials, now: u64, advice: &str) -> Check {
    let key = found.access_key_id();
    let ending: String = key
        .chars()
        .skip(key.chars().count().saturating_sub(4))
        .collect();
    let mut words = format!("key …{ending}");
    if let Some(origin) = origin(found) {
        words.push_str(&format!(", from {origin}"));
    }
    let Some(expiry) = found.expiry() else {
        return Check::ok(CREDENTIALS, words);
    };
    let ends = expiry
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let left = ends.saturating_sub(Duration::from_millis(now));
    if left.is_zero() {
        return Check::problem(CREDENTIALS, format!("{words}, have expired"), advice);
    }
    Check::ok(
        CREDENTIALS,
        format!("{words}, valid for another {} min", left.as_secs() / 60),
    )
}

/// Where the SDK found credentials.
fn origin(found: &Credentials) -> Option<&'static str> {
    let features = found.get_property::<Vec<Feature>>()?;
    features.iter().find_map(|feature| match feature {
        Feature::CredentialsEnvVars => Some("the environment"),
        Feature::CredentialsProfileSso | Feature::CredentialsSso => Some("single sign-on"),
        Feature::CredentialsProfileProcess | Feature::CredentialsProcess => Some("a program"),
        Feature::CredentialsStsAssumeRole
        | Feature::CredentialsProfileSourceProfile
        | Feature::CredentialsStsAssumeRoleWebId => Some("an assumed role"),
        Feature::CredentialsProfile => Some("a profile"),
        Feature::CredentialsImds => Some("the instance"),
        Feature::CredentialsHttp => Some("the container"),
        _ => None,
    })
}

/// Asks whose credentials these are, which also shows whether the endpoint answers, and what
/// time it is there.
async fn caller(configuration: &SdkConfig, clients: &Clients) -> (Check, Check, Check) {
    let clock = Clock::default();
    let call = clients.sts.get_caller_identity().customize();
    let answer = in_time(call.interceptor(clock.clone()).send()).await;
    let place = configuration.endpoint_url().unwrap_or("AWS's own");
    let clock = match clock.ahead() {
        Some(ahead) => judge::clock(CLOCK, ahead),
        None => Check::unknown(CLOCK, "no answer tells the time"),
    };
    let network =
        "Look whether the network, a proxy (HTTPS_PROXY) or AWS_ENDPOINT_URL is in the way.";
    let Some(answer) = answer else {
        let found = format!("{place}: no answer within {} s", PATIENCE.as_secs());
        let account = Check::unknown(ACCOUNT, "the endpoint does not answer");
        return (account, Check::problem(ENDPOINT, found, network), clock);
    };
    match answer.map_err(|error| failure("sts:GetCallerIdentity", error)) {
        Ok(caller) => {
            let found = format!(
                "{}, as {}",
                caller.account().unwrap_or("unknown"),
                caller.arn().unwrap_or("an unknown identity")
            );
            let endpoint = Check::ok(ENDPOINT, format!("{place}, answers"));
            (Check::ok(ACCOUNT, found), endpoint, clock)
        }
        Err(problem) if problem.class == Class::Unreachable => {
            let account = Check::unknown(ACCOUNT, "the endpoint does not answer");
            let endpoint = Check::problem(ENDPOINT, format!("{place}: {problem}"), network);
            (account, endpoint, clock)
        }
        Err(problem) => {
            let account = Check::failed(ACCOUNT, &CommandError::from(problem));
            (
                account,
                Check::ok(ENDPOINT, format!("{place}, answers")),
                clock,
            )
        }
    }
}

/// The account's alias: a failure to get one is none of the lab's concern.
async fn alias(clients: &Clients) -> Option<String> {
    let answer = in_time(clients.iam.list_account_aliases().send()).await?;
    answer.ok()?.account_aliases.into_iter().next()
}

fn with_alias(account: Check, alias: Option<String>) -> Check {
    match alias {
        Some(alias) => Check {
            found: format!("{} (alias {alias})", account.found),
            ..account
        },
        None => account,
    }
}

async fn quota(clients: &Clients) -> Check {
    let Some(answer) = in_time(clients.lambda.get_account_settings().send()).await else {
        return Check::unknown(QUOTA, "Lambda does not answer in time");
    };
    match answer.map_err(|error| failure("lambda:GetAccountSettings", error)) {
        Ok(settings) => {
            let limits = settings.account_limit();
            let limit = limits.map_or(0, |limits| limits.concurrent_executions());
            let left = limits.and_then(|limits| limits.unreserved_concurrent_executions());
            judge::concurrency(QUOTA, limit, left.unwrap_or(limit))
        }
        Err(problem) => not_told(problem),
    }
}

/// Nobody needs the right to see quotas in order to run the lab.
fn not_told(problem: AwsFailure) -> Check {
    if problem.class == Class::Denied {
        return Check::unknown(QUOTA, "the credentials lack lambda:GetAccountSettings");
    }
    Check::unknown(QUOTA, &problem.to_string())
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
