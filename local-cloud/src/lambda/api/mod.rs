//! Lambda: REST-JSON around the functions and their event source mappings. Operations that the
//! cloud does not have are refused by method and path, parameters by name.

mod configuration;
mod functions;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod invoke;
mod mappings;
mod route;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::AwsError;
use crate::lambda::Functions;
use crate::protocol::http::{Reply, Request};
use crate::protocol::rest_json::{empty, error, input, output, parameter, parameters};

pub(crate) use route::{Operation, route};

/// The service.
#[derive(Debug)]
pub(crate) struct LambdaService {
    functions: Arc<Functions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagsInput {
    tags: BTreeMap<String, String>,
}

impl LambdaService {
    pub(crate) fn new(functions: Arc<Functions>) -> Self {
        Self { functions }
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        self.answer(request)
            .await
            .unwrap_or_else(|problem| error(&problem))
    }

    async fn answer(&self, request: &Request) -> Result<Reply, AwsError> {
        let operation = route(&request.method, &request.path)?;
        if let Some(qualifier) = parameter(&request.query, "Qualifier")?
            && qualifier != "$LATEST"
        {
            return Err(invalid(format!(
                "This local cloud has no versions and aliases of functions, so no {qualifier}."
            )));
        }
        match operation {
            Operation::CreateFunction => self.create_function(input(request)?).await,
            Operation::ListFunctions => self.list_functions(&request.query),
            Operation::GetFunction(name) => self.get_function(&name),
            Operation::DeleteFunction(name) => self.delete_function(&name).await,
            Operation::GetConfiguration(name) => self.get_configuration(&name),
            Operation::UpdateConfiguration(name) => {
                self.update_configuration(&name, input(request)?).await
            }
            Operation::UpdateCode(name) => self.update_code(&name, input(request)?).await,
            Operation::Invoke(name) => self.invoke(&name, request).await,
            Operation::PutConcurrency(name) => self.put_concurrency(&name, input(request)?).await,
            Operation::GetConcurrency(name) => self.get_concurrency(&name),
            Operation::DeleteConcurrency(name) => self.delete_concurrency(&name).await,
            Operation::GetAccountSettings => Ok(self.account_settings()),
            Operation::ListTags(arn) => self.list_tags(&arn),
            Operation::TagResource(arn) => self.tag(&arn, input(request)?).await,
            Operation::UntagResource(arn) => self.untag(&arn, &request.query).await,
            Operation::CreateMapping => self.create_mapping(input(request)?).await,
            Operation::ListMappings => self.list_mappings(&request.query),
            Operation::GetMapping(uuid) => self.get_mapping(&uuid),
            Operation::UpdateMapping(uuid) => self.update_mapping(&uuid, input(request)?).await,
            Operation::DeleteMapping(uuid) => self.delete_mapping(&uuid).await,
        }
    }

    fn list_tags(&self, arn: &str) -> Result<Reply, AwsError> {
        let tags = self
            .functions
            .read(|registry| registry.tags(arn).cloned())?;
        Ok(output(200, &json!({ "Tags": tags })))
    }

    async fn tag(&self, arn: &str, asked: TagsInput) -> Result<Reply, AwsError> {
        self.functions
            .change(|registry, _, _| registry.tag(arn, asked.tags))
            .await?;
        Ok(empty(204))
    }

    async fn untag(&self, arn: &str, query: &str) -> Result<Reply, AwsError> {
        let keys = parameters(query, "tagKeys")?;
        self.functions
            .change(|registry, _, _| registry.untag(arn, &keys))
            .await?;
        Ok(empty(204))
    }
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
}

/// Refuses the parameters that nothing here reads, unless they say what would hold without them.
fn refuse_others(others: &Map<String, Value>) -> Result<(), AwsError> {
    let harmless = [
        ("PackageType", json!("Zip")),
        ("TracingConfig", json!({ "Mode": "PassThrough" })),
        ("SnapStart", json!({ "ApplyOn": "None" })),
    ];
    let refused = others.iter().find(|(name, value)| {
        let usual = |(usual, what): &(&str, Value)| usual == name && what == *value;
        !says_nothing(value) && !harmless.iter().any(usual)
    });
    match refused {
        None => Ok(()),
        Some((name, _)) => Err(invalid(format!(
            "This local cloud does not have what {name} asks for; leave it out."
        ))),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// One page of `all` (in the order of their keys): those after `marker`, at most `MaxItems` and
/// at most `most`; and the next page's marker.
fn page<'a, T>(
    all: impl Iterator<Item = (&'a str, T)>,
    query: &str,
    most: usize,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let marker = parameter(query, "Marker")?.unwrap_or_default();
    let size = match parameter(query, "MaxItems")? {
        None => most,
        Some(text) => match text.parse() {
            Ok(size @ 1..=10_000) => most.min(size),
            _ => return Err(invalid(format!("MaxItems must be 1 to 10000, not {text}."))),
        },
    };
    let mut rest = all
        .skip_while(|(key, _)| *key <= marker.as_str())
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < size
        && let Some((key, item)) = rest.next()
    {
        items.push(item);
        last = Some(key);
    }
    let next = rest.peek().and(last).map(str::to_owned);
    Ok((items, next))
}

#[cfg(test)]
mod tests;
