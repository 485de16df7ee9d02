//! An endpoint between the tool and the local cloud that counts calls and spoils one of them.
//!
//! A signature covers the host that was called, which is the proxy; so each request is signed
//! anew, with the owner's key, before it goes on.

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

use crate::support::fault::{Call, Fault, Seen, Which};
use crate::support::lab::Cloud;
use crate::support::wire::refusal;

/// How long the tool may take to say that it has seen a signal, on a machine that has much to do.
const HEARD_WITHIN: Duration = Duration::from_secs(60);

/// A call that was begun before the tool saw the signal has come when none has for so long: all
/// replies are held meanwhile, so that nothing else moves the tool on.
const QUIET: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct State {
    which: Which,
    fault: Fault,
    /// What was spoiled for good.
    bad: Option<Call>,
    released: bool,
    seen: Seen,
}

#[derive(Debug)]
struct Shared {
    cloud: Cloud,
    state: Mutex<State>,
    /// The tool's process; 0 while it is not known.
    pid: AtomicI32,
    /// Whether replies are held.
    held: watch::Sender<bool>,
    /// Whether the tool has said that it is interrupted.
    heard: watch::Sender<bool>,
}

/// See the module.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    /// Serves until it is dropped.
    _runtime: tokio::runtime::Runtime,
}

impl Proxy {
    /// A proxy before this cloud.
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
            state: Mutex::new(State::new(Which::Number(0), Fault::None)),
            pid: AtomicI32::new(0),
            held: watch::Sender::new(false),
            heard: watch::Sender::new(false),
        });
        runtime.spawn(serve(listener, Arc::clone(&shared)));
        Self {
            port,
            shared,
            _runtime: runtime,
        }
    }

    /// The endpoint.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Begins to count anew; this call meets `fault`.
    pub(crate) fn spoil(&self, which: Which, fault: Fault) {
        self.shared.pid.store(0, Ordering::SeqCst);
        self.shared.heard.send_replace(false);
        *self.shared.state() = State::new(which, fault);
    }

    /// Says which process is to be interrupted; what is returned is to be told when that process
    /// has said that it is.
    pub(crate) fn watch(&self, pid: u32) -> watch::Sender<bool> {
        let pid = i32::try_from(pid).expect("a process id");
        self.shared.pid.store(pid, Ordering::SeqCst);
        self.shared.heard.clone()
    }

    /// What it has seen.
    pub(crate) fn seen(&self) -> Seen {
        self.shared.state().seen.clone()
    }
}

impl State {
    fn new(which: Which, fault: Fault) -> Self {
        Self {
            which,
            fault,
            bad: None,
            released: false,
            seen: Seen::default(),
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| Arc::clone(&shared).answer(request));
        let server = hyper::server::conn::http1::Builder::new();
        // A connection ends where a reply is lost.
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

/// The reply was lost on its way, as hyper is told.
#[derive(Debug, thiserror::Error)]
#[error("the reply is lost")]
struct Gone;

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Gone> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Gone)?.to_bytes();
        let request = Request::from_parts(head, body);
        let call = Call::new(&request);
        let operation = call.operation.clone();
        let fault = self.count(call);
        if let Some((status, code)) = refusal::of(fault, &operation) {
            return Ok(refusal::reply(&operation, status, code));
        }
        let reply = self.pass_on(request).await;
        if fault == Fault::Lost {
            return Err(Gone);
        }
        if fault == Fault::Stuck {
            self.signal().await;
            self.hear().await;
            self.signal().await;
            std::future::pending::<()>().await;
        }
        if fault == Fault::Interrupt {
            self.held.send_replace(true);
            // The tool may hang up, which ends this answer and must not end the hold.
            tokio::spawn(Arc::clone(&self).interrupt());
        }
        let mut held = self.held.subscribe();
        // The sender is in `self`, which is here.
        let _ = held.wait_for(|held| !held).await;
        Ok(reply)
    }

    /// Counts a call and says what happens to it.
    fn count(&self, call: Call) -> Fault {
        let mut state = self.state();
        if state.released {
            state.seen.late.push(call.operation.clone());
        }
        state.seen.calls.push(call.clone());
        let again = state
            .bad
            .as_ref()
            .is_some_and(|bad| state.fault == Fault::Expired || bad.essence() == call.essence());
        if again {
            return state.fault;
        }
        let met = match &state.which {
            Which::Number(at) => state.seen.calls.len() == *at,
            Which::First(operation) => state.seen.spoiled.is_none() && call.operation == *operation,
        };
        if !met || state.fault == Fault::None {
            return Fault::None;
        }
        state.seen.spoiled = Some(call.operation.clone());
        if matches!(state.fault, Fault::Denied | Fault::Expired | Fault::Failing) {
            state.bad = Some(call);
        }
        state.fault
    }

    /// Interrupts the tool, and lets the held replies go when it has seen that.
    async fn interrupt(self: Arc<Self>) {
        self.signal().await;
        self.hear().await;
        self.wait_for_quiet().await;
        self.state().released = true;
        self.held.send_replace(false);
    }

    async fn wait_for_quiet(&self) {
        let come = || self.state().seen.calls.len();
        let mut before = None;
        while before != Some(come()) {
            before = Some(come());
            tokio::time::sleep(QUIET).await;
        }
    }

    /// Waits until the tool says that it has seen the signal.
    async fn hear(&self) {
        let mut heard = self.heard.subscribe();
        let heard = heard.wait_for(|heard| *heard);
        let in_time = tokio::time::timeout(HEARD_WITHIN, heard).await.is_ok();
        self.state().seen.unheard = !in_time;
    }

    /// Does to the tool what Ctrl-C does.
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
        let stream = TcpStream::connect(("127.0.0.1", self.cloud.port)).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (head, body) = sender
            .send_request(request.map(Full::new))
            .await?
            .into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Response::from_parts(head, Full::new(body)))
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
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let signable = SignableRequest::new(
            request.method().as_str(),
            format!("http://{host}{}", request.uri()),
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(request.body()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

/// The region and the service for which a request was signed.
fn scope(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = text.split_once("Credential=")?;
    let mut parts = credential.split([',', ' ']).next()?.split('/').skip(2);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}
