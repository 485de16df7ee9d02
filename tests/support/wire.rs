//! Enough of AWS's protocols to name the operation of a request and to answer it with an error.

use bytes::Bytes;
use hyper::Request;

/// The operation of a request, as policies name it: `sqs:CreateQueue`.
pub(crate) fn operation_of(request: &Request<Bytes>) -> String {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    if let Some((prefix, operation)) = header("x-amz-target").and_then(|it| it.split_once('.')) {
        let service = match prefix {
            "AmazonSQS" => "sqs",
            "DynamoDB_20120810" => "dynamodb",
            "Logs_20140328" => "logs",
            "ResourceGroupsTaggingAPI_20170126" => "tag",
            other => other,
        };
        return format!("{service}:{operation}");
    }
    let form = String::from_utf8_lossy(request.body());
    if let Some(action) = form.split('&').find_map(|it| it.strip_prefix("Action=")) {
        let service = if form.contains("Version=2011-06-15") {
            "sts"
        } else {
            "iam"
        };
        return format!("{service}:{action}");
    }
    let segments: Vec<&str> = request
        .uri()
        .path()
        .trim_matches('/')
        .split('/')
        .skip(1)
        .collect();
    format!("lambda:{}", lambda(request.method().as_str(), &segments))
}

/// Lambda's operation with this method and path (without the API version).
fn lambda(method: &str, segments: &[&str]) -> &'static str {
    match (method, segments) {
        ("GET", ["functions"]) => "ListFunctions",
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("GET", ["functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("POST", ["functions", _, "invocations"]) => "Invoke",
        ("GET", ["event-source-mappings"]) => "ListEventSourceMappings",
        ("POST", ["event-source-mappings"]) => "CreateEventSourceMapping",
        ("GET", ["event-source-mappings", _]) => "GetEventSourceMapping",
        ("PUT", ["event-source-mappings", _]) => "UpdateEventSourceMapping",
        ("DELETE", ["event-source-mappings", _]) => "DeleteEventSourceMapping",
        ("GET", ["tags", _]) => "ListTags",
        ("POST", ["tags", _]) => "TagResource",
        ("DELETE", ["tags", _]) => "UntagResource",
        _ => "Unknown",
    }
}

/// Whether an operation only reads.
pub(crate) fn is_read_only(operation: &str) -> bool {
    let (_, name) = operation.split_once(':').unwrap_or_default();
    ["Get", "List", "Describe"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Error replies, in the form of each service.
pub(crate) mod error_reply {
    use bytes::Bytes;
    use http_body_util::Full;
    use hyper::Response;

    use crate::support::fault::Fault;

    /// The status and code of the error that a fault stands for; `None` if it is not an error.
    pub(crate) fn status_and_code(fault: Fault, operation: &str) -> Option<(u16, &'static str)> {
        let service = operation.split(':').next().unwrap_or_default();
        match fault {
            Fault::None
            | Fault::Interrupt
            | Fault::Lost
            | Fault::CutOff
            | Fault::Incomplete
            | Fault::Stuck => None,
            Fault::Denied => Some(match service {
                "sqs" | "iam" | "sts" => (403, "AccessDenied"),
                "lambda" => (403, "AccessDeniedException"),
                _ => (400, "AccessDeniedException"),
            }),
            Fault::Expired => Some(match service {
                "sqs" | "iam" | "sts" => (403, "ExpiredToken"),
                "lambda" => (403, "ExpiredTokenException"),
                _ => (400, "ExpiredTokenException"),
            }),
            Fault::Failing | Fault::FailsOnce => Some(match service {
                "dynamodb" => (500, "InternalServerError"),
                "iam" => (500, "ServiceFailure"),
                "lambda" => (500, "ServiceException"),
                "logs" => (500, "ServiceUnavailableException"),
                "tag" => (500, "InternalServiceException"),
                _ => (500, "InternalFailure"),
            }),
            Fault::Throttled => Some(match service {
                "sqs" => (403, "RequestThrottled"),
                "iam" | "sts" => (400, "Throttling"),
                "lambda" => (429, "TooManyRequestsException"),
                "tag" => (400, "ThrottledException"),
                _ => (400, "ThrottlingException"),
            }),
        }
    }

    /// The error as the service sends it.
    pub(crate) fn build(operation: &str, status: u16, code: &str) -> Response<Full<Bytes>> {
        let service = operation.split(':').next().unwrap_or_default();
        let message = if code.starts_with("ExpiredToken") {
            "The security token included in the request is expired"
        } else {
            "an error that a test injected"
        };
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        let head = Response::builder()
            .status(status)
            .header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
        let (reply, body) = match service {
            "iam" | "sts" => (
                head.header("content-type", "text/xml"),
                format!(
                    "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message>\
                     </Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
                ),
            ),
            "lambda" => (
                head.header("content-type", "application/json")
                    .header("x-amzn-errortype", code),
                format!(r#"{{"Message":"{message}"}}"#),
            ),
            _ => (
                head.header("content-type", "application/x-amz-json-1.0"),
                format!(r#"{{"__type":"com.amazonaws#{code}","message":"{message}"}}"#),
            ),
        };
        reply
            .body(Full::new(Bytes::from(body)))
            .expect("a valid reply")
    }
}
