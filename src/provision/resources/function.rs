//! A Lambda function: its code, its configuration, and the waits that AWS asks for in between.

mod standing;

use std::collections::HashMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, PackageType, Runtime, State,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{Comparison, Tags, about, or_none};
use crate::artifact::Artifact;
use crate::aws::{AwsFailure, Class, failure};
use crate::provision::wait::{Patience, Wait};
use crate::provision::{Difference, Observed, Problem, Resource};
use standing::{Standing, changed, standing};

const HANDLER: &str = "bootstrap";
/// The bound is that of Lambda's own waiters: 300 looks, 1 s apart.
const CHANGING: Wait = Wait::new("Lambda has not made the function active yet", 300);
const DELETING: Wait = Wait::new("Lambda is still deleting the function", 300);

const CODE: &str = "code (SHA-256)";
const ARCHITECTURE: &str = "architecture";
const CONCURRENCY: &str = "reserved concurrency";
const STATE: &str = "state";

pub(in crate::provision) struct Function {
    pub(in crate::provision) client: aws_sdk_lambda::Client,
    pub(in crate::provision) iam: aws_sdk_iam::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) arn: String,
    pub(in crate::provision) role: String,
    pub(in crate::provision) role_arn: String,
    pub(in crate::provision) artifact: Option<Artifact>,
    pub(in crate::provision) timeout_seconds: i32,
    pub(in crate::provision) memory_mb: i32,
    pub(in crate::provision) environment: HashMap<String, String>,
    pub(in crate::provision) after: Vec<String>,
    /// What its variable names, by its id.
    pub(in crate::provision) uses: String,
    pub(in crate::provision) tags: Tags,
}

impl Function {
    async fn get(&self) -> Result<Option<GetFunctionOutput>, Problem> {
        let call = self.client.get_function().function_name(&self.name);
        let answer = call.send().await;
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
        let (found, role_made) = tokio::try_join!(self.get(), self.role_made())?;
        let Some(found) = found else {
            return Ok(Observed::Absent);
        };
        let tags = found.tags.unwrap_or_default();
        let Some(mut differ) = self.tags.differences(&tags) else {
            return Ok(Observed::Foreign);
        };
        let reserved = found
            .concurrency
            .and_then(|all| all.reserved_concurrent_executions);
        let found = found
            .configuration
            .ok_or(Problem::Answer("lambda:GetFunction"))?;
        differ.extend(self.differing(&found));
        let mut comparison = Comparison::default();
        comparison.of(CONCURRENCY, or_none(reserved), "");
        differ.extend(comparison.0);
        // A function goes on with the role that it was given, though one of the same name has
        // taken its place, and can do nothing with it.
        if role_made
            .zip(changed(&found))
            .is_some_and(|(made, changed)| made > changed)
        {
            differ.push(Difference::new(
                "role",
                "an earlier one of this name",
                "the present one",
            ));
        }
        let image = found.package_type() == Some(&PackageType::Image);
        let broken = image || found.state() == Some(&State::Failed);
        Ok(if broken {
            Observed::Broken(differ)
        } else {
            Observed::ours(differ)
        })
    }

