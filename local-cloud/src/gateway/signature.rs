//! Verifies AWS Signature Version 4 in the `Authorization` header: whether a request was signed, by
//! whom, and with the right secret.
//!
//! It is done in two steps, so that the body of a request whose head is refused is not read.
//!
//! Pure: time and identities are parameters. Signatures in the query string (presigned URLs) and
//! unsigned or streamed payloads are refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::canonical::{Parts, canonical_request};
use crate::clock::WallMs;
use crate::iam::Identity;
use crate::protocol::http::Caller;
use crate::service::Descriptors;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// How many derived keys are kept. There is one for each access key, day, region and service.
const KEPT_KEYS: usize = 256;

/// Why a signature is not accepted. Each protocol has its own code for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no signature.
    Missing,
    /// The signature lacks something, which the sentence names.
    Incomplete(String),
    /// The access key or the session token is unknown.
    UnknownKey,
    /// The signature differs, has expired, or is for something else; AWS's sentence.
    Mismatch(String),
}

/// A request that was signed with the right secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) caller: Arc<Caller>,
    /// The service of the credential scope, for example `sqs`.
    pub(crate) service: String,
}

/// When a request arrives, and how far its date may be from that, either way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) now: WallMs,
    pub(crate) services: &'a Descriptors,
}

impl Window<'_> {
    /// The time of arrival, and the minutes that the service allows.
    fn of(self, signing_name: &str) -> (WallMs, u8) {
        let service = self.services.by_signing_name(signing_name);
        (
            self.now,
            service.map_or(5, |service| service.signature_minutes),
        )
    }
}

/// Derived signing keys, kept because deriving one takes four HMACs and a request needs one more.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys(Mutex<HashMap<String, Arc<[u8]>>>);

impl SigningKeys {
    fn get(&self, scope: &Scope<'_>, secret: &str, date: Timestamp) -> Arc<[u8]> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(scope.whole) {
            return Arc::clone(key);
        }
        let seconds = u64::try_from(date.as_second()).unwrap_or_default();
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        let key: Arc<[u8]> = generate_signing_key(secret, time, scope.region, scope.service)
            .as_ref()
            .into();
        if keys.len() >= KEPT_KEYS {
            keys.clear();
        }
        keys.insert(scope.whole.to_owned(), Arc::clone(&key));
        key
    }
}

/// What the head of a request claims: a known key, with its session's token, for a scope and a date
/// that fit. Whether it was signed with the key's secret is known only with the body.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    parts: Parts<'a>,
    scope: Scope<'a>,
    signed_headers: &'a str,
    signature: &'a str,
    stamp: &'a str,
    date: Timestamp,
    identity: Arc<Identity>,
}

/// Checks everything about a signature that does not depend on the body.
///
/// # Errors
/// The reason why AWS would not accept the request.
pub(crate) fn check_head<'a>(
    parts: Parts<'a>,
    lookup: impl FnOnce(&str) -> Option<Arc<Identity>>,
    window: Window<'_>,
) -> Result<Claim<'a>, Refusal> {
    let authorization = Authorization::of(&parts)?;
    let scope = Scope::parse(authorization.credential)?;
    check_signed_headers(&parts, authorization.signed_headers)?;
    let identity = lookup(scope.access_key).ok_or(Refusal::UnknownKey)?;
    check_token(&parts, &identity)?;
    let (stamp, date) = date_of(&parts)?;
    check_date(stamp, date, scope.date, window.of(scope.service))?;
    Ok(Claim {
        parts,
        scope,
        signed_headers: authorization.signed_headers,
        signature: authorization.signature,
        stamp,
        date,
        identity,
    })
}

impl Claim<'_> {
    /// The region of the credential scope.
    pub(crate) fn region(&self) -> &str {
        self.scope.region
    }

    /// The service of the credential scope, for example `sqs`.
    pub(crate) fn service(&self) -> &str {
        self.scope.service
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// It is not that of this body under the key's secret.
    pub(crate) fn verify(&self, body: &[u8], keys: &SigningKeys) -> Result<Verified, Refusal> {
        let Self { parts, scope, .. } = self;
        let payload_hash = hex::encode(Sha256::digest(body));
        if text(parts, "x-amz-content-sha256").is_some_and(|claimed| claimed != payload_hash) {
            return Err(Refusal::Mismatch(
                "The provided 'x-amz-content-sha256' header does not match what was computed."
                    .to_owned(),
            ));
        }
        let canonical = canonical_request(parts, self.signed_headers, &payload_hash);
        let string_to_sign = format!(
            "{ALGORITHM}\n{}\n{}\n{}",
            self.stamp,
            scope.without_key,
            hex::encode(Sha256::digest(canonical))
        );
        let key = keys.get(scope, self.identity.secret_key.reveal(), self.date);
        let expected = calculate_signature(key, string_to_sign.as_bytes());
        if !same(&expected, self.signature) {
            return Err(Refusal::Mismatch(MISMATCH.to_owned()));
        }
        Ok(Verified {
            caller: Arc::clone(&self.identity.caller),
            service: scope.service.to_owned(),
        })
    }
}

