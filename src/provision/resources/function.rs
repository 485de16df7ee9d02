//! A Lambda function: its code, its configuration, and the waits that AWS asks for in between.

use std::collections::HashMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, LastUpdateStatus, Runtime, State,
};
use futures_util::future::BoxFuture;

use super::{Tags, differences, drifted};
use crate::artifact::Artifact;
use crate::aws::{AwsFailure, Class, failure};
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource};

const HANDLER: &str = "bootstrap";
const MEMORY_MB: i32 = 256;

pub(in crate::provision) struct Function {
    pub(in crate::provision) client: aws_sdk_lambda::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) role_arn: String,
    pub(in crate::provision) artifact: Artifact,
    pub(in crate::provision) timeout_seconds: i32,
    pub(in crate::provision) environment: HashMap<String, String>,
    pub(in crate::provision) after: Vec<String>,
    pub(in crate::provision) tags: Tags,
}

impl Function {
    async fn get(&self) -> Result<Option<GetFunctionOutput>, Problem> {
        let answer = self
            .client
            .get_function()
            .function_name(&self.name)
            .send()
            .await;
        match answer.map_err(|error| failure("lambda:GetFunction", error)) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn architecture(&self) -> Architecture {
        Architecture::from(self.artifact.program.architecture.name())
    }

    async fn look(&self) -> Result<Observed, Problem> {
        let Some(found) = self.get().await? else {
            return Ok(Observed::Absent);
        };
        if !found.tags().is_some_and(|tags| self.tags.are_in(tags)) {
            return Ok(Observed::Foreign);
        }
        let found = found
            .configuration
            .ok_or(Problem::Answer("lambda:GetFunction"))?;
        let variables = found.environment().and_then(|all| all.variables());
        let code = found.code_sha256() == Some(&self.artifact.code_sha256);
        Ok(drifted(differences(&[
            (
                "code",
                code && found.architectures() == [self.architecture()],
            ),
            ("role", found.role() == Some(&self.role_arn)),
            ("runtime", found.runtime() == Some(&Runtime::Providedal2023)),
            ("handler", found.handler() == Some(HANDLER)),
            ("timeout", found.timeout() == Some(self.timeout_seconds)),
            ("memory", found.memory_size() == Some(MEMORY_MB)),
            ("environment", variables == Some(&self.environment)),
            ("state", found.state() != Some(&State::Failed)),
        ])))
    }

    fn variables(&self) -> Environment {
        Environment::builder()
            .set_variables(Some(self.environment.clone()))
            .build()
    }

    async fn create(&self) -> Result<(), AwsFailure> {
        let code = FunctionCode::builder()
            .zip_file(Blob::new(self.artifact.zip.clone()))
            .build();
        let call = self
            .client
            .create_function()
            .function_name(&self.name)
            .code(code);
        let call = call
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER);
        let call = call.timeout(self.timeout_seconds).memory_size(MEMORY_MB);
        let call = call
            .architectures(self.architecture())
            .environment(self.variables());
        let sent = call.set_tags(Some(self.tags.map())).send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:CreateFunction", error))
    }

    async fn update_code(&self) -> Result<(), AwsFailure> {
        let call = self.client.update_function_code().function_name(&self.name);
        let call = call
            .zip_file(Blob::new(self.artifact.zip.clone()))
            .architectures(self.architecture());
        let sent = call.send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:UpdateFunctionCode", error))
    }

    async fn update_configuration(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_function_configuration()
            .function_name(&self.name);
        let call = call
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER);
        let call = call.timeout(self.timeout_seconds).memory_size(MEMORY_MB);
        let sent = call.environment(self.variables()).send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:UpdateFunctionConfiguration", error))
    }

    async fn settled(&self, patience: &Patience) -> Result<(), Problem> {
        let settled = || async {
            let found = self.get().await?.and_then(|found| found.configuration);
            Ok(found.is_some_and(|found| {
                found.state == Some(State::Active)
                    && found.last_update_status == Some(LastUpdateStatus::Successful)
            }))
        };
        patience
            .until("Lambda has not made the function active yet", settled)
            .await
    }
}

impl Resource for Function {
    fn kind(&self) -> &'static str {
        "function"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn dependencies(&self) -> Vec<String> {
        self.after.clone()
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            if *observed == Observed::Absent {
                patience.call(|| self.create()).await?;
            } else {
                patience.call(|| self.update_code()).await?;
                self.settled(patience).await?;
                patience.call(|| self.update_configuration()).await?;
            }
            self.settled(patience).await
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let delete = || async {
                let sent = self
                    .client
                    .delete_function()
                    .function_name(&self.name)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| failure("lambda:DeleteFunction", error))
            };
            patience.call(delete).await?;
            let gone = || async { Ok(self.get().await?.is_none()) };
            patience
                .until("Lambda is still deleting the function", gone)
                .await
        })
    }
}
