//! Who may do what: each service's requests as the required_permissions that they need, before the service
//! sees them. One file for each service; they are pure, and know of a request what they need to.
//!
//! A name that is missing is taken for *anything*, `*`: whoever may not do it to everything is
//! denied, and everybody else gets the service's own error. A body that is no JSON is refused.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use std::sync::Arc;

use serde_json::Value;

use crate::error::AwsError;
use crate::iam::Identities;
use crate::iam::engine::Entity;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::Functions;
use crate::lambda::api::route;
use crate::protocol;
use crate::protocol::http::Request;
use crate::protocol::query::Params;
use crate::sqs::Queues;
use crate::{dynamodb, iam, lambda, logs, sqs, sts};

/// The guard at the door of all services.
#[derive(Debug)]
pub(crate) struct Access {
    place: Place,
    identities: Arc<Identities>,
    functions: Arc<Functions>,
    queues: Arc<Queues>,
}

/// Where resources are.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl Place {
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Self { region, account } = self;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }
}

impl Access {
    /// A guard that asks `identities`, for resources in this region.
    pub(crate) fn new(
        region: &str,
        identities: Arc<Identities>,
        functions: Arc<Functions>,
        queues: Arc<Queues>,
    ) -> Self {
        let place = Place {
            region: region.to_owned(),
            account: identities.account().to_owned(),
        };
        Self {
            place,
            identities,
            functions,
            queues,
        }
    }

    /// Lets a verified request to a service (by its SigV4 name) pass.
    ///
    /// # Errors
    /// The service's way to say that its caller may not do what it asks for.
    pub(crate) fn check(&self, service: &str, request: &Request) -> Result<(), AwsError> {
        // The owner may do all, and its requests are not taken apart twice.
        if request.caller.is_owner() {
            return Ok(());
        }
        for right in self.required_permissions(service, request)? {
            let denial = self.identities.authorize(&request.caller, &right);
            denial.map_err(|denial| refusal(service, &denial.to_string()))?;
        }
        Ok(())
    }

    /// What a request asks for, as policies name it: `sqs:SendMessage`.
    pub(crate) fn action(service: &str, request: &Request) -> String {
        let operation = match service {
            "lambda" => route(&request.method, &request.path).map_or("", |one| one.action()),
            "iam" | "sts" => {
                return format!(
                    "{service}:{}",
                    form(request).text("Action").unwrap_or_default()
                );
            }
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
            "sqs" => {
                let sources = |arn: &str| self.dead_letter_sources(arn);
                sqs::permissions::required_permissions(
                    place,
                    operation(request),
                    &json(request)?,
                    sources,
                )
            }
            "dynamodb" => dynamodb::permissions::required_permissions(
                place,
                operation(request),
                &json(request)?,
            ),
            "logs" => {
                logs::permissions::required_permissions(place, operation(request), &json(request)?)
            }
            "lambda" => lambda::permissions::required_permissions(place, request, |uuid| {
                self.function_of(uuid)
            })?,
            "iam" => {
                let caller = request.caller.user_name();
                iam::permissions::required_permissions(place, &form(request), caller, |entity| {
                    self.arn_of(entity)
                })
            }
            "sts" => sts::permissions::required_permissions(&form(request)),
            // The tagging API knows of nothing in particular.
            "tagging" => vec![RequiredPermission::new(Self::action(service, request), "*")],
            // The control service lets nobody in but the owner.
            _ => Vec::new(),
        })
    }

    /// The ARNs of the queues whose dead-letter queue this is.
    fn dead_letter_sources(&self, arn: &str) -> Vec<String> {
        let names = self.queues.look(|engine| {
            let names = engine.dead_letter_sources(engine.by_arn(arn)?)?;
            Ok(names.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        let names = names.unwrap_or_default();
        names
            .iter()
            .map(|name| self.place.arn("sqs", name))
            .collect()
    }

    /// The ARN of the function that a mapping invokes.
    fn function_of(&self, uuid: &str) -> Option<String> {
        self.functions
            .read(|registry| Some(registry.mapping(uuid).ok()?.function_arn.clone()))
    }

    /// The ARN of a role or user, whose path only it knows.
    fn arn_of(&self, entity: Entity<'_>) -> Option<String> {
        self.identities.read(|iam| {
            Some(match entity {
                Entity::Role(name) => iam.role(name).ok()?.arn.clone(),
                Entity::User(name) => iam.user(name).ok()?.arn.clone(),
            })
        })
    }
}

/// Each service has its own code and status for the same sentence.
fn refusal(service: &str, message: &str) -> AwsError {
    match service {
        "sqs" => {
            AwsError::new("AccessDeniedException", 403, message).with_query_code("AccessDenied")
        }
        "iam" | "sts" => AwsError::new("AccessDenied", 403, message),
        "lambda" => AwsError::new("AccessDeniedException", 403, message),
        _ => AwsError::new("AccessDeniedException", 400, message),
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

fn form(request: &Request) -> Params {
    Params::parse(&request.body).unwrap_or_default()
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

#[cfg(test)]
mod tests;
