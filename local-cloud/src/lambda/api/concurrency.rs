//! Operations on the concurrency that is reserved for a function.

use serde::Deserialize;
use serde_json::json;

use super::parameters::{label, number};
use super::permissions::on_function;
use super::service::LambdaService;
use crate::error::AwsError;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{empty, input, output};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug)]
pub(super) struct PutFunctionConcurrency {
    name: String,
    reserved: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConcurrencyInput {
    reserved_concurrent_executions: i64,
}

impl FromRequest for PutFunctionConcurrency {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        let input: ConcurrencyInput = input(request)?;
        Ok(Self {
            name: label(labels),
            reserved: number(
                Some(input.reserved_concurrent_executions),
                "reservedConcurrentExecutions",
                0,
            )?,
        })
    }
}

impl Operation<LambdaService> for PutFunctionConcurrency {
    const NAME: &'static str = "PutFunctionConcurrency";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let reserved = service
            .functions
            .change(|registry, _, ids| registry.reserve_concurrency(&self.name, self.reserved, ids))
            .await?;
        let body = json!({ "ReservedConcurrentExecutions": reserved });
        Ok(output(200, &body))
    }
}

#[derive(Debug)]
pub(super) struct GetFunctionConcurrency {
    name: String,
}

impl FromRequest for GetFunctionConcurrency {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
        })
    }
}

impl Operation<LambdaService> for GetFunctionConcurrency {
    const NAME: &'static str = "GetFunctionConcurrency";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let reserved = service.functions.read(|registry| {
            let function = registry.function(&self.name)?;
            Ok::<_, AwsError>(function.reserved_concurrency)
        })?;
        let body = match reserved {
            Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
            None => json!({}),
        };
        Ok(output(200, &body))
    }
}

#[derive(Debug)]
pub(super) struct DeleteFunctionConcurrency {
    name: String,
}

impl FromRequest for DeleteFunctionConcurrency {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
        })
    }
}

impl Operation<LambdaService> for DeleteFunctionConcurrency {
    const NAME: &'static str = "DeleteFunctionConcurrency";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        service
            .functions
            .change(|registry, _, ids| registry.reserve_concurrency(&self.name, None, ids))
            .await?;
        Ok(empty(204))
    }
}
