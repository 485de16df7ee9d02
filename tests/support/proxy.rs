//! An endpoint between the tool and the local cloud that records calls and injects a fault into
//! one of them.
//!
//! A signature covers the host that was called, which is the proxy, so each request is signed
//! again with the owner's key before it is passed on.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::fault::{Call, CallLog, CallSelector, Fault};
use super::lab::Cloud;
use super::wire::error_reply;

/// The longest time for the tool to acknowledge a signal, on a busy machine.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(60);

/// When no call has arrived for this long, all calls that were begun before the tool saw the
/// signal have arrived: replies are held meanwhile, so the tool has nothing to act on.
const QUIET: Duration = Duration::from_secs(2);

/// A connection to the local cloud.
type Connection = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

#[derive(Debug)]
struct State {
    selector: CallSelector,
    fault: Fault,
    /// The call that met a permanent fault.
    failing: Option<Call>,
    released: bool,
    log: CallLog,
}

#[derive(Debug)]
struct Shared {
    cloud: Cloud,
    state: Mutex<State>,
    /// The tool's process; 0 while it is not known.
    pid: AtomicI32,
    /// Whether replies are held.
    held: watch::Sender<bool>,
    /// Whether the tool has acknowledged its interruption.
    acknowledged: watch::Sender<bool>,
    /// Idle connections to the cloud.
    idle: Mutex<Vec<Connection>>,
}

/// See the module.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    /// Serves until it is dropped.
    _runtime: tokio::runtime::Runtime,
}

impl Proxy {
    /// A proxy in front of this cloud.
    pub(crate) fn new(cloud: &Cloud) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            cloud: cloud.clone(),
            state: Mutex::new(State::new(CallSelector::Nth(0), Fault::None)),
            pid: AtomicI32::new(0),
            held: watch::Sender::new(false),
            acknowledged: watch::Sender::new(false),
            idle: Mutex::default(),
        });
        runtime.spawn(serve(listener, Arc::clone(&shared)));
        Self {
            port,
            shared,
            _runtime: runtime,
        }
    }

    /// The endpoint's URL.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts a new log. The selected call will meet `fault`.
    pub(crate) fn inject(&self, selector: CallSelector, fault: Fault) {
        self.shared.pid.store(0, Ordering::SeqCst);
        self.shared.acknowledged.send_replace(false);
        *self.shared.state() = State::new(selector, fault);
    }

    /// Sets the process to interrupt. The caller sends `true` on the returned channel when that
    /// process has acknowledged the interruption.
    pub(crate) fn attach(&self, pid: u32) -> watch::Sender<bool> {
        let pid = i32::try_from(pid).expect("a process id");
        self.shared.pid.store(pid, Ordering::SeqCst);
        self.shared.acknowledged.clone()
    }

    /// What was recorded since the fault was set.
    pub(crate) fn log(&self) -> CallLog {
        self.shared.state().log.clone()
    }
}