/// Verifies a whole request.
///
/// # Errors
/// The reason why AWS would not accept it.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn verify(
    parts: &Parts<'_>,
    body: &[u8],
    lookup: impl FnOnce(&str) -> Option<Arc<Identity>>,
    keys: &SigningKeys,
    window: Window<'_>,
) -> Result<Verified, Refusal> {
    check_head(*parts, lookup, window)?.verify(body, keys)
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

/// The service that a request claims to be signed for, verified or not. Errors take its protocol.
pub(crate) fn claimed_service<'a>(parts: &Parts<'a>) -> Option<&'a str> {
    let authorization = Authorization::of(parts).ok()?;
    Some(Scope::parse(authorization.credential).ok()?.service)
}

struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn of(parts: &Parts<'a>) -> Result<Self, Refusal> {
        let Some(header) = text(parts, "authorization") else {
            if parts.query.contains("X-Amz-Signature=") {
                return Err(Refusal::Incomplete(
                    "Signatures in the query string are not supported by this local cloud; \
                     sign in the Authorization header."
                        .to_owned(),
                ));
            }
            return Err(Refusal::Missing);
        };
        let Some(rest) = header.trim().strip_prefix(ALGORITHM) else {
            return Err(Refusal::Incomplete(format!(
                "The Authorization header must start with '{ALGORITHM}'."
            )));
        };
        let field = |name: &str| {
            let mut fields = rest.split(',').map(str::trim);
            fields
                .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Refusal::Incomplete(format!(
                        "Authorization header requires '{name}' parameter."
                    ))
                })
        };
        Ok(Self {
            credential: field("Credential")?,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }
}

/// The parts of `KEY/DATE/REGION/SERVICE/aws4_request`.
#[derive(Debug)]
struct Scope<'a> {
    whole: &'a str,
    access_key: &'a str,
    without_key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn parse(credential: &'a str) -> Result<Self, Refusal> {
        let parsed = credential
            .split_once('/')
            .and_then(|(access_key, without_key)| {
                let mut fields = without_key.split('/');
                let scope = Self {
                    whole: credential,
                    access_key,
                    without_key,
                    date: fields.next()?,
                    region: fields.next()?,
                    service: fields.next()?,
                };
                (fields.next()? == "aws4_request" && fields.next().is_none()).then_some(scope)
            });
        parsed.ok_or_else(|| {
            Refusal::Incomplete(format!(
                "Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request, got: \
                 '{credential}'."
            ))
        })
    }
}

/// Checks that the host is signed, without which a request could be replayed elsewhere, and that
/// AWS's own headers are, which name the operation. The date and the payload's hash are part of every
/// signature, and the session token is compared.
fn check_signed_headers(parts: &Parts<'_>, signed: &str) -> Result<(), Refusal> {
    let is_signed = |name: &str| signed.split(';').any(|one| one == name);
    if !is_signed("host") {
        return Err(Refusal::Mismatch(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    let covered = ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
    let mut names = parts.headers.keys().map(|name| name.as_str());
    let unsigned = names
        .find(|name| name.starts_with("x-amz-") && !covered.contains(name) && !is_signed(name));
    match unsigned {
        None => Ok(()),
        Some(name) => Err(Refusal::Mismatch(format!(
            "There were headers present in the request which were not signed: {name}"
        ))),
    }
}

fn check_token(parts: &Parts<'_>, identity: &Identity) -> Result<(), Refusal> {
    let matches = match (&identity.session_token, text(parts, "x-amz-security-token")) {
        (None, None) => true,
        (Some(token), Some(sent)) => same(token.reveal(), sent),
        _ => false,
    };
    if matches {
        Ok(())
    } else {
        Err(Refusal::UnknownKey)
    }
}

fn date_of<'a>(parts: &Parts<'a>) -> Result<(&'a str, Timestamp), Refusal> {
    let stamp = text(parts, "x-amz-date").ok_or_else(|| {
        Refusal::Incomplete(
            "Authorization header requires existence of an 'X-Amz-Date' header.".to_owned(),
        )
    })?;
    let date = DateTime::strptime(DATE_FORMAT, stamp)
        .and_then(|date| TimeZone::UTC.to_timestamp(date))
        .map_err(|_| {
            Refusal::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{stamp}'. See \
                 http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
    Ok((stamp, date))
}

fn check_date(
    stamp: &str,
    date: Timestamp,
    day: &str,
    (now, minutes): (WallMs, u8),
) -> Result<(), Refusal> {
    if !stamp.starts_with(day) || day.len() != 8 {
        return Err(Refusal::Mismatch(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
             from HTTP: '{day}' != '{}', from '{stamp}'.",
            stamp.get(..8).unwrap_or(stamp)
        )));
    }
    let now = i64::try_from(now.seconds()).unwrap_or(i64::MAX);
    let tolerance = i64::from(minutes) * 60;
    let ahead = date.as_second().saturating_sub(now);
    if ahead < -tolerance {
        return Err(Refusal::Mismatch(format!(
            "Signature expired: {stamp} is now earlier than {} ({} - {minutes} min.)",
            written(now - tolerance),
            written(now)
        )));
    }
    if ahead > tolerance {
        return Err(Refusal::Mismatch(format!(
            "Signature not yet current: {stamp} is still later than {} ({} + {minutes} min.)",
            written(now + tolerance),
            written(now)
        )));
    }
    Ok(())
}

fn written(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or_default()
        .strftime(DATE_FORMAT)
        .to_string()
}

fn text<'a>(parts: &Parts<'a>, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// Compares in constant time, so that a signature or token cannot be guessed a character at a time.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests;
