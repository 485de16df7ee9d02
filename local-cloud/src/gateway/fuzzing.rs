//! Properties of the signature check. An input is an HTTP request with `\n` as line ends:
//! `POST /path?query`, `name:value` lines, an empty line, the body.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity as Signer;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use super::canonical::Parts;
use super::errors;
use super::signature::{Refusal, SigningKeys, Verified, Window, verify};
use crate::clock::WallMs;
use crate::fuzzing::engines::first_line;
use crate::iam::Identity;
use crate::iam::api::fuzzing::texts;
use crate::protocol::http::{Caller, Principal};
use crate::service::Descriptors;

// The credentials and the moment of AWS's published Signature Version 4 test suite.
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: WallMs = WallMs(1_440_938_160_000);
const HOST: &str = "127.0.0.1:4567";

static OWNER: LazyLock<Arc<Identity>> = LazyLock::new(|| identity(SECRET));
static SERVICES: LazyLock<Descriptors> = LazyLock::new(|| {
    Descriptors::new([
        &crate::sqs::DESCRIPTOR,
        &crate::lambda::DESCRIPTOR,
        &crate::dynamodb::DESCRIPTOR,
        &crate::iam::DESCRIPTOR,
    ])
});
static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);
static SIGNER: LazyLock<Signer> =
    LazyLock::new(|| Credentials::new(ACCESS_KEY, SECRET, None, None, "fuzzing").into());

fn identity(secret: &str) -> Arc<Identity> {
    Arc::new(Identity {
        secret_key: secret.into(),
        session_token: None,
        caller: Arc::new(Caller {
            arn: "arn:aws:iam::000000000000:root".to_owned(),
            user_id: "000000000000".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            principal: Principal::Owner,
            issued: None,
        }),
    })
}

fn window() -> Window<'static> {
    Window {
        now: NOW,
        services: &SERVICES,
    }
}

fn owner(_access_key: &str) -> Option<Arc<Identity>> {
    Some(Arc::clone(&OWNER))
}

struct Sent<'a> {
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: &'a [u8],
}

impl<'a> Sent<'a> {
    /// The request as hyper would read it; header lines that hyper would refuse are left out.
    fn read(data: &'a [u8]) -> Option<Self> {
        let (line, mut rest) = first_line(data);
        let mut words = line.splitn(2, |byte| *byte == b' ');
        let method = Method::from_bytes(words.next()?).ok()?;
        let target = Uri::try_from(words.next()?).ok()?;
        let mut headers = HeaderMap::new();
        while !rest.is_empty() {
            let (line, behind) = first_line(rest);
            rest = behind;
            if line.is_empty() {
                break;
            }
            let mut halves = line.splitn(2, |byte| *byte == b':');
            let name = HeaderName::from_bytes(halves.next()?).ok();
            let value = HeaderValue::from_bytes(halves.next().unwrap_or_default()).ok();
            if let (Some(name), Some(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        Some(Self {
            method,
            target,
            headers,
            body: rest,
        })
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            method: self.method.as_str(),
            path: self.target.path(),
            query: self.target.query().unwrap_or_default(),
            headers: &self.headers,
        }
    }

    fn verified(&self) -> Result<Verified, Refusal> {
        verify(&self.parts(), self.body, owner, &KEYS, window())
    }

    /// Signs the request with AWS's own signer; `None` where that refuses.
    fn sign(&mut self) -> Option<()> {
        for own in [
            "authorization",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-content-sha256",
        ] {
            self.headers.remove(own);
        }
        self.headers.insert("host", HeaderValue::from_static(HOST));
        let params = SigningParams::builder()
            .identity(&SIGNER)
            .region("us-east-1")
            .name("sqs")
            .time(UNIX_EPOCH + Duration::from_millis(NOW.0))
            .settings(SigningSettings::default())
            .build()
            .ok()?;
        let headers: Option<Vec<(&str, &str)>> = self
            .headers
            .iter()
            .map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let url = format!("http://{HOST}{}", self.target.path_and_query()?);
        let body = SignableBody::Bytes(self.body);
        let request =
            SignableRequest::new(self.method.as_str(), url, headers?.into_iter(), body).ok()?;
        let (instructions, _) = sign(request, &params.into()).ok()?.into_parts();
        for (name, value) in instructions.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            self.headers
                .insert(name, HeaderValue::from_str(value).ok()?);
        }
        Some(())
    }
}

/// Any request: it is accepted only with the right secret, and every error can be written.
pub fn signature(data: &[u8]) {
    let Some(sent) = Sent::read(data) else {
        return;
    };
    match sent.verified() {
        Ok(_) => {
            let other_caller = |_: &str| Some(identity("another"));
            let keys = SigningKeys::default();
            let result = verify(&sent.parts(), sent.body, other_caller, &keys, window());
            assert!(matches!(result, Err(Refusal::Mismatch(_))), "{result:?}");
        }
        Err(refused) => {
            let reply = errors::signature_error(&sent.parts(), &SERVICES, &refused, "request-id");
            assert!((400..500).contains(&reply.status));
            let body = std::str::from_utf8(&reply.body).expect("replies are UTF-8");
            if body.starts_with('<') {
                assert!(
                    texts(body).iter().any(|text| text == "request-id"),
                    "{body}"
                );
            } else {
                let read = serde_json::from_str::<serde_json::Value>(body);
                assert!(read.is_ok(), "{body}");
            }
        }
    }
}

/// Any request that AWS's own signer signs is accepted, and no longer once its body, path, query or
/// a header is changed.
pub fn signed(data: &[u8]) {
    let Some(mut sent) = Sent::read(data) else {
        return;
    };
    // Clients sign paths only.
    let is_path = sent.target.path().starts_with('/') && sent.target.authority().is_none();
    if !is_path || sent.sign().is_none() {
        return;
    }
    let verified = sent.verified();
    let service = verified.as_ref().map(|verified| verified.service.as_str());
    assert_eq!(service, Ok("sqs"), "{}", sent.target);
    let parts = sent.parts();
    let longer = |text: &str, more: &str| format!("{text}{more}");
    let (path, query) = (longer(parts.path, "x"), longer(parts.query, "&x=y"));
    let mut headers = sent.headers.clone();
    let mut changed = parts;
    let mut body = sent.body;
    match data.len() % 4 {
        0 => changed.path = &path,
        1 => changed.query = &query,
        2 => body = b"another body, whatever it was",
        _ => {
            headers.insert("x-amz-target", HeaderValue::from_static("AmazonSQS.Other"));
            changed.headers = &headers;
        }
    }
    let accepted = verify(&changed, body, owner, &KEYS, window());
    assert!(matches!(accepted, Err(Refusal::Mismatch(_))));
}
