//! A client of the local cloud's own control service: signed JSON calls like any AWS service's.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::Owner;
use crate::system;

/// The longest that a control call may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a control call failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nothing answers there, or something that is not the local cloud.
    #[error("nothing answers as the local cloud on 127.0.0.1:{port}")]
    Silent {
        /// The port.
        port: u16,
        /// The system's or the library's words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The cloud refused the call.
    #[error("the local cloud refused {operation}: {message}")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// The cloud's words.
        message: String,
    },
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

    /// How the cloud is: its version, process id, speed, and so on.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub async fn status(&self) -> Result<Value, ControlError> {
        self.call("Status", json!({})).await
    }

    /// Skips `seconds` of lab time.
    ///
    /// # Errors
    /// When the cloud does not answer or refuses.
    pub async fn fast_forward(&self, seconds: u64) -> Result<Value, ControlError> {
        self.call("FastForward", json!({ "seconds": seconds }))
            .await
    }

    /// Sets the weather: a preset, the seed of chance, single settings; answers how it is then.
    ///
    /// # Errors
    /// When the cloud does not answer, or does not understand a setting.
    pub async fn set_weather(
        &self,
        preset: Option<&str>,
        seed: Option<u64>,
        settings: &[String],
    ) -> Result<Value, ControlError> {
        let input = json!({ "preset": preset, "seed": seed, "settings": settings });
        self.call("SetWeather", input).await
    }

    /// Asks the cloud to stop; it answers before it does.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub async fn stop(&self) -> Result<Value, ControlError> {
        self.call("Stop", json!({})).await
    }

    async fn call(&self, operation: &'static str, input: Value) -> Result<Value, ControlError> {
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(operation, input.to_string()));
        let (success, body) = match exchange.await {
            Ok(Ok(reply)) => reply,
            Ok(Err(source)) => {
                return Err(ControlError::Silent {
                    port: self.port,
                    source,
                });
            }
            Err(late) => {
                return Err(ControlError::Silent {
                    port: self.port,
                    source: late.into(),
                });
            }
        };
        let reply: Value =
            serde_json::from_slice(&body).map_err(|problem| ControlError::Silent {
                port: self.port,
                source: problem.into(),
            })?;
        if success {
            return Ok(reply);
        }
        let message = reply
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or("no reason given")
            .to_owned();
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
