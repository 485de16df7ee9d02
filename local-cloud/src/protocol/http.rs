//! Requests and replies as services see them: complete, in memory, and free of the HTTP library's
//! types except the header map.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::WallMs;

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// `arn:aws:iam::A:root`, `arn:aws:iam::A:user/NAME`, or
    /// `arn:aws:sts::A:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// The account id, `AIDA…`, or `AROA…:SESSION`. SQS reports it as a message's `SenderId`.
    pub user_id: String,
    /// The access key that signed.
    pub access_key: String,
    /// Whose permissions the caller has.
    pub principal: Principal,
    /// When a session's credentials were issued; `None` for the owner and for users.
    pub issued: Option<WallMs>,
}

/// Whose permissions a caller has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The lab's owner, who may do everything.
    Owner,
    /// The user with this name.
    User(String),
    /// The role with this ARN, in a session.
    Role(String),
}

impl Caller {
    /// Whether it is the lab's owner.
    pub fn is_owner(&self) -> bool {
        self.principal == Principal::Owner
    }

    /// The ARN of the role in whose session the caller is; `None` for the owner and for users.
    pub fn role_arn(&self) -> Option<&str> {
        match &self.principal {
            Principal::Role(arn) => Some(arn),
            _ => None,
        }
    }

    /// The user's name; `None` for the owner and for roles.
    pub fn user_name(&self) -> Option<&str> {
        match &self.principal {
            Principal::User(name) => Some(name),
            _ => None,
        }
    }
}

/// A complete, verified request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as sent: not decoded, without the query.
    pub path: String,
    /// The query string as sent, without `?`; empty where there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// Who signed it.
    pub caller: Arc<Caller>,
    /// This request's id, reported back in every reply.
    pub request_id: String,
}

impl Request {
    /// The value of a header; `None` where it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A complete reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers beyond those that the gateway sets (request id, date, length).
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A reply with this status, content type and body.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![(
                hyper::header::CONTENT_TYPE,
                HeaderValue::from_static(content_type),
            )],
            body: body.into(),
        }
    }

    /// The same reply with one more header. A value that no header can hold is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// The error's code, where the reply is one.
    pub(crate) fn error_code(&self) -> Option<String> {
        if self.status < 400 {
            return None;
        }
        let mut headers = self.headers.iter();
        let header = headers.find(|(name, _)| name == "x-amzn-errortype");
        let body = String::from_utf8_lossy(&self.body);
        let code = header
            .and_then(|(_, value)| value.to_str().ok().map(str::to_owned))
            .or_else(|| {
                let body: serde_json::Value = serde_json::from_str(&body).ok()?;
                Some(body.get("__type")?.as_str()?.to_owned())
            })
            .or_else(|| Some(body.split_once("<Code>")?.1.split_once('<')?.0.to_owned()))?;
        code.rsplit('#').next().map(str::to_owned)
    }
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod tests {
    //! Requests for the tests of services.

    use super::*;

    /// A request of a role to the operation that the target names, `AmazonSQS.SendMessage`.
    pub(crate) fn request_of_a_role(target: &str, body: &[u8]) -> Request {
        let mut headers = HeaderMap::new();
        if let Ok(target) = HeaderValue::from_str(target) {
            headers.insert("x-amz-target", target);
        }
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers,
            body: Bytes::copy_from_slice(body),
            caller: Arc::new(Caller {
                arn: "arn:aws:sts::000000000000:assumed-role/r/s".to_owned(),
                user_id: "AROAEXAMPLE:s".to_owned(),
                access_key: "ASIAEXAMPLE".to_owned(),
                principal: Principal::Role("arn:aws:iam::000000000000:role/r".to_owned()),
                issued: None,
            }),
            request_id: "request-id".to_owned(),
        }
    }
}
