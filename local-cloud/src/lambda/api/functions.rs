//! Operations on functions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::code::{CodeInput, architecture};
use super::configuration::ConfigurationInput;
use super::parameters::{label, page};
use super::permissions::{function_arn, on_anything, on_arn, on_function, pass_role, with_tags};
use super::role::role_id;
use super::service::LambdaService;
use super::tags::TagResource;
use super::wire;
use crate::error::AwsError;
use crate::lambda::engine::package::{UNZIPPED_BYTES, ZIPPED_BYTES};
use crate::lambda::engine::{ACCOUNT_CONCURRENCY, CODE_QUOTA, NewFunction};
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{empty, input, output};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

/// How many functions a page has at most.
const PAGE: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateFunction {
    pub(super) function_name: String,
    code: CodeInput,
    architectures: Option<Vec<String>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    pub(super) configuration: ConfigurationInput,
}

impl FromRequest for CreateFunction {
    fn from_request(_: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        input(request)
    }
}

impl Operation<LambdaService> for CreateFunction {
    const NAME: &'static str = "CreateFunction";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let arn = function_arn(service, &self.function_name)?;
        let with_tags = |operation| with_tags(on_arn(operation, &arn), &self.tags);
        let mut required = vec![with_tags(Self::NAME)];
        required.extend((!self.tags.is_empty()).then(|| with_tags(TagResource::NAME)));
        required.extend(pass_role(self.configuration.role.as_deref()));
        Ok(required)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let mut configuration = self.configuration.read()?;
        let has_variables = configuration.has_variables().unwrap_or(false);
        configuration.role_id = role_id(service, configuration.role_arn.as_deref(), has_variables)?;
        let architecture = architecture(self.architectures)?;
        let package = self.code.store(service).await?;
        let new = NewFunction {
            name: self.function_name,
            architecture,
            configuration,
            code_sha256: package.sha256_base64,
            code_size: package.size,
            tags: self.tags,
        };
        let function = service
            .functions
            .change(|registry, now, ids| registry.create_function(new, now, ids))
            .await?;
        Ok(output(201, &wire::configuration(&function)))
    }
}

#[derive(Debug)]
pub(super) struct ListFunctions {
    query: String,
}

impl FromRequest for ListFunctions {
    fn from_request(_: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            query: request.query.clone(),
        })
    }
}

impl Operation<LambdaService> for ListFunctions {
    const NAME: &'static str = "ListFunctions";
    type Output = Reply;

    fn required_permissions(&self, _: &LambdaService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let (functions, next) = service.functions.read(|registry| {
            let all = registry.functions().map(|one| (one.name.as_str(), one));
            let (functions, next) = page(all, &self.query, PAGE)?;
            let functions: Vec<Value> = functions.into_iter().map(wire::listed).collect();
            Ok::<_, AwsError>((functions, next))
        })?;
        let body = json!({ "Functions": functions, "NextMarker": next });
        Ok(output(200, &body))
    }
}

#[derive(Debug)]
pub(super) struct GetFunction {
    name: String,
}

impl FromRequest for GetFunction {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
        })
    }
}

impl Operation<LambdaService> for GetFunction {
    const NAME: &'static str = "GetFunction";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let function = service
            .functions
            .read(|registry| registry.function(&self.name).cloned())?;
        let mut body = json!({
            "Configuration": service.configuration(&function),
            "Code": { "RepositoryType": "S3" },
        });
        if !function.tags.is_empty() {
            body["Tags"] = json!(function.tags);
        }
        if let Some(reserved) = function.reserved_concurrency {
            body["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
        }
        Ok(output(200, &body))
    }
}

#[derive(Debug)]
pub(super) struct DeleteFunction {
    name: String,
}

impl FromRequest for DeleteFunction {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
        })
    }
}

impl Operation<LambdaService> for DeleteFunction {
    const NAME: &'static str = "DeleteFunction";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        service
            .functions
            .change(|registry, _, _| registry.delete_function(&self.name))
            .await?;
        Ok(empty(204))
    }
}

#[derive(Debug)]
pub(super) struct GetAccountSettings;

impl FromRequest for GetAccountSettings {
    fn from_request(_: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self)
    }
}

impl Operation<LambdaService> for GetAccountSettings {
    const NAME: &'static str = "GetAccountSettings";
    type Output = Reply;

    fn required_permissions(&self, _: &LambdaService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let body = service.functions.read(|registry| {
            let size: u64 = registry.functions().map(|one| one.code_size).sum();
            json!({
                "AccountLimit": {
                    "TotalCodeSize": CODE_QUOTA,
                    "CodeSizeUnzipped": UNZIPPED_BYTES,
                    "CodeSizeZipped": ZIPPED_BYTES,
                    "ConcurrentExecutions": ACCOUNT_CONCURRENCY,
                    "UnreservedConcurrentExecutions": registry.unreserved_concurrency(),
                },
                "AccountUsage": {
                    "TotalCodeSize": size,
                    "FunctionCount": registry.functions().count(),
                },
            })
        });
        Ok(output(200, &body))
    }
}
