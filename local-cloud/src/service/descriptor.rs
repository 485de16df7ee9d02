//! What is fixed about a service.

use hyper::HeaderMap;

use crate::error::AwsError;
use crate::protocol::Protocol;

/// What is fixed about a service: how it is addressed, and how it words the errors that are not
/// those of an operation.
#[derive(Debug)]
pub(crate) struct Descriptor {
    /// The service's name in the credential scope of a signature, for example `sqs`.
    pub(crate) signing_name: &'static str,
    /// What precedes the colon in its actions, for example `sqs` in `sqs:SendMessage`.
    pub(crate) action_prefix: &'static str,
    /// The protocol that its clients speak.
    pub(crate) protocol: Protocol,
    /// Whether it belongs to no region, so that any region may stand in a signature.
    pub(crate) is_global: bool,
    /// Whether it is the tool's own service: for the owner alone, and never disturbed by chaos.
    pub(crate) is_internal: bool,
    /// Whether a call runs to its end although the client has hung up, because it takes several
    /// steps. A long poll ends with its client.
    pub(crate) outlives_client: bool,
    /// The HTTP status of the errors about a signature, other than an incomplete one.
    pub(crate) signature_error_status: u16,
    /// Whether errors about a signature have the Query protocol's names (`InvalidClientTokenId`)
    /// rather than those of JSON (`UnrecognizedClientException`).
    pub(crate) query_error_names: bool,
    /// How many minutes a signature's date may be off, either way. The IAM User Guide says "in most
    /// cases … within five minutes" (reference_aws-signing.html). In the error messages of the services
    /// (`Signature expired: … (… - 15 min.)`) it is 5 for Lambda and CloudWatch Logs, and 15 for SQS,
    /// DynamoDB, IAM and STS. `orders-lab doctor` lists where each was seen.
    pub(crate) signature_minutes: u8,
    /// The error of a caller without permission, with AWS's sentence.
    pub(crate) access_denied: fn(String) -> AwsError,
    /// The error of a request that comes too fast.
    pub(crate) throttled: fn() -> AwsError,
    /// The error of a request that fails inside the service.
    pub(crate) failed: fn() -> AwsError,
}

/// The descriptors of all services.
#[derive(Debug, Clone)]
pub(crate) struct Descriptors(Vec<&'static Descriptor>);

impl Descriptors {
    /// These descriptors.
    pub(crate) fn new(all: impl IntoIterator<Item = &'static Descriptor>) -> Self {
        Self(all.into_iter().collect())
    }

    /// The service with this name in a credential scope.
    pub(crate) fn by_signing_name(&self, name: &str) -> Option<&'static Descriptor> {
        let mut all = self.0.iter().copied();
        all.find(|descriptor| descriptor.signing_name == name)
    }

    /// The service that a request addresses by its `X-Amz-Target` or its path.
    pub(crate) fn by_head(&self, path: &str, headers: &HeaderMap) -> Option<&'static Descriptor> {
        let mut all = self.0.iter().copied();
        all.find(|descriptor| descriptor.protocol.is_addressed(path, headers))
    }

    /// A service whose clients send forms.
    pub(crate) fn of_forms(&self) -> Option<&'static Descriptor> {
        let mut all = self.0.iter().copied();
        all.find(|descriptor| matches!(descriptor.protocol, Protocol::Query(_)))
    }
}
