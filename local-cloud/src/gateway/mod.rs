//! The HTTP server: limits, signatures, dispatch to a service.
//!
//! It knows services by their descriptors alone. What is behind it is a [`Backend`], which the cloud
//! puts together.

mod body;
mod canonical;
mod connection;
mod dispatch;
mod errors;
mod exchange;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod limits;
mod peer;
mod places;
mod raw_head;
mod recorder;
mod request_log;
mod server;
mod signature;
mod socket;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderMap, HeaderValue};
use hyper::{Request as HttpRequest, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::iam::Identity;
use crate::ids::{Ids as _, SystemIds};
use crate::protocol::http::{Reply, Request};
use crate::service::Descriptors;

use body::BodyMemory;
use canonical::Parts;
use connection::Connection;
pub(crate) use dispatch::Dispatcher;
use exchange::{Exchange, Received};
use places::InProgress;
pub(crate) use recorder::Recorder;
pub use request_log::{RequestEntry, RequestLog};
use server::Server;
use signature::SigningKeys;

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

    /// Whether there is an execution environment with this token.
    fn has_environment(&self, token: &str) -> bool;

    /// The reply to a request with a token that no execution environment has.
    fn unknown_environment(&self) -> Reply;

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
    memory: BodyMemory,
    progress: InProgress,
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
            memory: BodyMemory::default(),
            progress: InProgress::default(),
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
        Server::new(self).run(listener, stop).await;
    }

    async fn answer(
        self: Arc<Self>,
        request: HttpRequest<Incoming>,
        connection: Arc<Connection>,
    ) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
        let request_id = SystemIds.uuid();
        let (head, body) = request.into_parts();
        let flaw = connection.begin();
        let mut body = Received::new(body);
        let parts = Parts {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            headers: &head.headers,
        };
        let exchange = Exchange {
            gateway: &self,
            connection: &connection,
            parts,
            uri: &head.uri,
            flaw,
            request_id: &request_id,
        };
        let work = AssertUnwindSafe(exchange.respond(&mut body));
        let reply = work.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(%request_id, "a request panicked");
            let body = r#"{"__type":"InternalFailure","message":"The local cloud failed."}"#;
            Reply::new(500, "application/x-amz-json-1.0", body)
                .with_header("x-amzn-errortype", "InternalFailure")
        });
        let mut response = response(reply, &request_id);
        if !connection.end(body.length_if_read()) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Ok(response)
    }
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
