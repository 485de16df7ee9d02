//! The SDK clients for a target.

use std::path::PathBuf;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::dry_run;
use super::observers::Observers;
use super::transport::{http_client, proxy_from_environment};
use super::unreadable::UnreadableReplies;
use super::{AwsSettings, CommandLog, limits};
use crate::ui::Events;

/// The clients of every service that the tool calls.
#[derive(Debug, Clone)]
pub struct Clients {
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Lambda.
    pub lambda: aws_sdk_lambda::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// STS.
    pub sts: aws_sdk_sts::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// The Resource Groups Tagging API, which finds resources by their tags.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
}

/// Whose credentials sign the calls, and where they go.
#[derive(Debug, Clone)]
pub enum Login {
    /// The credentials that the user has configured.
    Configured {
        /// The configuration.
        settings: AwsSettings,
        /// The region to act in.
        region: String,
    },
    /// The owner's key of a local cloud.
    Local {
        /// The endpoint of the cloud, an HTTP URL.
        endpoint: String,
        /// Its region.
        region: String,
        /// The access key id.
        access_key: String,
        /// The secret access key.
        secret_key: String,
    },
}

impl Clients {
    /// The configuration for a login. With [`Login::Configured`] this reads the user's
    /// environment and profiles. It makes no call.
    pub async fn configuration(login: Login) -> SdkConfig {
        match login {
            Login::Configured { settings, region } => {
                let http = http_client(proxy_from_environment());
                let region = Region::new(region);
                let mut loader = aws_config::defaults(BehaviorVersion::latest())
                    .credentials_provider(credentials(&settings, &region, &http).await)
                    .identity_cache(
                        IdentityCache::lazy()
                            .load_timeout(limits::CREDENTIALS)
                            .build(),
                    )
                    .http_client(http)
                    .retry_config(limits::retries())
                    .timeout_config(limits::timeouts())
                    .region(region);
                if let Some(profile) = settings.profile {
                    loader = loader.profile_name(profile);
                }
                loader.load().await
            }
            Login::Local {
                endpoint,
                region,
                access_key,
                secret_key,
            } => SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http_client(ProxyConfig::disabled()))
                .timeout_config(limits::timeouts())
                .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                .time_source(SystemTimeSource::new())
                .retry_config(limits::retries())
                .region(Region::new(region))
                .endpoint_url(endpoint)
                .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                    access_key,
                    secret_key,
                    None,
                    None,
                    "orders-lab",
                )))
                .build(),
        }
    }

    /// The clients for a configuration.
    pub fn new(configuration: &SdkConfig) -> Self {
        Self::observed(configuration, &Observers::default())
    }

    /// Clients for a dry run: what would change something is not sent. Its AWS CLI commands come as
    /// events, and the code of functions is written into the folder `packages`.
    pub fn dry_run(configuration: &SdkConfig, packages: PathBuf, events: &Events) -> Self {
        let observers = Observers {
            commands: Some(CommandLog::dry_run(packages, events.clone())),
            ..Observers::default()
        };
        let mut builder = configuration.to_builder();
        builder.set_http_client(configuration.http_client().map(dry_run::unsent));
        Self::observed(&builder.build(), &observers)
    }

    /// The clients for a configuration, whose calls are observed.
    pub fn observed(configuration: &SdkConfig, observers: &Observers) -> Self {
        macro_rules! client {
            ($service:ident) => {{
                let mut builder = $service::config::Builder::from(configuration)
                    .retry_classifier(UnreadableReplies);
                for interceptor in observers.interceptors() {
                    builder.push_interceptor(interceptor);
                }
                $service::Client::from_conf(builder.build())
            }};
        }
        Self {
            sqs: client!(aws_sdk_sqs),
            dynamodb: client!(aws_sdk_dynamodb),
            lambda: client!(aws_sdk_lambda),
            iam: client!(aws_sdk_iam),
            sts: client!(aws_sdk_sts),
            logs: client!(aws_sdk_cloudwatchlogs),
            tagging: client!(aws_sdk_resourcegroupstagging),
        }
    }
}

/// The SDK's credential chain with two differences: a profile named by flag takes precedence over
/// keys in the environment, as in the AWS CLI, and a missing metadata service is noticed within
/// seconds.
async fn credentials(
    settings: &AwsSettings,
    region: &Region,
    http: &SharedHttpClient,
) -> SharedCredentialsProvider {
    let basis = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(http.clone())
        .with_region(Some(region.clone()));
    if let (Some(profile), true) = (&settings.profile, settings.profile_by_flag) {
        let profile = ProfileFileCredentialsProvider::builder()
            .configure(&basis)
            .profile_name(profile);
        return SharedCredentialsProvider::new(profile.build());
    }
    let metadata = imds::Client::builder()
        .configure(&basis)
        .max_attempts(1)
        .connect_timeout(limits::METADATA)
        .read_timeout(limits::METADATA)
        .build();
    let chain = DefaultCredentialsChain::builder()
        .configure(basis)
        .imds_client(metadata)
        .region(region.clone());
    SharedCredentialsProvider::new(chain.build().await)
}
