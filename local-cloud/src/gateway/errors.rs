//! What the gateway itself answers, in the shape of the protocol that the client speaks: a
//! client can only read an error in its own protocol.

use crate::error::AwsError;
use crate::protocol::http::Reply;
use crate::protocol::json::Dialect;
use crate::protocol::{query, rest_json};

use super::canonical::Parts;
use super::signature::{Refusal, claimed_service};

const SERVICE_NAMESPACE: &str = "com.amazon.coral.service";

/// The service that a request's own words ask for: its `X-Amz-Target`, or its path.
pub(crate) fn asked_service(parts: &Parts<'_>) -> Option<&'static str> {
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    if let Some(target) = target {
        let (prefix, _) = target.split_once('.')?;
        return match prefix {
            "AmazonSQS" => Some("sqs"),
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Some("dynamodb"),
            "Logs_20140328" => Some("logs"),
            "ResourceGroupsTaggingAPI_20170126" => Some("tagging"),
            "OrdersLab" => Some("orders-lab"),
            _ => None,
        };
    }
    // Lambda's operations start with the date of their version.
    let mut path = parts.path.trim_start_matches('/').bytes();
    let dated =
        path.by_ref().take(4).all(|byte| byte.is_ascii_digit()) && path.next() == Some(b'-');
    dated.then_some("lambda")
}

/// How the service's clients read errors.
enum Shape {
    Json(Dialect),
    RestJson,
    Query,
}

fn shape(service: Option<&str>) -> Shape {
    let dialect = |content_type, query_compatible| Dialect {
        content_type,
        target_prefix: "",
        error_namespace: SERVICE_NAMESPACE,
        query_compatible,
        message_member: "message",
    };
    let json =
        |content_type, query_compatible| Shape::Json(dialect(content_type, query_compatible));
    match service {
        Some("iam" | "sts") => Shape::Query,
        Some("lambda") => Shape::RestJson,
        Some("logs") => json("application/x-amz-json-1.1", false),
        Some("tagging") => Shape::Json(Dialect {
            message_member: "Message",
            ..dialect("application/x-amz-json-1.1", false)
        }),
        Some("sqs") => json("application/x-amz-json-1.0", true),
        _ => json("application/x-amz-json-1.0", false),
    }
}

/// The service whose shape an answer takes.
fn spoken_service<'a>(parts: &Parts<'a>) -> Option<&'a str> {
    let is_form = parts
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    asked_service(parts)
        .or_else(|| claimed_service(parts))
        .or(is_form.then_some("iam"))
}

/// The answer to a request whose signature was not accepted.
pub(crate) fn unsigned(parts: &Parts<'_>, refusal: &Refusal, request_id: &str) -> Reply {
    let service = spoken_service(parts);
    // SQS speaks JSON but kept the query protocol's names; DynamoDB answers 400.
    let queries = matches!(service, Some("iam" | "sts" | "sqs"));
    let status = if service == Some("dynamodb") {
        400
    } else {
        403
    };
    let pick = |query: &'static str, json: &'static str| if queries { query } else { json };
    let error = match refusal {
        Refusal::Missing => AwsError::new(
            pick(
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
            ),
            status,
            "Request is missing Authentication Token",
        ),
        Refusal::Incomplete(what) => AwsError::new(
            pick("IncompleteSignature", "IncompleteSignatureException"),
            400,
            what.clone(),
        ),
        Refusal::UnknownKey => AwsError::new(
            pick("InvalidClientTokenId", "UnrecognizedClientException"),
            status,
            "The security token included in the request is invalid.",
        ),
        Refusal::Mismatch(why) => AwsError::new(
            pick("SignatureDoesNotMatch", "InvalidSignatureException"),
            status,
            why.clone(),
        ),
    };
    reply(service, &error, request_id)
}

/// The answer to a request that the gateway does not pass on for another reason.
pub(crate) fn refused(parts: &Parts<'_>, error: &AwsError, request_id: &str) -> Reply {
    reply(spoken_service(parts), error, request_id)
}

fn reply(service: Option<&str>, error: &AwsError, request_id: &str) -> Reply {
    match shape(service) {
        Shape::Json(dialect) => dialect.error(error),
        Shape::RestJson => rest_json::error(error),
        Shape::Query => xml(service, error, request_id),
    }
}

fn xml(service: Option<&str>, error: &AwsError, request_id: &str) -> Reply {
    let (version, namespace) = match service {
        Some("sts") => ("2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
        _ => ("2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    };
    query::Dialect { version, namespace }.error(request_id, error)
}
