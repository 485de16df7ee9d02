//! REST-JSON, which Lambda speaks: the operation is in method and path, parameters are in path,
//! query and headers, and the rest is in a JSON body.

use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::http::{Reply, Request};
use super::json::{is_null, missing_member, read};
use super::query::initial_small;
use crate::error::AwsError;

const CONTENT_TYPE: &str = "application/json";

/// The decoded segments of a path. Slashes at its ends do not count.
///
/// # Errors
/// `ValidationException`: it is not UTF-8.
pub fn segments(path: &str) -> Result<Vec<String>, AwsError> {
    path.trim_matches('/').split('/').map(decode).collect()
}

/// All values of a query parameter, decoded, in their order.
///
/// # Errors
/// `ValidationException`: one is not UTF-8.
pub fn parameters(query: &str, name: &str) -> Result<Vec<String>, AwsError> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| decode(&value.replace('+', "%20")))
        .collect()
}

/// The first value of a query parameter; `None` where it is missing or empty.
///
/// # Errors
/// `ValidationException`: it is not UTF-8.
pub fn parameter(query: &str, name: &str) -> Result<Option<String>, AwsError> {
    let values = parameters(query, name)?;
    Ok(values.into_iter().next().filter(|value| !value.is_empty()))
}

/// The typed body of a request. An empty body counts as `{}`.
///
/// # Errors
/// `SerializationException` when it does not have the operation's shape, `ValidationException`
/// when a required member is missing.
pub fn input<T: DeserializeOwned>(request: &Request) -> Result<T, AwsError> {
    read(&request.body).map_err(|problem| match missing_member(&problem) {
        Some(member) => missing(&initial_small(member)),
        None => problem,
    })
}

/// The error for a missing required member.
pub fn missing(member: &str) -> AwsError {
    AwsError::new("ValidationException", 400, is_null(member))
}

/// A reply with this status and JSON body.
pub fn output(status: u16, body: &Value) -> Reply {
    Reply::new(status, CONTENT_TYPE, body.to_string())
}

/// A reply without a body.
pub fn empty(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: bytes::Bytes::new(),
    }
}

/// The errors whose text is in `Message`. In the others it is in `message`, as in Lambda's model.
const CAPITAL: [&str; 4] = [
    "AccessDeniedException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceException",
];

/// The reply with an error.
pub fn error(error: &AwsError) -> Reply {
    let mut body = Map::new();
    let fault = if error.status < 500 {
        "User"
    } else {
        "Service"
    };
    body.insert("Type".to_owned(), fault.into());
    let text = if CAPITAL.contains(&&*error.code) {
        "Message"
    } else {
        "message"
    };
    body.insert(text.to_owned(), error.message.clone().into());
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), value.clone());
    }
    output(error.status, &Value::Object(body)).with_header("x-amzn-errortype", &error.code)
}

fn decode(text: &str) -> Result<String, AwsError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| {
        let message = "The request's path or query is not UTF-8.";
        AwsError::new("ValidationException", 400, message)
    })?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_decoded_after_splitting() {
        let path = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Ar%3Aa%3Afunction%3Af%2Fg/";
        let parts = segments(path).unwrap();
        assert_eq!(
            parts,
            ["2017-03-31", "tags", "arn:aws:lambda:r:a:function:f/g"]
        );
        let query = "tagKeys=a%26b&x=1&tagKeys=c+d&empty=";
        assert_eq!(parameters(query, "tagKeys").unwrap(), ["a&b", "c d"]);
        assert_eq!(parameter(query, "x").unwrap().as_deref(), Some("1"));
        assert_eq!(parameter(query, "empty").unwrap(), None);
        assert_eq!(segments("/%ff").unwrap_err().code, "ValidationException");
    }

    #[test]
    fn errors_have_their_name_in_the_header() {
        let reply = error(
            &AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.")
                .with_member("Reason", "CallerRateLimitExceeded".into()),
        );
        assert_eq!(reply.status, 429);
        let (name, value) = reply.headers.last().unwrap();
        assert_eq!(name, "x-amzn-errortype");
        assert_eq!(value, "TooManyRequestsException");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["Type"], "User");
        assert_eq!(body["Message"], Value::Null);
        assert_eq!(body["message"], "Rate Exceeded.");
        assert_eq!(body["Reason"], "CallerRateLimitExceeded");
        let reply = error(&AwsError::new("ResourceNotFoundException", 404, "Gone."));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({ "Type": "User", "Message": "Gone." })
        );
    }

    #[test]
    fn a_missing_member_has_a_small_initial() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Input {
            #[expect(dead_code, reason = "only whether it is there matters")]
            function_name: String,
        }
        let problem = read::<Input>(b"{}").unwrap_err();
        let member = missing_member(&problem).unwrap();
        let problem = missing(&initial_small(member));
        assert_eq!(problem.code, "ValidationException");
        assert!(problem.message.contains("Value null at 'functionName'"));
    }
}
