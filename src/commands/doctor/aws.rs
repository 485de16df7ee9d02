//! The checks that call AWS: credentials, account, clock, quotas, each with its own time limit.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use super::check::{Check, State};
use super::findings;
use crate::aws::{
    Answer as _, CREDENTIALS_WAIT, Class, Clients, Observers, RetryObserver, why_no_credentials,
};
use crate::context::{CommandEnv, Route, Target, account_alias};
use crate::error::{CommandError, ErrorKind};
use crate::system;

/// The longest wait for one reply.
const TIMEOUT: Duration = Duration::from_secs(5);

const CONFIGURATION: &str = "configuration";
const CREDENTIALS: &str = "credentials";
const ACCOUNT: &str = "account";
const REGION: &str = "region";
const ENDPOINT: &str = "endpoint";
const CLOCK: &str = "clock";
const QUOTA: &str = "Lambda quota";

/// All checks of the account, region and endpoint that every other command would use.
pub(super) async fn checks(env: &CommandEnv, recorded: Option<&Target>) -> Vec<Check> {
    let settings = match env.configured().await {
        Ok(settings) => settings,
        Err(error) => return vec![Check::failed(CONFIGURATION, &error)],
    };
    let region = findings::region(REGION, &env.region(&settings, recorded));
    let route = match env.route(settings, recorded).await {
        Ok(route) => route,
        Err(error) => return vec![region, Check::failed(ENDPOINT, &error)],
    };
    env.announce(&route).await;
    let (credentials, found) = credentials(&route, env).await;
    let mut checks = vec![credentials, findings::region(REGION, &route.region)];
    let unknown = |names: &[&'static str], why| -> Vec<Check> {
        names.iter().map(|name| Check::unknown(name, why)).collect()
    };
    if let Err(error) = env.expected(&route).check_endpoint() {
        let why = "the lab was built at another endpoint";
        checks.push(Check::failed(ENDPOINT, &error));
        checks.extend(unknown(&[ACCOUNT, CLOCK, QUOTA], why));
    } else if let Some(found) = found {
        let caller = Caller { env, route, found };
        caller.check(&mut checks).await;
    } else {
        let why = "there are no valid credentials";
        checks.extend(unknown(&[ACCOUNT, ENDPOINT, CLOCK, QUOTA], why));
    }
    checks
}

/// Gets the credentials as every call does, and with the same time limit: a credential process may
/// ask the user for a second factor.
async fn credentials(route: &Route, env: &CommandEnv) -> (Check, Option<Credentials>) {
    let failed = |cause: String| {
        let error = CommandError::new(ErrorKind::Credentials, cause);
        let check = Check::failed(CREDENTIALS, &env.explain(error, Some(&route.settings)));
        (check, None)
    };
    let Some(provider) = route.configuration.credentials_provider() else {
        return failed("none are configured".to_owned());
    };
    match tokio::time::timeout(CREDENTIALS_WAIT, provider.provide_credentials()).await {
        Err(_) => failed(format!("none came within {} s", CREDENTIALS_WAIT.as_secs())),
        Ok(Err(problem)) => failed(why_no_credentials(&problem)),
        Ok(Ok(found)) => match describe_credentials(&found, route, system::now_ms()) {
            Some(check) => (check, Some(found)),
            None => failed("they have expired".to_owned()),
        },
    }
}

/// Where credentials come from and how long they are valid, with the last four characters of the
/// key; `None` where they have expired. `now` is in milliseconds since the Unix epoch.
fn describe_credentials(found: &Credentials, route: &Route, now: u64) -> Option<Check> {
    let key = found.access_key_id();
    let shown = key
        .char_indices()
        .rev()
        .nth(3)
        .map_or(0, |(start, _)| start);
    let words = format!("{}, key …{}", route.settings.credentials(), &key[shown..]);
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

/// The calls to AWS.
struct Caller<'a> {
    env: &'a CommandEnv,
    route: Route,
    /// The credentials, so that they are requested only once.
    found: Credentials,
}

