use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::protocol::http::Principal;

// The credentials and the moment of AWS's published Signature Version 4 test suite.
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const STAMP: &str = "20150830T123600Z";
const NOW: WallMs = WallMs(1_440_938_160_000);

fn identity(secret: &str, token: Option<&str>) -> Arc<Identity> {
    Arc::new(Identity {
        secret_key: secret.into(),
        session_token: token.map(Into::into),
        caller: Arc::new(Caller {
            arn: "arn:aws:iam::000000000000:root".to_owned(),
            user_id: "000000000000".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            principal: Principal::Owner,
            issued: None,
        }),
    })
}

/// A request that can be signed, changed and verified.
#[derive(Clone)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Sent {
    fn new(method: &str, path: &str, query: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers
            .append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Signed as in the test suite: host and date are headers, then those named.
    fn signed_by_suite(self, signed: &str, signature: &str) -> Self {
        let scope = "20150830/us-east-1/service/aws4_request";
        self.with("host", "example.amazonaws.com")
            .with("x-amz-date", STAMP)
            .with(
                "authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={signed}, \
                     Signature={signature}"
                ),
            )
    }

    /// Signed with AWS's own signer for Rust.
    fn signed(mut self, token: Option<&str>) -> Self {
        let credentials = aws_credentials(token);
        let params = SigningParams::builder()
            .identity(&credentials)
            .region("us-east-1")
            .name("sqs")
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(NOW.0))
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        self = self.with("host", "127.0.0.1:4567");
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        let url = format!("http://127.0.0.1:4567{}?{}", self.path, self.query);
        let body = SignableBody::Bytes(&self.body);
        let request = SignableRequest::new(&self.method, url, headers.into_iter(), body).unwrap();
        let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
        for (name, value) in instructions.headers() {
            let name: HeaderName = name.parse().unwrap();
            self.headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        self
    }

    fn verified_by(&self, identity: Arc<Identity>, now: WallMs) -> Result<Verified, Refusal> {
        let parts = Parts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        };
        let lookup = |key: &str| (key == ACCESS_KEY).then_some(identity);
        let services = Descriptors::new([&crate::iam::DESCRIPTOR, &crate::sqs::DESCRIPTOR]);
        let window = Window {
            now,
            services: &services,
        };
        verify(&parts, &self.body, lookup, &SigningKeys::default(), window)
    }

    fn verified(&self) -> Result<Verified, Refusal> {
        self.verified_by(identity(SECRET, None), NOW)
    }
}

fn aws_credentials(token: Option<&str>) -> aws_smithy_runtime_api::client::identity::Identity {
    let token = token.map(Into::into);
    aws_credential_types::Credentials::new(ACCESS_KEY, SECRET, token, None, "test").into()
}

fn post() -> Sent {
    let mut sent = Sent::new("POST", "/", "")
        .with("content-type", "application/x-amz-json-1.0")
        .with("x-amz-target", "AmazonSQS.ListQueues");
    sent.body = b"{}".to_vec();
    sent
}

