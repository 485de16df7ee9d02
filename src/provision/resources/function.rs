//! A Lambda function: its code, its configuration, and the waits that AWS asks for in between.

use std::collections::HashMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, LastUpdateStatus, Runtime,
    State,
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
    pub(in crate::provision) artifact: Option<Artifact>,
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

    /// The code to upload: only the way up has it.
    fn code(&self) -> Result<&Artifact, Problem> {
        self.artifact.as_ref().ok_or(Problem::NoCode)
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
        Ok(drifted(self.differing(&found)))
    }

    /// The names of the settings that are not as wanted.
    fn differing(&self, found: &FunctionConfiguration) -> Vec<String> {
        let variables = found.environment().and_then(|all| all.variables());
        let code = self.artifact.as_ref().is_none_or(|wanted| {
            found.code_sha256() == Some(&wanted.code_sha256)
                && found.architectures() == [architecture(wanted)]
        });
        differences(&[
            ("code", code),
            ("role", found.role() == Some(&self.role_arn)),
            ("runtime", found.runtime() == Some(&Runtime::Providedal2023)),
            ("handler", found.handler() == Some(HANDLER)),
            ("timeout", found.timeout() == Some(self.timeout_seconds)),
            ("memory", found.memory_size() == Some(MEMORY_MB)),
            ("environment", variables == Some(&self.environment)),
            ("state", standing(found) == Standing::Ready),
        ])
    }

    fn variables(&self) -> Environment {
        Environment::builder()
            .set_variables(Some(self.environment.clone()))
            .build()
    }

    async fn create(&self, artifact: &Artifact) -> Result<(), AwsFailure> {
        let code = FunctionCode::builder()
            .zip_file(Blob::new(artifact.zip.clone()))
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
            .architectures(architecture(artifact))
            .environment(self.variables());
        let sent = call.set_tags(Some(self.tags.map())).send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:CreateFunction", error))
    }

    async fn update_code(&self, artifact: &Artifact) -> Result<(), AwsFailure> {
        let call = self.client.update_function_code().function_name(&self.name);
        let call = call
            .zip_file(Blob::new(artifact.zip.clone()))
            .architectures(architecture(artifact));
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

    async fn standing(&self) -> Result<Standing, Problem> {
        let found = self.get().await?.and_then(|found| found.configuration);
        Ok(found.as_ref().map_or(Standing::Changing, standing))
    }

    /// Waits until no change is under way, whatever came of the last.
    async fn rest(&self, patience: &Patience) -> Result<(), Problem> {
        let rests = || async { Ok(self.standing().await? != Standing::Changing) };
        patience.until(WAITING, rests).await
    }

    /// Waits until the function is of use; a failed change ends the wait with its reason.
    async fn settled(&self, patience: &Patience) -> Result<(), Problem> {
        let settled = || async {
            match self.standing().await? {
                Standing::Ready => Ok(true),
                Standing::Changing => Ok(false),
                Standing::Failed(reason) => Err(Problem::Failed(reason)),
            }
        };
        patience.until(WAITING, settled).await
    }

    async fn mend(&self, patience: &Patience) -> Result<(), Problem> {
        // An earlier run may have been stopped in the middle of a change.
        self.rest(patience).await?;
        if self.look().await? == Observed::InSync {
            return Ok(());
        }
        let artifact = self.code()?;
        patience.call(|| self.update_code(artifact)).await?;
        self.settled(patience).await?;
        patience.call(|| self.update_configuration()).await?;
        self.settled(patience).await
    }
}

const WAITING: &str = "Lambda has not made the function active yet";

/// Whether a function is of use.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Ready,
    Changing,
    Failed(String),
}

fn standing(found: &FunctionConfiguration) -> Standing {
    let reason = |reason: Option<&str>| Standing::Failed(reason.unwrap_or("no reason").to_owned());
    match (found.state(), found.last_update_status()) {
        (Some(State::Failed), _) => reason(found.state_reason()),
        (_, Some(LastUpdateStatus::Failed)) => reason(found.last_update_status_reason()),
        (Some(State::Active), Some(LastUpdateStatus::Successful)) => Standing::Ready,
        _ => Standing::Changing,
    }
}

fn architecture(artifact: &Artifact) -> Architecture {
    Architecture::from(artifact.program.architecture.name())
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
            if *observed != Observed::Absent {
                return self.mend(patience).await;
            }
            let artifact = self.code()?;
            patience.call(|| self.create(artifact)).await?;
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
