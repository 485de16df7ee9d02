//! Operations on event source mappings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::mapping_settings::SettingsInput;
use super::parameters::{invalid, label, page};
use super::permissions::{
    mapping_arn, on_anything, on_arn, on_mapping, on_mapping_to, on_new_mapping, with_tags,
};
use super::service::LambdaService;
use super::tags::TagResource;
use super::wire;
use crate::error::AwsError;
use crate::lambda::engine::NewMapping;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{input, output, parameter};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

/// How many mappings a page has at most.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateEventSourceMapping {
    event_source_arn: Option<String>,
    pub(super) function_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    pub(super) settings: SettingsInput,
}

impl FromRequest for CreateEventSourceMapping {
    fn from_request(_: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        input(request)
    }
}

impl Operation<LambdaService> for CreateEventSourceMapping {
    const NAME: &'static str = "CreateEventSourceMapping";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let create = on_new_mapping(service, Self::NAME, &self.function_name)?;
        let mut required = vec![with_tags(create, &self.tags)];
        if !self.tags.is_empty() {
            let tag = on_arn(TagResource::NAME, mapping_arn(service, "*"));
            required.push(with_tags(tag, &self.tags));
        }
        Ok(required)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let queue_arn = self
            .event_source_arn
            .filter(|arn| arn.starts_with("arn:aws:sqs:"))
            .ok_or_else(|| {
                invalid("EventSourceArn must be a queue's: this local cloud maps SQS queues only.")
            })?;
        check_polling(service, &self.function_name, &queue_arn)?;
        let new = NewMapping {
            visibility_timeout: visibility_timeout(service, &queue_arn),
            queue_arn,
            function: self.function_name,
            settings: self.settings.read()?,
            tags: self.tags,
        };
        let mapping = service
            .functions
            .change(|registry, now, ids| registry.create_mapping(new, now, ids))
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }
}

#[derive(Debug)]
pub(super) struct GetEventSourceMapping {
    uuid: String,
}

impl FromRequest for GetEventSourceMapping {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            uuid: label(labels),
        })
    }
}

impl Operation<LambdaService> for GetEventSourceMapping {
    const NAME: &'static str = "GetEventSourceMapping";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        Ok(vec![on_mapping(service, Self::NAME, &self.uuid)])
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let mapping = service
            .functions
            .read(|registry| registry.mapping(&self.uuid).map(wire::mapping))?;
        Ok(output(200, &mapping))
    }
}

#[derive(Debug)]
pub(super) struct ListEventSourceMappings {
    query: String,
    queue_arn: Option<String>,
    function: Option<String>,
}

impl FromRequest for ListEventSourceMappings {
    fn from_request(_: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            query: request.query.clone(),
            queue_arn: parameter(&request.query, "EventSourceArn")?,
            function: parameter(&request.query, "FunctionName")?,
        })
    }
}

impl Operation<LambdaService> for ListEventSourceMappings {
    const NAME: &'static str = "ListEventSourceMappings";
    type Output = Reply;

    fn required_permissions(&self, _: &LambdaService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let (mappings, next) = service.functions.read(|registry| {
            let function = self
                .function
                .as_deref()
                .map(|function| registry.name_of(function))
                .transpose()?;
            let selected = registry.mappings().filter(|one| {
                let is_of_queue = |arn: &String| one.queue_arn == *arn;
                self.queue_arn.as_ref().is_none_or(is_of_queue)
                    && function.is_none_or(|function| one.function_name == function)
            });
            let by_uuid = selected.map(|one| (one.uuid.as_str(), one));
            let (mappings, next) = page(by_uuid, &self.query, PAGE)?;
            let mappings: Vec<Value> = mappings.into_iter().map(wire::mapping).collect();
            Ok::<_, AwsError>((mappings, next))
        })?;
        let body = json!({ "EventSourceMappings": mappings, "NextMarker": next });
        Ok(output(200, &body))
    }
}

#[derive(Debug)]
pub(super) struct UpdateEventSourceMapping {
    uuid: String,
    pub(super) input: UpdateInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateInput {
    function_name: Option<String>,
    #[serde(flatten)]
    pub(super) settings: SettingsInput,
}

impl FromRequest for UpdateEventSourceMapping {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            uuid: label(labels),
            input: input(request)?,
        })
    }
}

impl Operation<LambdaService> for UpdateEventSourceMapping {
    const NAME: &'static str = "UpdateEventSourceMapping";
    type Output = Reply;

    /// Another function requires the permission for mappings of that one, too.
    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let mut required = vec![on_mapping(service, Self::NAME, &self.uuid)];
        if let Some(function) = &self.input.function_name {
            required.push(on_mapping_to(service, Self::NAME, (&self.uuid, function))?);
        }
        Ok(required)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let Self { uuid, input } = self;
        let settings = input.settings.read()?;
        let function = input.function_name.as_deref();
        let queue_arn = service
            .functions
            .read(|registry| Ok::<_, AwsError>(registry.mapping(&uuid)?.queue_arn.clone()))?;
        if let Some(function) = function {
            check_polling(service, function, &queue_arn)?;
        }
        let visibility = visibility_timeout(service, &queue_arn);
        let mapping = service
            .functions
            .change(|registry, now, _| {
                registry.update_mapping(&uuid, function, &settings, visibility, now)
            })
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }
}

#[derive(Debug)]
pub(super) struct DeleteEventSourceMapping {
    uuid: String,
}

impl FromRequest for DeleteEventSourceMapping {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            uuid: label(labels),
        })
    }
}

impl Operation<LambdaService> for DeleteEventSourceMapping {
    const NAME: &'static str = "DeleteEventSourceMapping";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        Ok(vec![on_mapping(service, Self::NAME, &self.uuid)])
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let mapping = service
            .functions
            .change(|registry, now, _| registry.delete_mapping(&self.uuid, now))
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }
}

/// Checks that the function's role may read the queue, which it does for the mapping. A function or
/// a queue that does not exist is the engine's to refuse.
fn check_polling(service: &LambdaService, function: &str, queue_arn: &str) -> Result<(), AwsError> {
    let function = service
        .functions
        .read(|registry| registry.function(function).cloned());
    let missing = function
        .ok()
        .and_then(|function| service.functions.missing_permission(&function, queue_arn));
    match missing {
        None => Ok(()),
        Some(action) => Err(invalid(format!(
            "The function execution role does not have permissions to call {action} on SQS"
        ))),
    }
}

/// The queue's visibility timeout in seconds as Lambda sees it now; `None` for a queue that it does
/// not see.
fn visibility_timeout(service: &LambdaService, queue_arn: &str) -> Option<u32> {
    let queue = service.functions.queues().info_as_seen(queue_arn).ok()?;
    Some(queue.visibility_timeout)
}
