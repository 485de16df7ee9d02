//! The configurations that functions are given.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameters::{label, number, refuse_others};
use super::permissions::{on_function, pass_role};
use super::role::role_id;
use super::service::LambdaService;
use super::wire;
use crate::error::AwsError;
use crate::lambda::engine::Configuration;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{input, output};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

/// The members that `CreateFunction` and `UpdateFunctionConfiguration` have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConfigurationInput {
    description: Option<String>,
    pub(super) role: Option<String>,
    runtime: Option<String>,
    handler: Option<String>,
    timeout: Option<i64>,
    memory_size: Option<i64>,
    ephemeral_storage: Option<StorageInput>,
    environment: Option<EnvironmentInput>,
    logging_config: Option<LoggingInput>,
    pub(super) revision_id: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StorageInput {
    size: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentInput {
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingInput {
    log_group: Option<String>,
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
}

impl ConfigurationInput {
    /// The engine's configuration, without the role's id.
    ///
    /// # Errors
    /// `InvalidParameterValueException` for parameters that the cloud does not have.
    pub(super) fn read(self) -> Result<Configuration, AwsError> {
        refuse_others(&self.others)?;
        let logging = self.logging_config.unwrap_or_default();
        Ok(Configuration {
            description: self.description,
            role_arn: self.role,
            role_id: None,
            runtime: self.runtime,
            handler: self.handler,
            timeout_seconds: number(self.timeout, "timeout", 1)?,
            memory_mb: number(self.memory_size, "memorySize", 128)?,
            storage_mb: number(
                self.ephemeral_storage.map(|storage| storage.size),
                "ephemeralStorage.size",
                512,
            )?,
            environment: self.environment.map(|environment| environment.variables),
            log_group: logging.log_group,
            log_format: logging.log_format,
            application_log_level: logging.application_log_level,
            system_log_level: logging.system_log_level,
        })
    }
}

#[derive(Debug)]
pub(super) struct GetFunctionConfiguration {
    name: String,
}

impl FromRequest for GetFunctionConfiguration {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
        })
    }
}

impl Operation<LambdaService> for GetFunctionConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let function = service
            .functions
            .read(|registry| registry.function(&self.name).cloned())?;
        Ok(output(200, &service.configuration(&function)))
    }
}

#[derive(Debug)]
pub(super) struct UpdateFunctionConfiguration {
    pub(super) name: String,
    pub(super) configuration: ConfigurationInput,
}

impl FromRequest for UpdateFunctionConfiguration {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
            configuration: input(request)?,
        })
    }
}

impl Operation<LambdaService> for UpdateFunctionConfiguration {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let mut required = on_function(service, Self::NAME, &self.name)?;
        required.extend(pass_role(self.configuration.role.as_deref()));
        Ok(required)
    }

    async fn run(mut self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let functions = &service.functions;
        let revision_id = self.configuration.revision_id.take();
        let mut wanted = self.configuration.read()?;
        let has_variables = wanted.has_variables().unwrap_or_else(|| {
            functions.read(|registry| {
                let function = registry.function(&self.name);
                function.is_ok_and(|function| !function.environment.is_empty())
            })
        });
        wanted.role_id = role_id(service, wanted.role_arn.as_deref(), has_variables)?;
        let function = functions
            .change(|registry, now, ids| {
                let revision_id = revision_id.as_deref();
                registry.update_configuration(&self.name, wanted, revision_id, now, ids)
            })
            .await?;
        Ok(output(200, &wire::configuration(&function)))
    }
}