impl State {
    fn new(selector: CallSelector, fault: Fault) -> Self {
        Self {
            selector,
            fault,
            failing: None,
            released: false,
            log: CallLog::default(),
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| Arc::clone(&shared).reply_to(request));
        let server = hyper::server::conn::http1::Builder::new();
        // A connection ends where a reply is lost.
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

/// Ends the connection without a reply.
#[derive(Debug, thiserror::Error)]
#[error("the reply is lost")]
struct ReplyLost;

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn reply_to(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, ReplyLost> {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await.map_err(|_| ReplyLost)?.to_bytes();
        let request = Request::from_parts(head, bytes);
        let call = Call::new(&request);
        let operation = call.operation.clone();
        let fault = self.record(call);
        if let Some((status, code)) = error_reply::status_and_code(fault, &operation) {
            return Ok(error_reply::build(&operation, status, code));
        }
        let mut reply = self.pass_on(request).await;
        if self.state().fault == Fault::Incomplete {
            reply = incomplete(reply).await;
        }
        match fault {
            Fault::CutOff => reply = cut_off(reply).await,
            Fault::Lost => return Err(ReplyLost),
            Fault::Stuck => {
                self.signal().await;
                self.await_acknowledgement().await;
                self.signal().await;
                std::future::pending::<()>().await;
            }
            Fault::Interrupt => {
                self.held.send_replace(true);
                // The tool may hang up, which ends this reply and must not end the hold.
                tokio::spawn(Arc::clone(&self).interrupt());
            }
            _ => {}
        }
        let mut held = self.held.subscribe();
        // The sender is in `self`, which is alive.
        let _ = held.wait_for(|held| !held).await;
        Ok(reply)
    }

    /// Records a call and returns the fault that it meets.
    fn record(&self, call: Call) -> Fault {
        let mut state = self.state();
        if state.released {
            state.log.late.push(call.operation.clone());
        }
        state.log.calls.push(call.clone());
        let fails_again = state.failing.as_ref().is_some_and(|failing| {
            state.fault == Fault::Expired || failing.fingerprint() == call.fingerprint()
        });
        if fails_again {
            return state.fault;
        }
        let is_selected = match &state.selector {
            CallSelector::Nth(number) => state.log.calls.len() == *number,
            CallSelector::NthOf(operation, number) => {
                let same = state.log.calls.iter();
                let count = same.filter(|one| one.operation == *operation).count();
                call.operation == *operation && count == *number
            }
        };
        if !is_selected || state.fault == Fault::None {
            return Fault::None;
        }
        state.log.injected = Some(call.operation.clone());
        if state.fault.is_permanent() {
            state.failing = Some(call);
        }
        state.fault
    }

    /// Interrupts the tool, and releases the held replies when it has acknowledged that.
    async fn interrupt(self: Arc<Self>) {
        self.signal().await;
        self.await_acknowledgement().await;
        self.await_quiet().await;
        self.state().released = true;
        self.held.send_replace(false);
    }

    async fn await_quiet(&self) {
        let count = || self.state().log.calls.len();
        let mut before = None;
        while before != Some(count()) {
            before = Some(count());
            tokio::time::sleep(QUIET).await;
        }
    }

    async fn await_acknowledgement(&self) {
        let mut acknowledged = self.acknowledged.subscribe();
        let wait = acknowledged.wait_for(|acknowledged| *acknowledged);
        let in_time = tokio::time::timeout(ACKNOWLEDGED_WITHIN, wait).await;
        self.state().log.unacknowledged = in_time.is_err();
    }

    /// Sends SIGINT to the tool, as Ctrl-C does.
    async fn signal(&self) {
        let pid = loop {
            match rustix::process::Pid::from_raw(self.pid.load(Ordering::SeqCst)) {
                Some(pid) => break pid,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        };
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the tool runs");
    }

    async fn pass_on(&self, request: Request<Bytes>) -> Response<Full<Bytes>> {
        match self.exchange(request).await {
            Ok(reply) => reply,
            Err(problem) => {
                let body = Full::new(Bytes::from(format!("the proxy failed: {problem}")));
                let mut reply = Response::new(body);
                *reply.status_mut() = StatusCode::BAD_GATEWAY;
                reply
            }
        }
    }

    async fn exchange(
        &self,
        mut request: Request<Bytes>,
    ) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
        self.sign(&mut request)?;
        let mut connection = self.connection().await?;
        let reply = connection.send_request(request.map(Full::new)).await?;
        let (head, body) = reply.into_parts();
        let bytes = body.collect().await?.to_bytes();
        self.idle().push(connection);
        Ok(Response::from_parts(head, Full::new(bytes)))
    }

    /// An idle connection to the cloud, or a new one.
    async fn connection(&self) -> Result<Connection, Box<dyn std::error::Error + Send + Sync>> {
        loop {
            let Some(mut idle) = self.idle().pop() else {
                break;
            };
            if idle.ready().await.is_ok() {
                return Ok(idle);
            }
        }
        let stream = TcpStream::connect(("127.0.0.1", self.cloud.port)).await?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a signature holds for minutes from now"
    )]
    fn sign(
        &self,
        request: &mut Request<Bytes>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (region, service) = scope(request.headers()).ok_or("the request is not signed")?;
        let host = format!("127.0.0.1:{}", self.cloud.port);
        let headers = request.headers_mut();
        for name in ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"] {
            headers.remove(name);
        }
        headers.remove(AUTHORIZATION);
        headers.insert(HOST, host.parse()?);
        let (key, secret) = (&*self.cloud.access_key, &*self.cloud.secret_key);
        let identity = Credentials::new(key, secret, None, None, "proxy").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(&service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signed = request.headers().iter();
        let signable = SignableRequest::new(
            request.method().as_str(),
            format!("http://{host}{}", request.uri()),
            signed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))),
            SignableBody::Bytes(request.body()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

/// The first half of a reply.
async fn cut_off(reply: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let body = reply.into_body().collect().await.expect("a body in memory");
    let bytes = body.to_bytes();
    Response::new(Full::new(bytes.slice(..bytes.len() / 2)))
}

/// A reply as [`Fault::Incomplete`] describes it.
async fn incomplete(reply: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let (mut head, body) = reply.into_parts();
    let mut bytes = body.collect().await.expect("a body in memory").to_bytes();
    if let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&bytes) {
        if json.get("Configuration").is_some() {
            json["Tags"].take();
        }
        let mappings = json["EventSourceMappings"].as_array_mut();
        for mapping in mappings.into_iter().flatten() {
            mapping["EventSourceMappingArn"].take();
        }
        bytes = json.to_string().into();
        head.headers.remove("content-length");
        head.headers.remove("x-amz-crc32");
    }
    Response::from_parts(head, Full::new(bytes))
}

/// The region and the service for which a request was signed.
fn scope(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = text.split_once("Credential=")?;
    let mut parts = credential.split([',', ' ']).next()?.split('/').skip(2);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}
