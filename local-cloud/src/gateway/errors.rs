//! What the gateway itself answers, in the protocol that the client speaks: a client can only read
//! an error in its own protocol.

use hyper::header::CONTENT_TYPE;

use super::canonical::Parts;
use super::signature::{Refusal, claimed_service};
use crate::error::AwsError;
use crate::protocol::error_in_any_protocol;
use crate::protocol::http::Reply;
use crate::service::{Descriptor, Descriptors};

/// The reply to a request whose signature is not accepted.
pub(crate) fn signature_error(
    parts: &Parts<'_>,
    services: &Descriptors,
    refusal: &Refusal,
    request_id: &str,
) -> Reply {
    let service = addressed_service(parts, services);
    let status = service.map_or(403, |service| service.signature_error_status);
    let query_names = service.is_some_and(|service| service.query_error_names);
    let error_name =
        |query: &'static str, json: &'static str| if query_names { query } else { json };
    let error = match refusal {
        Refusal::Missing => AwsError::new(
            error_name(
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
            ),
            status,
            "Request is missing Authentication Token",
        ),
        Refusal::Incomplete(what) => AwsError::new(
            error_name("IncompleteSignature", "IncompleteSignatureException"),
            400,
            what.clone(),
        ),
        Refusal::UnknownKey => AwsError::new(
            error_name("InvalidClientTokenId", "UnrecognizedClientException"),
            status,
            "The security token included in the request is invalid.",
        ),
        Refusal::Mismatch(why) => AwsError::new(
            error_name("SignatureDoesNotMatch", "InvalidSignatureException"),
            status,
            why.clone(),
        ),
    };
    reply(service, &error, request_id)
}

/// The reply to a request that the gateway does not pass on for another reason.
pub(crate) fn refused(
    parts: &Parts<'_>,
    services: &Descriptors,
    error: &AwsError,
    request_id: &str,
) -> Reply {
    reply(addressed_service(parts, services), error, request_id)
}

/// The service whose protocol the client speaks, as far as the head of its request tells.
fn addressed_service(parts: &Parts<'_>, services: &Descriptors) -> Option<&'static Descriptor> {
    let is_form = || {
        let content_type = parts.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let is_form = content_type.starts_with("application/x-www-form-urlencoded");
        is_form.then(|| services.of_forms())?
    };
    services
        .by_head(parts.path, parts.headers)
        .or_else(|| services.by_signing_name(claimed_service(parts)?))
        .or_else(is_form)
}

fn reply(service: Option<&Descriptor>, error: &AwsError, request_id: &str) -> Reply {
    match service {
        Some(service) => service.protocol.front_end_error(error, request_id),
        None => error_in_any_protocol(error),
    }
}
