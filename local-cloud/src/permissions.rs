//! Who may do what: each service's requests as the required_permissions that they need, before the service
//! sees them. One file for each service; they are pure, and know of a request what they need to.
//!
//! A name that is missing is taken for *anything*, `*`: whoever may not do it to everything is
//! denied, and everybody else gets the service's own error. A body that is no JSON is refused.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::error::AwsError;
use crate::iam::Identities;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::Functions;
use crate::lambda::api::route;
use crate::protocol;
use crate::protocol::http::Reply;
use crate::protocol::http::Request;
use crate::service::{Call, Descriptor, Service};
use crate::lambda;

/// The guard at the door of all services.
#[derive(Debug)]
pub(crate) struct Access {
    place: Place,
    functions: Arc<Functions>,
}

pub(crate) use crate::location::Location as Place;

impl Access {
    /// A guard for resources in this region and in the account of `identities`.
    pub(crate) fn new(region: &str, identities: &Identities, functions: Arc<Functions>) -> Self {
        let place = Place {
            region: region.to_owned(),
            account: identities.account().to_owned(),
        };
        Self { place, functions }
    }

    /// What a request asks for, as policies name it: `sqs:SendMessage`.
    pub(crate) fn action(service: &str, request: &Request) -> String {
        let operation = match service {
            "lambda" => route(&request.method, &request.path).map_or("", |one| one.action()),
            "tagging" => return format!("tag:{}", operation(request)),
            _ => operation(request),
        };
        format!("{service}:{operation}")
    }

    fn required_permissions(
        &self,
        service: &str,
        request: &Request,
    ) -> Result<Vec<RequiredPermission>, AwsError> {
        let place = &self.place;
        Ok(match service {
            "lambda" => lambda::permissions::required_permissions(place, request, |uuid| {
                self.function_of(uuid)
            })?,
            // The tagging API knows of nothing in particular.
            "tagging" => vec![RequiredPermission::new(Self::action(service, request), "*")],
            // The control service lets nobody in but the owner.
            _ => Vec::new(),
        })
    }

    /// The ARN of the function that a mapping invokes.
    fn function_of(&self, uuid: &str) -> Option<String> {
        self.functions
            .read(|registry| Some(registry.mapping(uuid).ok()?.function_arn.clone()))
    }
}

/// What stands behind the dot in `X-Amz-Target`.
fn operation(request: &Request) -> &str {
    let target = request.header("x-amz-target").unwrap_or_default();
    target
        .split_once('.')
        .map_or("", |(_, operation)| operation)
}

/// A body. One that is refused here is refused by the service too, or else it would do what no
/// right was asked for.
pub(crate) fn json(request: &Request) -> Result<Value, AwsError> {
    protocol::json::read(&request.body)
}

/// A member that is a text and not empty.
pub(crate) fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member)?.as_str().filter(|text| !text.is_empty())
}

/// Whether tags or the like were sent along, for which there is a right of its own.
pub(crate) fn has(body: &Value, member: &str) -> bool {
    match body.get(member) {
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    }
}

/// A service that reads its requests by itself.
pub(crate) struct RawService {
    descriptor: &'static Descriptor,
    access: Arc<Access>,
    handle: Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>,
}

impl std::fmt::Debug for RawService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawService").finish_non_exhaustive()
    }
}

macro_rules! raw {
    ($name:ident, $type:ty) => {
        pub(crate) fn $name(access: &Arc<Access>, service: $type) -> Arc<dyn Service> {
            let service = Arc::new(service);
            Arc::new(Self {
                descriptor: &crate::$name::DESCRIPTOR,
                access: Arc::clone(access),
                handle: Arc::new(move |request| {
                    let service = Arc::clone(&service);
                    Box::pin(async move { service.handle(&request).await })
                }),
            })
        }
    };
}

impl RawService {
    raw!(lambda, lambda::LambdaService);
}

impl Service for RawService {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        let service = self.descriptor.signing_name;
        let action = Access::action(service, request);
        let (_, name) = action.split_once(':').unwrap_or_default();
        Ok(Box::new(RawCall {
            name: name.to_owned(),
            required: self.access.required_permissions(service, request)?,
            run: (self.handle)(request.clone()),
        }))
    }
}

struct RawCall {
    name: String,
    required: Vec<RequiredPermission>,
    run: Pin<Box<dyn Future<Output = Reply> + Send>>,
}

impl Call for RawCall {
    fn name(&self) -> &str {
        &self.name
    }

    fn required_permissions(&self) -> Vec<RequiredPermission> {
        self.required.clone()
    }

    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
        self.run
    }
}

#[cfg(test)]
mod tests;
