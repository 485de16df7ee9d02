//! The processor's `bootstrap`: reads its environment and the clock, passes each batch to the library,
//! and prints a line on stdout for each order that was not stored.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_lambda_events::sqs::SqsBatchResponse;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use order::wire::OrderFailure;
use order_processor::dynamo::DynamoStore;
use order_processor::process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = std::env::var("DYNAMODB_ORDERS_TABLE")
        .map_err(|error| format!("DYNAMODB_ORDERS_TABLE must be the table's name: {error}"))?;
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts())
        .load()
        .await;
    let store = &DynamoStore::new(aws_sdk_dynamodb::Client::new(&config), table);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<serde_json::Value>| handle(store, event.payload).await,
    ))
    .await
}

/// How long the processor waits for DynamoDB, which responds within milliseconds. Between two
/// invocations Lambda freezes the function, and a connection may be dead when it is thawed. Without a
/// timeout, a call would wait on it until the function's timeout, 5 s by default, and each order of the
/// batch would lose one of its three receives. So an attempt ends early enough for a second one on a
/// new connection: at worst 1.5 s, the SDK's pause of up to 1 s, and 1.5 s. An order inserted twice is
/// stored once.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1500))
        .build()
}

async fn handle(
    store: &DynamoStore,
    event: serde_json::Value,
) -> Result<SqsBatchResponse, Diagnostic> {
    let processed = process(store, event, now()).await?;
    log(&processed.failures).map_err(|error| Diagnostic {
        error_type: "LogNotWritten".to_owned(),
        error_message: format!("a refused order could not be logged: {error}"),
    })?;
    Ok(processed.response)
}

/// Milliseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place where the processor reads the clock"
)]
fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn log(failures: &[OrderFailure]) -> std::io::Result<()> {
    let mut lines = Vec::new();
    for failure in failures {
        serde_json::to_writer(&mut lines, failure)?;
        lines.push(b'\n');
    }
    std::io::stdout().lock().write_all(&lines)
}
