//! The HTTP server: limits, signatures, dispatch to a service.
//!
//! It knows services by their descriptors alone. What is behind it is a [`Backend`], which the cloud
//! puts together.

mod canonical;
mod dispatch;
mod errors;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod limits;
mod recorder;
mod request_log;
mod signature;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request as HttpRequest, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::clock::Clock;
use crate::error::AwsError;
use crate::iam::Identity;
use crate::ids::{Ids as _, SystemIds};
use crate::protocol::http::{Reply, Request};
use crate::service::Descriptors;

use canonical::Parts;
pub(crate) use dispatch::Dispatcher;
pub(crate) use recorder::Recorder;
pub use request_log::{RequestEntry, RequestLog};
use signature::{Refusal, SigningKeys};

/// The prefix of requests from execution environments, which know a secret path and do not sign.
const RUNTIME_API: &str = "/_runtime/";

/// The pause before the next connection is accepted when the system has no resources for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long requests in flight may take when the cloud stops.
const GRACE: Duration = Duration::from_secs(5);

/// What is behind the gateway.
pub(crate) trait Backend: Send + Sync + 'static {
    /// The services behind the gateway.
    fn services(&self) -> Descriptors;

    /// The identity that an access key belongs to.
    fn lookup(&self, access_key: &str) -> Option<Arc<Identity>>;

    /// Answers a verified request to the service with this signing name; `None` where there is no
    /// such service. Dropped when the client hangs up.
    fn handle(
        &self,
        signing_name: &str,
        request: &Request,
    ) -> impl Future<Output = Option<Reply>> + Send;

    /// Answers a request of an execution environment; `path` is what follows `/_runtime/`.
    fn runtime_api(
        &self,
        method: &str,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> impl Future<Output = Reply> + Send;
}

/// The gateway of one endpoint.
#[derive(Debug)]
pub(crate) struct Gateway<B> {
    backend: B,
    services: Descriptors,
    clock: Arc<Clock>,
    region: String,
    hosts: [String; 2],
    keys: SigningKeys,
    /// Where requests are recorded, for tests.
    recorder: Option<Recorder>,
    /// The log of those that no service sees. The others are in the dispatcher's.
    log: Option<RequestLog>,
}

impl<B: Backend> Gateway<B> {
    /// A gateway that listens on `port` of 127.0.0.1 and answers for `region`.
    pub(crate) fn new(backend: B, clock: Arc<Clock>, region: &str, port: u16) -> Self {
        Self {
            services: backend.services(),
            backend,
            clock,
            region: region.to_owned(),
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            keys: SigningKeys::default(),
            recorder: None,
            log: None,
        }
    }

