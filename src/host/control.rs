//! A typed client of the local cloud's control service, which takes signed JSON calls like any AWS
//! service.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use super::cloud_status::{ChaosProfile, CloudStatus};
use super::files::Owner;
use crate::error::CommandError;
use crate::system;

/// The longest that a control call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a control call failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nothing listens there, or something other than the local cloud.
    #[error("nothing answers as the local cloud on 127.0.0.1:{port}")]
    NoAnswer {
        /// The port.
        port: u16,
        /// What the system or a library reported.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The cloud refused the call.
    #[error("the local cloud refused {operation}: {message}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The reason that the cloud gave.
        message: String,
    },
}

impl From<ControlError> for CommandError {
    fn from(problem: ControlError) -> Self {
        Self::environment("the local cloud refused the request or did not respond").because(problem)
    }
}

/// What to change in the chaos profile; what is `None` or empty stays as it is.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SetChaos<'a> {
    /// The profile to start from: `off`, `aws` or `severe`.
    pub profile: Option<&'a str>,
    /// The seed of all random decisions.
    pub seed: Option<u64>,
    /// Single settings, each `NAME=VALUE`.
    pub settings: &'a [String],
}

/// How far to move lab time ahead.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum FastForward {
    Seconds(u64),
    Until(u64),
}

/// How far lab time was moved ahead, and what happened meanwhile.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct FastForwarded {
    /// Milliseconds of lab time since the cloud's first start.
    pub lab_time: u64,
    /// The moment to be reached, in the same.
    pub until: u64,
    /// Whether it is reached. If not, the next call goes on.
    pub is_reached: bool,
    /// Messages that were delivered to functions and processed.
    pub processed: u64,
    /// Deliveries of messages to functions that failed.
    pub failed: u64,
    /// Messages that were moved to a dead-letter queue.
    pub dead_lettered: u64,
}

/// The input of operations that take none.
#[derive(Debug, Serialize)]
struct NoInput {}

/// The body of a refusal.
#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(default = "no_reason")]
    message: String,
}

fn no_reason() -> String {
    "no reason given".to_owned()
}

/// The control service of one running cloud.
#[derive(Debug, Clone)]
pub struct Control {
    port: u16,
    owner: Owner,
}

impl Control {
    /// The control service on this port, to be called as this owner.
    pub fn new(port: u16, owner: Owner) -> Self {
        Self { port, owner }
    }

    /// The cloud's state.
    ///
    /// # Errors
    /// When it does not respond or refuses.
    pub async fn status(&self) -> Result<CloudStatus, ControlError> {
        self.call("Status", &NoInput {}).await
    }

    /// Checks that the cloud responds, whatever its version: only the shape of its reply
    /// depends on that.
    ///
    /// # Errors
    /// When it does not respond or refuses.
    pub async fn ping(&self) -> Result<(), ControlError> {
        let _: IgnoredAny = self.call("Status", &NoInput {}).await?;
        Ok(())
    }

    /// Moves lab time `seconds` ahead, for some seconds of real time.
    ///
    /// # Errors
    /// When the cloud does not respond or refuses.
    pub async fn fast_forward(&self, seconds: u64) -> Result<FastForwarded, ControlError> {
        let input = FastForward::Seconds(seconds);
        self.call("FastForward", &input).await
    }

    /// Goes on where the time is not reached yet.
    ///
    /// # Errors
    /// When the cloud does not respond or refuses.
    pub async fn fast_forward_until(&self, until: u64) -> Result<FastForwarded, ControlError> {
        self.call("FastForward", &FastForward::Until(until)).await
    }

    /// Changes the chaos profile; returns the new one.
    ///
    /// # Errors
    /// When the cloud does not respond, or does not understand a setting.
    pub async fn set_chaos(&self, change: &SetChaos<'_>) -> Result<ChaosProfile, ControlError> {
        self.call("SetChaos", change).await
    }

    /// Asks the cloud to stop; it answers before it does.
    ///
    /// # Errors
    /// When it does not respond or refuses.
    pub async fn stop(&self) -> Result<(), ControlError> {
        let _: IgnoredAny = self.call("Stop", &NoInput {}).await?;
        Ok(())
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        input: &impl Serialize,
    ) -> Result<T, ControlError> {
        let no_answer = |source| ControlError::NoAnswer {
            port: self.port,
            source,
        };
        let input = serde_json::to_string(input).map_err(|problem| no_answer(problem.into()))?;
        let exchange = tokio::time::timeout(CALL_TIMEOUT, self.exchange(operation, input));
        let (success, body) = exchange
            .await
            .map_err(|late| no_answer(late.into()))?
            .map_err(no_answer)?;
        if success {
            return serde_json::from_slice(&body).map_err(|problem| no_answer(problem.into()));
        }
        let Refusal { message } =
            serde_json::from_slice(&body).map_err(|problem| no_answer(problem.into()))?;
        Err(ControlError::Refused { operation, message })
    }

    async fn exchange(
        &self,
        operation: &str,
        body: String,
    ) -> Result<(bool, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        let mut request = Request::post("/")
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("OrdersLab.{operation}"))
            .body(body)?;
        self.sign(&mut request)?;
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let reply = sender
            .send_request(request.map(|body| Full::new(Bytes::from(body))))
            .await?;
        let success = reply.status().is_success();
        let body = reply.into_body().collect().await?.to_bytes();
        driver.abort();
        Ok((success, body))
    }

    fn sign(
        &self,
        request: &mut Request<String>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let identity = Credentials::new(
            &self.owner.access_key,
            &self.owner.secret_key,
            None,
            None,
            "orders-lab",
        )
        .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("orders-lab")
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(system::now_ms()))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let signable = SignableRequest::new(
            "POST",
            format!("http://127.0.0.1:{}/", self.port),
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(request.body().as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