impl Caller<'_> {
    /// Checks account, endpoint and clock; then the alias and the quota, in the region that is right
    /// for the account.
    async fn check(mut self, checks: &mut Vec<Check>) {
        let (account, [mut identity, endpoint, clock]) = self.identify().await;
        if let Some(account) = account
            && let Ok(Some(other)) = self.env.reroute(&self.route, &account).await
        {
            self.env.announce(&other).await;
            checks.retain(|check| check.name != REGION);
            checks.push(findings::region(REGION, &other.region));
            self.route = other;
        }
        let clients = self.clients();
        let (alias, quota) = tokio::join!(account_alias(&clients), quota(&clients));
        if let Some(alias) = alias.filter(|_| identity.state == State::Ok) {
            identity.found.push_str(&format!(", alias {alias}"));
        }
        checks.extend([identity, endpoint, clock, quota]);
    }

    fn clients(&self) -> Clients {
        let provider = SharedCredentialsProvider::new(self.found.clone());
        let configuration = self.route.configuration.to_builder();
        // Checks that fail say so themselves.
        let observers = Observers {
            retries: RetryObserver::default(),
            ..self.env.observers()
        };
        let configuration = configuration.credentials_provider(provider).build();
        Clients::observed(&configuration, &observers)
    }

    /// Calls `GetCallerIdentity`, which also shows whether the endpoint responds, and its time. Returns
    /// the account, where it is known.
    async fn identify(&self) -> (Option<String>, [Check; 3]) {
        let clock = Clock::default();
        let clients = self.clients();
        let call = clients.sts.get_caller_identity().customize();
        let answer = in_time(call.interceptor(clock.clone()).send())
            .await
            .map(|answer| answer.of_call("sts:GetCallerIdentity"));
        let clock = clock.ahead_ms().map_or_else(
            || Check::unknown(CLOCK, "no reply has a date"),
            |ahead_ms| findings::clock(CLOCK, ahead_ms),
        );
        let place = self.route.endpoints.describe();
        let in_the_way = "Check whether the network, a proxy or AWS_ENDPOINT_URL is in the way.";
        let silent = |why: &str, advice: &str| {
            let endpoint = Check::problem(ENDPOINT, format!("{place}: {why}"), advice);
            let account = Check::unknown(ACCOUNT, "the endpoint does not answer");
            [account, endpoint]
        };
        let answers = || Check::ok(ENDPOINT, format!("{place}, answers"));
        let mut known = None;
        let [account, endpoint] = match answer {
            None => silent(
                &format!("no answer within {} s", TIMEOUT.as_secs()),
                in_the_way,
            ),
            Some(Ok(caller)) => {
                let id = known.insert(caller.account().unwrap_or("unknown").to_owned());
                let arn = caller.arn().unwrap_or("an unknown identity");
                let expected = self.env.expected(&self.route);
                let account = match expected.check_account(id) {
                    Ok(()) => Check::ok(ACCOUNT, format!("{id}, as {arn}")),
                    Err(error) => Check::failed(ACCOUNT, &error),
                };
                [account, answers()]
            }
            Some(Err(problem)) if problem.class == Class::NoListener => silent(
                &problem.message,
                "Start the server there, or set AWS_ENDPOINT_URL to another.",
            ),
            Some(Err(problem)) if problem.is_unreachable() => {
                silent(&problem.to_string(), in_the_way)
            }
            Some(Err(problem)) => {
                let error = self.env.explain(problem.into(), Some(&self.route.settings));
                [Check::failed(ACCOUNT, &error), answers()]
            }
        };
        (known, [account, endpoint, clock])
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(TIMEOUT, work).await.ok()
}

/// The lab itself does not need the permission to read quotas.
async fn quota(clients: &Clients) -> Check {
    let call = clients.lambda.get_account_settings().send();
    let Some(answer) = in_time(call).await else {
        return Check::unknown(QUOTA, "Lambda does not respond in time");
    };
    match answer.of_call("lambda:GetAccountSettings") {
        Ok(settings) => {
            let limits = settings.account_limit();
            let limit = limits.map_or(0, |limits| limits.concurrent_executions());
            let left = limits.and_then(|limits| limits.unreserved_concurrent_executions());
            findings::concurrency(QUOTA, limit, left.unwrap_or(limit))
        }
        Err(problem) if problem.class == Class::Denied => {
            Check::unknown(QUOTA, "the permission lambda:GetAccountSettings is missing")
        }
        Err(problem) => Check::unknown(QUOTA, &problem.to_string()),
    }
}

/// Reads the `Date` header of the first reply, whatever its status.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<Mutex<Option<i64>>>);

impl Clock {
    /// How far this machine's clock is ahead of AWS's, in milliseconds.
    fn ahead_ms(&self) -> Option<i64> {
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
        let there = date
            .and_then(|date| DateTime::from_str(date, Format::HttpDate).ok())
            .and_then(|there| there.to_millis().ok());
        let here = i64::try_from(system::now_ms()).unwrap_or(i64::MAX);
        let mut ahead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // After a refusal the SDK corrects its clock and signs again, so only the first reply counts.
        *ahead = ahead.or(there.map(|there| here.saturating_sub(there)));
        Ok(())
    }
}
