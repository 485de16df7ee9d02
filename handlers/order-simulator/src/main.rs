//! The simulator's `bootstrap`: reads its environment and passes each event to the library.

use std::io::Write as _;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use order_simulator::sqs::SqsQueue;
use order_simulator::{SimulateError, simulate};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let url = std::env::var("ORDERS_QUEUE_URL")
        .map_err(|error| format!("ORDERS_QUEUE_URL must be the queue's URL: {error}"))?;
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts())
        .load()
        .await;
    let queue = &SqsQueue::new(aws_sdk_sqs::Client::new(&config), url);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<serde_json::Value>| {
            let simulated = simulate(queue, event.payload, tokio::time::sleep).await;
            // The caller gets the error too, but later only the log is left.
            simulated.inspect_err(log)
        },
    ))
    .await
}

/// How long the simulator waits for SQS, which responds within milliseconds. Between two invocations
/// Lambda freezes the function, and a connection may be dead when it is thawed. Without a timeout, a
/// call would wait on it until the function's timeout of a minute, which leaves room for the SDK's three
/// attempts with a longer timeout than the processor's: a batch whose response comes too late is in the
/// queue twice.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(5))
        .build()
}

/// Logs why a simulation failed. If logging fails too, the invocation's error still says it.
fn log(error: &SimulateError) {
    let line = serde_json::json!({ "event": "simulation_failed", "error": error.to_string() });
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
