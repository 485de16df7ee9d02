//! One request and its reply. Everything that the head says is checked before the body is read, so
//! that a request that is refused costs little.

use bytes::Bytes;
use hyper::Uri;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderMap;

use super::canonical::Parts;
use super::connection::{Connection, Sender};
use super::peer::Peer;
use super::places::{Counted, CountedAs};
use super::signature::{self, Claim, Refusal, Verified};
use super::{Backend, Gateway, body, errors, limits};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};

/// The prefix of requests from execution environments, which know a secret path and do not sign.
const RUNTIME_API: &str = "/_runtime/";

/// The body of a request.
#[derive(Debug)]
pub(super) struct Received {
    body: Incoming,
    /// Its length, where the client announced one.
    length: Option<u64>,
    is_read: bool,
}

impl Received {
    /// A body of which nothing was read yet.
    pub(super) fn new(body: Incoming) -> Self {
        Self {
            length: body.size_hint().exact(),
            is_read: body.is_end_stream(),
            body,
        }
    }

    /// Its announced length, where all of it was read.
    pub(super) fn length_if_read(&self) -> Option<u64> {
        self.length.filter(|_| self.is_read)
    }
}

/// A request whose body is not read yet, and where it came from.
#[derive(Debug)]
pub(super) struct Exchange<'a, B> {
    pub(super) gateway: &'a Gateway<B>,
    pub(super) connection: &'a Connection,
    pub(super) parts: Parts<'a>,
    pub(super) uri: &'a Uri,
    /// What is wrong with how the head was sent.
    pub(super) flaw: Option<&'static str>,
    pub(super) request_id: &'a str,
}

/// Who claims to send a request, by its head.
enum Claimed<'a> {
    /// The environment with the token before this path.
    Environment { token: &'a str, path: &'a str },
    /// Whoever has an access key.
    Key(Claim<'a>),
}

impl<'a, B: Backend> Exchange<'a, B> {
    /// The reply to the request.
    pub(super) async fn respond(&self, received: &mut Received) -> Reply {
        match self.carry_out(received).await {
            Ok(reply) | Err(reply) => reply,
        }
    }

    async fn carry_out(&self, received: &mut Received) -> Result<Reply, Reply> {
        let claimed = self.check_head()?;
        let body = self.read_body(received).await?;
        match claimed {
            Claimed::Environment { token, path } => {
                let _counted = self.enter(Sender::Other, CountedAs::Environment(token))?;
                let Parts {
                    method, headers, ..
                } = self.parts;
                let backend = &self.gateway.backend;
                Ok(backend.runtime_api(method, path, headers, body).await)
            }
            Claimed::Key(claim) => {
                let verified = claim.verify(&body, &self.gateway.keys);
                let verified = verified.map_err(|refusal| self.refuse_signature(&refusal))?;
                self.call(verified, body).await
            }
        }
    }