    /// The same gateway, recording its requests.
    #[must_use]
    pub(crate) fn recording(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// The same gateway with a log of the requests that it refuses.
    #[must_use]
    pub(crate) fn logging(self, log: Option<RequestLog>) -> Self {
        Self { log, ..self }
    }

    /// Serves until `stop` is true, then finishes the requests in flight, within a time limit.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(limits::HEADER_TIME)
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::HEADER_BYTES);
        let mut stopping = stop.clone();
        loop {
            let accept = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                accepted = accept => accepted,
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(problem) => {
                    tracing::warn!(%problem, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Each reply is written at once, so waiting for more to send would only delay it.
            let _ = stream.set_nodelay(true);
            let gateway = Arc::clone(&self);
            let service = service_fn(move |request| Arc::clone(&gateway).answer(request));
            let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                // A connection that breaks is the client's to retry.
                let _ = connection.await;
                drop(place);
            });
        }
        drop(listener);
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }

    async fn answer(
        self: Arc<Self>,
        request: HttpRequest<Incoming>,
    ) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
        let request_id = SystemIds.uuid();
        let work = AssertUnwindSafe(self.respond(request, &request_id));
        let reply = work.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(%request_id, "a request panicked");
            let body = r#"{"__type":"InternalFailure","message":"The local cloud failed."}"#;
            Reply::new(500, "application/x-amz-json-1.0", body)
                .with_header("x-amzn-errortype", "InternalFailure")
        });
        Ok(response(reply, &request_id))
    }

    async fn respond(&self, request: HttpRequest<Incoming>, request_id: &str) -> Reply {
        let (head, body) = request.into_parts();
        let parts = Parts {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            headers: &head.headers,
        };
        let refused = |error: &AwsError| errors::refused(&parts, &self.services, error, request_id);
        let checked = limits::check_head(&head.uri, &head.headers)
            .and_then(|()| self.check_host(&head.headers))
            .and_then(|()| check_encoding(&head.headers));
        if let Err(error) = checked {
            return refused(&error);
        }
        let body = match limits::read_body(body, limits::body_limit(parts.path)).await {
            Ok(body) => body,
            Err(error) => return refused(&error),
        };
        if let Some(path) = parts.path.strip_prefix(RUNTIME_API) {
            let (method, headers) = (parts.method, parts.headers);
            return self.backend.runtime_api(method, path, headers, body).await;
        }
        let verified = signature::verify(
            &parts,
            &body,
            |access_key| self.backend.lookup(access_key),
            &self.keys,
            signature::Window {
                now: self.clock.now().wall,
                services: &self.services,
            },
        );
        let verified = match verified.and_then(|verified| self.check_scope(&parts, verified)) {
            Ok(verified) => verified,
            Err(refusal) => {
                let reply = errors::signature_error(&parts, &self.services, &refusal, request_id);
                if let Some(log) = &self.log {
                    let addressed = self.services.by_head(parts.path, parts.headers);
                    log.refused(addressed, &reply, request_id);
                }
                return reply;
            }
        };
        let recorder = self.recorder.as_ref();
        let entry = recorder.map(|recorder| recorder.begin(&parts, &body, self.clock.now().wall));
        let request = Request {
            method: parts.method.to_owned(),
            path: parts.path.to_owned(),
            query: parts.query.to_owned(),
            headers: head.headers.clone(),
            body,
            caller: verified.caller,
            request_id: request_id.to_owned(),
        };
        let reply = self.backend.handle(&verified.service, &request).await;
        let reply = reply.unwrap_or_else(|| refused(&no_such_service(&verified.service)));
        if let Some(entry) = entry {
            entry.answered(&reply);
        }
        reply
    }

    /// Checks the host. A page in a browser can be made to send requests here under another name (DNS
    /// rebinding), and a signature covers the host, so it must be the one that was signed.
    fn check_host(&self, headers: &HeaderMap) -> Result<(), AwsError> {
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        if host.is_some_and(|host| self.hosts.iter().any(|ours| ours == host)) {
            return Ok(());
        }
        let message = format!(
            "This local cloud answers to {} and {}, not to {}.",
            self.hosts[0],
            self.hosts[1],
            host.unwrap_or("a request without a host")
        );
        Err(AwsError::new("MisdirectedRequest", 421, message))
    }

    /// Checks that the signature is for the service that the request addresses, and for this region
    /// unless the service is global.
    fn check_scope(
        &self,
        parts: &Parts<'_>,
        verified: signature::Verified,
    ) -> Result<signature::Verified, Refusal> {
        let addressed = self.services.by_head(parts.path, parts.headers);
        if let Some(service) = addressed.filter(|one| one.signing_name != verified.service) {
            return Err(Refusal::Mismatch(format!(
                "Credential should be scoped to correct service: '{}'.",
                service.signing_name
            )));
        }
        let service = self.services.by_signing_name(&verified.service);
        let is_global = service.is_some_and(|service| service.is_global);
        if !is_global && verified.region != self.region {
            return Err(Refusal::Mismatch(format!(
                "Credential should be scoped to a valid region, not '{}'. This local cloud is \
                 region '{}'.",
                verified.region, self.region
            )));
        }
        Ok(verified)
    }
}

/// Refuses bodies in CBOR, compressed bodies and signed chunks, which would be misread.
fn check_encoding(headers: &HeaderMap) -> Result<(), AwsError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let unreadable = text("content-type")
        .filter(|kind| kind.contains("cbor"))
        .or_else(|| text("content-encoding").filter(|kind| !kind.eq_ignore_ascii_case("identity")));
    match unreadable {
        None => Ok(()),
        Some(kind) => {
            let message = format!("This local cloud does not read bodies in {kind}.");
            Err(AwsError::new("UnsupportedMediaTypeException", 415, message))
        }
    }
}

fn no_such_service(service: &str) -> AwsError {
    let message = format!("The service {service} does not exist in this local cloud.");
    AwsError::new("UnknownOperationException", 404, message)
}

fn response(reply: Reply, request_id: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(reply.body));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.extend(reply.headers);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

#[cfg(test)]
mod tests;