#[test]
fn signatures_of_awss_test_suite_are_accepted() {
    let plain = "host;x-amz-date";
    let cases = [
        // get-vanilla
        (
            Sent::new("GET", "/", ""),
            plain,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        // get-vanilla-query-order-key-case
        (
            Sent::new("GET", "/", "Param2=value2&Param1=value1"),
            plain,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        // post-vanilla
        (
            Sent::new("POST", "/", ""),
            plain,
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        // get-header-value-trim
        (
            Sent::new("GET", "/", "")
                .with("my-header1", " value1")
                .with("my-header2", " \"a   b   c\""),
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
    ];
    for (sent, signed, signature) in cases {
        let sent = sent.signed_by_suite(signed, signature);
        let verified = sent.verified().unwrap();
        assert_eq!(verified.service, "service");
    }
}

#[test]
fn a_wrong_secret_has_awss_message() {
    let refusal = post()
        .signed(None)
        .verified_by(identity("another", None), NOW)
        .unwrap_err();
    assert_eq!(refusal, Refusal::Mismatch(MISMATCH.to_owned()));
}

#[test]
fn changes_after_signing_are_noticed() {
    let signed = post().signed(None);
    signed.verified().unwrap();
    let tamper: [fn(&mut Sent); 5] = [
        |sent| sent.body = b"{ }".to_vec(),
        |sent| sent.path = "/other".to_owned(),
        |sent| sent.query = "a=b".to_owned(),
        |sent| sent.method = "GET".to_owned(),
        |sent| {
            let other = HeaderValue::from_static("AmazonSQS.DeleteQueue");
            sent.headers.insert("x-amz-target", other);
        },
    ];
    for tamper in tamper {
        let mut sent = signed.clone();
        tamper(&mut sent);
        assert!(matches!(sent.verified(), Err(Refusal::Mismatch(_))));
    }
}

#[test]
fn aws_headers_must_be_signed() {
    let sent = Sent::new("POST", "/", "")
        .signed(None)
        .with("x-amz-target", "AmazonSQS.DeleteQueue");
    let Err(Refusal::Mismatch(why)) = sent.verified() else {
        panic!("accepted")
    };
    assert!(why.contains("x-amz-target"), "{why}");
}

#[test]
fn missing_parts_are_named() {
    assert_eq!(post().verified(), Err(Refusal::Missing));
    let half = post().with(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
    );
    let Err(Refusal::Incomplete(what)) = half.verified() else {
        panic!("accepted")
    };
    assert!(what.contains("SignedHeaders"), "{what}");
    let presigned = Sent::new("GET", "/", "X-Amz-Signature=abc");
    assert!(matches!(presigned.verified(), Err(Refusal::Incomplete(_))));
    let mut dateless = post().signed(None);
    dateless.headers.remove("x-amz-date");
    assert!(matches!(dateless.verified(), Err(Refusal::Incomplete(_))));
}

#[test]
fn a_signature_expires_after_the_services_window() {
    let sent = post().signed(None);
    let at = |seconds: i64| {
        let now = WallMs(NOW.0.checked_add_signed(seconds * 1000).unwrap());
        sent.verified_by(identity(SECRET, None), now)
    };
    at(900).unwrap();
    at(-900).unwrap();
    assert_eq!(
        at(901),
        Err(Refusal::Mismatch(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
             (20150830T125101Z - 15 min.)"
                .to_owned()
        ))
    );
    let Err(Refusal::Mismatch(why)) = at(-901) else {
        panic!("accepted")
    };
    assert!(why.starts_with("Signature not yet current: "), "{why}");
}

#[test]
fn a_session_token_must_match() {
    let temporary = || identity(SECRET, Some("token"));
    let signed = post().signed(Some("token"));
    signed.verified_by(temporary(), NOW).unwrap();
    // Another token, none, and one for a long-term key, which has none.
    let other = post().signed(Some("tokem"));
    assert_eq!(
        other.verified_by(temporary(), NOW),
        Err(Refusal::UnknownKey)
    );
    let without = post().signed(None);
    assert_eq!(
        without.verified_by(temporary(), NOW),
        Err(Refusal::UnknownKey)
    );
    assert_eq!(signed.verified(), Err(Refusal::UnknownKey));
}

#[test]
fn unsigned_payloads_are_refused() {
    let sent = post()
        .with("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .signed(None);
    assert!(matches!(sent.verified(), Err(Refusal::Mismatch(_))));
}

proptest! {
    #[test]
    fn requests_of_awss_signer_are_accepted(
        path in "(/[a-zA-Z0-9._~:@!$,;=-]{0,8}|/%[2-7][0-9A-F]|/\\.\\.|/\\.|/){1,5}",
        query in proptest::collection::vec(("[a-zA-Z][a-zA-Z0-9%:/~-]{0,6}", "[ -~]{0,10}"), 0..4),
        header in "[!-~]([ -~]{0,20}[!-~])?",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        token in proptest::option::of("[a-zA-Z0-9/+=]{1,30}"),
    ) {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let mut sent = Sent::new("POST", &path, &query.join("&")).with("x-amz-meta", &header);
        sent.body = body;
        let sent = sent.signed(token.as_deref());
        let identity = identity(SECRET, token.as_deref());
        prop_assert_eq!(sent.verified_by(identity, NOW).map(|verified| verified.service), Ok("sqs".to_owned()));
    }

    #[test]
    fn no_header_panics(authorization in "(AWS4-HMAC-SHA256 ?)?[ -~]{0,80}", date in "[ -~]{0,20}") {
        let sent = post().with("x-amz-date", &date).with("authorization", &authorization);
        prop_assert!(sent.verified().is_err());
    }
}

#[test]
fn each_service_has_its_window() {
    let services = Descriptors::new([&crate::lambda::DESCRIPTOR, &crate::sqs::DESCRIPTOR]);
    let window = Window {
        now: NOW,
        services: &services,
    };
    assert_eq!(window.of("sqs"), (NOW, 15));
    assert_eq!(window.of("lambda"), (NOW, 5));
    assert_eq!(window.of("of nobody"), (NOW, 5));
}