    /// When the role was made; `None` where there is none.
    async fn role_made(&self) -> Result<Option<Timestamp>, Problem> {
        let answer = self.iam.get_role().role_name(&self.role).send().await;
        match answer.map_err(|error| failure("iam:GetRole", error)) {
            Ok(answer) => {
                let role = answer.role.ok_or(Problem::Answer("iam:GetRole"))?;
                Ok(Timestamp::from_second(role.create_date().secs()).ok())
            }
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn differing(&self, found: &FunctionConfiguration) -> Vec<Difference> {
        let mut comparison = Comparison::default();
        if let Some(wanted) = &self.artifact {
            let architectures: Vec<&str> = found
                .architectures()
                .iter()
                .map(Architecture::as_str)
                .collect();
            comparison
                .of(
                    CODE,
                    found.code_sha256().unwrap_or_default(),
                    &wanted.code_sha256,
                )
                .of(
                    ARCHITECTURE,
                    architectures.join(", "),
                    wanted.program.architecture.name(),
                );
        }
        let runtime = found.runtime().map_or("", Runtime::as_str);
        let variables = found.environment().and_then(|all| all.variables());
        let variables = variables.cloned().unwrap_or_default();
        comparison
            .of("role", found.role().unwrap_or_default(), &self.role_arn)
            .of("runtime", runtime, Runtime::Providedal2023.as_str())
            .of("handler", found.handler().unwrap_or_default(), HANDLER)
            .of("timeout", or_none(found.timeout()), self.timeout_seconds)
            .of("memory", or_none(found.memory_size()), self.memory_mb)
            .of("environment", listed(&variables), listed(&self.environment))
            .of(STATE, standing(found).said(), Standing::Ready.said());
        comparison.0
    }

    fn variables(&self) -> Environment {
        let builder = Environment::builder();
        builder
            .set_variables(Some(self.environment.clone()))
            .build()
    }

    async fn create_it(&self, artifact: &Artifact) -> Result<(), AwsFailure> {
        let zip = Blob::new(artifact.zip.clone());
        let call = self.client.create_function().function_name(&self.name);
        let call = call
            .code(FunctionCode::builder().zip_file(zip).build())
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER)
            .timeout(self.timeout_seconds)
            .memory_size(self.memory_mb)
            .architectures(architecture(artifact))
            .environment(self.variables())
            .set_tags(Some(self.tags.map()));
        let sent = call.send().await;
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
        let call = self.client.update_function_configuration();
        let call = call
            .function_name(&self.name)
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER)
            .timeout(self.timeout_seconds)
            .memory_size(self.memory_mb)
            .environment(self.variables());
        let sent = call.send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:UpdateFunctionConfiguration", error))
    }

    async fn free_concurrency(&self) -> Result<(), AwsFailure> {
        let call = self.client.delete_function_concurrency();
        let sent = call.function_name(&self.name).send().await;
        sent.map(drop)
            .map_err(|error| failure("lambda:DeleteFunctionConcurrency", error))
    }

    async fn standing(&self) -> Result<Standing, Problem> {
        let found = self.get().await?.and_then(|found| found.configuration);
        Ok(found.as_ref().map_or(Standing::Changing, standing))
    }

    /// Waits until no change is under way, whatever came of the last.
    async fn rest(&self, patience: &Patience) -> Result<(), Problem> {
        let rests = || async { Ok(self.standing().await? != Standing::Changing) };
        patience.until(&CHANGING, rests).await
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
        patience.until(&CHANGING, settled).await
    }
}

/// Variables as one text, in the order of their names.
fn listed(variables: &HashMap<String, String>) -> String {
    let mut pairs: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    pairs.join(" ")
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
    fn uses(&self) -> Vec<String> {
        vec![self.uses.clone()]
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn create<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let artifact = self.code()?;
            patience.call(|| self.create_it(artifact)).await?;
            self.settled(patience).await
        })
    }

    fn mend<'a>(
        &'a self,
        differences: &'a [Difference],
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            // An earlier run may have been stopped in the middle of a change.
            self.rest(patience).await?;
            let only_state = differences.iter().all(|one| one.setting == STATE);
            if only_state && self.standing().await? == Standing::Ready {
                return Ok(());
            }
            if about(differences, CODE) || about(differences, ARCHITECTURE) {
                let artifact = self.code()?;
                patience.call(|| self.update_code(artifact)).await?;
                self.settled(patience).await?;
            }
            if about(differences, CONCURRENCY) {
                patience.call(|| self.free_concurrency()).await?;
            }
            let by_itself = [CODE, ARCHITECTURE, CONCURRENCY];
            if differences
                .iter()
                .any(|one| !by_itself.contains(&&*one.setting))
            {
                patience.call(|| self.update_configuration()).await?;
            }
            self.settled(patience).await
        })
    }

    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let tag = || async {
                let call = self.client.tag_resource().resource(&self.arn);
                let sent = call.set_tags(Some(tags.clone())).send().await;
                sent.map(drop)
                    .map_err(|error| failure("lambda:TagResource", error))
            };
            patience.call(tag).await
        })
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let delete = || async {
                let call = self.client.delete_function().function_name(&self.name);
                let sent = call.send().await;
                sent.map(drop)
                    .map_err(|error| failure("lambda:DeleteFunction", error))
            };
            patience.call(delete).await?;
            let gone = || async { Ok(self.get().await?.is_none()) };
            patience.until(&DELETING, gone).await
        })
    }
}
