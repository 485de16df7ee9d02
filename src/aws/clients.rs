//! One set of SDK clients for a target.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls;

/// How often a call is tried at most, counting throttling and a service's own errors alike.
const ATTEMPTS: u32 = 6;
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait for one attempt's answer; long polls (20 s) end well within.
const ATTEMPT: Duration = Duration::from_secs(40);

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

/// Whose credentials sign the calls.
#[derive(Debug, Clone)]
pub enum Login {
    /// The standard chain: environment, profile, and so on.
    Chain,
    /// The owner's key of a local cloud.
    Local {
        /// Where the cloud listens.
        endpoint: String,
        /// Its region.
        region: String,
        /// The access key.
        access_key: String,
        /// Its secret.
        secret_key: String,
    },
}

impl Clients {
    /// The configuration for a login. With [`Login::Chain`] this reads the user's environment
    /// and profile; no call is made yet. The region is the lab's `us-east-1` where none is set.
    pub async fn configuration(login: Login) -> SdkConfig {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .build();
        match login {
            Login::Chain => {
                let configured = aws_config::defaults(BehaviorVersion::latest())
                    .http_client(http)
                    .timeout_config(timeouts)
                    .load()
                    .await;
                if configured.region().is_some() {
                    return configured;
                }
                let region = Region::from_static("us-east-1");
                configured.into_builder().region(region).build()
            }
            Login::Local {
                endpoint,
                region,
                access_key,
                secret_key,
            } => SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http)
                .timeout_config(timeouts)
                .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                .time_source(SystemTimeSource::new())
                .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
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
        Self {
            sqs: aws_sdk_sqs::Client::new(configuration),
            dynamodb: aws_sdk_dynamodb::Client::new(configuration),
            lambda: aws_sdk_lambda::Client::new(configuration),
            iam: aws_sdk_iam::Client::new(configuration),
            sts: aws_sdk_sts::Client::new(configuration),
            logs: aws_sdk_cloudwatchlogs::Client::new(configuration),
            tagging: aws_sdk_resourcegroupstagging::Client::new(configuration),
        }
    }
}

/// What to override on a call of Invoke: one attempt, because a repeated one runs the function
/// twice, and time for the function.
pub fn for_invoke(function_timeout: Duration) -> aws_sdk_lambda::config::Builder {
    aws_sdk_lambda::config::Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(function_timeout + ATTEMPT)
                .build(),
        )
}