    fn check_head(&self) -> Result<Claimed<'a>, Reply> {
        let Parts { path, headers, .. } = self.parts;
        limits::check_head(self.uri, headers)
            .and_then(|()| self.check_form())
            .and_then(|()| self.check_host(headers))
            .and_then(|()| check_encoding(headers))
            .map_err(|error| self.refuse(&error))?;
        if let Some(path) = path.strip_prefix(RUNTIME_API) {
            let (token, _) = path.split_once('/').unwrap_or((path, ""));
            return if self.gateway.backend.has_environment(token) {
                Ok(Claimed::Environment { token, path })
            } else {
                Err(self.gateway.backend.unknown_environment())
            };
        }
        let window = signature::Window {
            now: self.gateway.clock.now().wall,
            services: &self.gateway.services,
        };
        let lookup = |access_key: &str| self.gateway.backend.lookup(access_key);
        signature::check_head(self.parts, lookup, window)
            .and_then(|claim| self.check_scope(claim))
            .map(Claimed::Key)
            .map_err(|refusal| self.refuse_signature(&refusal))
    }

    async fn read_body(&self, received: &mut Received) -> Result<Bytes, Reply> {
        let limit = limits::body_limit(self.parts.path);
        let is_ours = !matches!(self.connection.peer, Peer::User(_));
        let share = self.gateway.memory.share(is_ours);
        let body = body::read(&mut received.body, limit, share).await;
        let body = body.map_err(|error| self.refuse(&error))?;
        received.is_read = true;
        Ok(body)
    }

    /// Passes a verified request on to its service.
    async fn call(&self, verified: Verified, body: Bytes) -> Result<Reply, Reply> {
        let Verified { caller, service } = verified;
        let sender = if caller.is_owner() {
            Sender::Owner
        } else {
            Sender::Other
        };
        let _counted = self.enter(sender, CountedAs::Key(&caller.access_key))?;
        let Self { gateway, parts, .. } = self;
        let recorder = gateway.recorder.as_ref();
        let entry = recorder.map(|recorder| {
            let now = gateway.clock.now().wall;
            recorder.begin(parts, &body, now)
        });
        let request = Request {
            method: parts.method.to_owned(),
            path: parts.path.to_owned(),
            query: parts.query.to_owned(),
            headers: parts.headers.clone(),
            body,
            caller,
            request_id: self.request_id.to_owned(),
        };
        let reply = gateway.backend.handle(&service, &request).await;
        let reply = reply.unwrap_or_else(|| self.refuse(&no_such_service(&service)));
        if let Some(entry) = entry {
            entry.answered(&reply);
        }
        Ok(reply)
    }

    /// Notes whose request is answered, and counts it unless it is the owner's.
    fn enter(
        &self,
        sender: Sender,
        counted_as: CountedAs<'_>,
    ) -> Result<Option<Counted<'a>>, Reply> {
        let counted = match sender {
            Sender::Owner => None,
            _ => {
                let counted = self.gateway.progress.enter(counted_as);
                Some(counted.ok_or_else(|| self.refuse(&too_many_requests()))?)
            }
        };
        self.connection.verified(sender);
        Ok(counted)
    }

    fn refuse(&self, error: &AwsError) -> Reply {
        errors::refused(&self.parts, &self.gateway.services, error, self.request_id)
    }

    fn refuse_signature(&self, refusal: &Refusal) -> Reply {
        let (gateway, parts) = (self.gateway, &self.parts);
        let services = &gateway.services;
        let reply = errors::signature_error(parts, services, refusal, self.request_id);
        if let Some(log) = &gateway.log {
            let addressed = services.by_head(parts.path, parts.headers);
            log.refused(addressed, &reply, self.request_id);
        }
        reply
    }

    /// Refuses heads that hyper reads in one way and another program may read in another.
    fn check_form(&self) -> Result<(), AwsError> {
        let is_elsewhere = self.uri.authority().is_some();
        let absolute = is_elsewhere.then_some("The request line must have a path alone.");
        match self.flaw.or(absolute) {
            None => Ok(()),
            Some(flaw) => Err(AwsError::new("MalformedHttpRequestException", 400, flaw)),
        }
    }

    /// Checks the host. A page in a browser can be made to send requests here under another name (DNS
    /// rebinding), and a signature covers the host, so it must be the one that was signed.
    fn check_host(&self, headers: &HeaderMap) -> Result<(), AwsError> {
        let hosts = &self.gateway.hosts;
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        if host.is_some_and(|host| hosts.iter().any(|ours| ours == host)) {
            return Ok(());
        }
        let message = format!(
            "This local cloud answers to {} and {}, not to {}.",
            hosts[0],
            hosts[1],
            host.unwrap_or("a request without a host")
        );
        Err(AwsError::new("MisdirectedRequest", 421, message))
    }

    /// Checks that the signature is for the service that the request addresses, and for this region
    /// unless the service is global.
    fn check_scope(&self, claim: Claim<'a>) -> Result<Claim<'a>, Refusal> {
        let Gateway {
            services, region, ..
        } = self.gateway;
        let addressed = services.by_head(self.parts.path, self.parts.headers);
        if let Some(service) = addressed.filter(|one| one.signing_name != claim.service()) {
            return Err(Refusal::Mismatch(format!(
                "Credential should be scoped to correct service: '{}'.",
                service.signing_name
            )));
        }
        let service = services.by_signing_name(claim.service());
        let is_global = service.is_some_and(|service| service.is_global);
        if !is_global && claim.region() != region {
            return Err(Refusal::Mismatch(format!(
                "Credential should be scoped to a valid region, not '{}'. This local cloud is \
                 region '{region}'.",
                claim.region()
            )));
        }
        Ok(claim)
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

fn too_many_requests() -> AwsError {
    let message =
        "Too many requests of this caller, or of all callers but the owner, are in progress.";
    AwsError::new("ServiceUnavailable", 503, message)
}
