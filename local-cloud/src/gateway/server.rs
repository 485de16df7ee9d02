//! Accepts connections and serves them, each no longer than it may take.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::AsyncReadExt as _;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connection::Connection;
use super::limits;
use super::peer::Peers;
use super::places::{Place, Places};
use super::socket::Socket;
use super::{Backend, Gateway};

/// The pause before the next connection is accepted when the system has no resources for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long requests in flight may take when the cloud stops.
const GRACE: Duration = Duration::from_secs(5);

/// What accepts the connections of a gateway.
#[derive(Debug)]
pub(super) struct Server<B> {
    gateway: Arc<Gateway<B>>,
    http: http1::Builder,
    graceful: GracefulShutdown,
}

impl<B: Backend> Server<B> {
    /// The server of this gateway.
    pub(super) fn new(gateway: Arc<Gateway<B>>) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits::IDLE_TIME)
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::HEADER_BYTES);
        Self {
            gateway,
            http,
            graceful: GracefulShutdown::new(),
        }
    }

    /// Serves until `stop` is true, then finishes the requests in flight, within a time limit.
    pub(super) async fn run(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let places = Places::new(limits::connections());
        let peers = Peers::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(problem) => {
                    tracing::warn!(%problem, "a connection could not be accepted");
                    if is_exhausted(&problem) {
                        places.make_room();
                    }
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let connection = Arc::new(Connection::new(peers.of(&stream)));
            if let Some(place) = places.enter(&connection) {
                self.serve(stream, connection, place);
            }
        }
        drop(listener);
        let _ = timeout(GRACE, self.graceful.shutdown()).await;
    }

    fn serve(&self, stream: TcpStream, connection: Arc<Connection>, place: Place) {
        // Each reply is written at once, so waiting for more to send would only delay it.
        let _ = stream.set_nodelay(true);
        let service = {
            let gateway = Arc::clone(&self.gateway);
            let connection = Arc::clone(&connection);
            service_fn(move |request| Arc::clone(&gateway).answer(request, Arc::clone(&connection)))
        };
        let socket = TokioIo::new(Socket::new(stream, Arc::clone(&connection)));
        let http = self.http.serve_connection(socket, service);
        let http = self.graceful.watch(http);
        tokio::spawn(async move {
            let is_closed = tokio::select! {
                () = within_deadlines(&connection, http) => false,
                () = connection.closed() => true,
            };
            if !is_closed && let Some(rest) = connection.take_rest() {
                tokio::select! {
                    _ = timeout(limits::LINGER_TIME, discard(rest)) => {}
                    () = connection.closed() => {}
                }
            }
            drop(place);
        });
    }
}

/// Runs a connection until it ends or a deadline passes.
async fn within_deadlines(connection: &Connection, http: impl Future) {
    let mut http = pin!(http);
    let mut timer = pin!(sleep(limits::HEADER_TIME));
    poll_fn(|context| {
        // A connection that breaks is the client's to retry.
        if http.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let Some(deadline) = connection.deadline() else {
            return Poll::Pending;
        };
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(context)
    })
    .await;
}

/// Whether the system has no file left for a connection.
fn is_exhausted(problem: &io::Error) -> bool {
    let code = problem.raw_os_error().unwrap_or_default();
    let code = rustix::io::Errno::from_raw_os_error(code);
    code == rustix::io::Errno::MFILE || code == rustix::io::Errno::NFILE
}

/// Reads and discards the rest of what a client sends, up to a limit. A socket that is closed with
/// unread bytes would take the reply with it.
async fn discard(mut rest: OwnedReadHalf) {
    let mut buffer = vec![0; 16 << 10];
    let mut left = limits::LINGER_BYTES;
    while let Ok(read @ 1..) = rest.read(&mut buffer).await {
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}
