//! A Lambda function: its code, its configuration, and the waits that AWS requires in between.

mod readiness;

use std::collections::HashMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, PackageType, Runtime, State,
};
use jiff::Timestamp;

use super::compare::{Comparison, Tags, about, or_none};
use crate::artifact::Artifact;
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};
use readiness::{Readiness, last_modified, readiness};

const HANDLER: &str = "bootstrap";
/// Bounded like Lambda's own waiters: 300 attempts, 1 s apart.
const CHANGING: WaitReason = WaitReason::new("Lambda has not made the function active yet", 300);
const DELETING: WaitReason = WaitReason::new("Lambda is still deleting the function", 300);

const CODE: &str = "code (SHA-256)";
const ARCHITECTURE: &str = "architecture";
const CONCURRENCY: &str = "reserved concurrency";
const STATE: &str = "state";
const PACKAGE: &str = "package type";
const ROLE_ITSELF: &str = "role itself";

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
    /// The resource that its variable names, by its id.
    pub(in crate::provision) uses: String,
    pub(in crate::provision) tags: Tags,
}

impl Function {
    async fn get(&self) -> Result<Option<GetFunctionOutput>, AwsFailure> {
        let call = self.client.get_function().function_name(&self.name);
        call.send()
            .await
            .of_call("lambda:GetFunction")
            .unless_absent()
    }

    /// The function's tags where GetFunction returned none: some servers that are compatible with AWS
    /// return them only here.
    async fn listed_tags(&self) -> Result<HashMap<String, String>, AwsFailure> {
        let call = self.client.list_tags().resource(&self.arn);
        let listed = call.send().await.of_call("lambda:ListTags");
        let tags = listed.unless_absent()?.and_then(|listed| listed.tags);
        Ok(tags.unwrap_or_default())
    }

    /// The code to upload; `down` has none.
    fn code(&self) -> Result<&Artifact, Problem> {
        self.artifact.as_ref().ok_or(Problem::NoCode)
    }

    /// When the role was created; `None` where it does not exist.
    async fn role_created(&self) -> Result<Option<Timestamp>, AwsFailure> {
        let answer = self.iam.get_role().role_name(&self.role).send().await;
        let role = answer
            .of_call("iam:GetRole")
            .unless_absent()?
            .and_then(|found| found.role);
        Ok(role.and_then(|role| Timestamp::from_second(role.create_date().secs()).ok()))
    }

    fn differences(
        &self,
        found: &FunctionConfiguration,
        role_created: Option<Timestamp>,
        reserved: Option<i32>,
    ) -> Vec<Difference> {
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
        let variables = found
            .environment()
            .and_then(|environment| environment.variables())
            .cloned()
            .unwrap_or_default();
        // A function keeps the role that it was created with. When that is deleted and another of
        // the same name created, the function has no permissions.
        let times = role_created.zip(last_modified(found));
        if times.is_some_and(|(created, modified)| created > modified) {
            comparison.of(
                ROLE_ITSELF,
                "an earlier role of this name",
                "the current role",
            );
        }
        comparison
            .of("role", found.role().unwrap_or_default(), &self.role_arn)
            .of("runtime", runtime, Runtime::Providedal2023.as_str())
            .of("handler", found.handler().unwrap_or_default(), HANDLER)
            .of("timeout", or_none(found.timeout()), self.timeout_seconds)
            .of("memory", or_none(found.memory_size()), self.memory_mb)
            .of("environment", listed(&variables), listed(&self.environment))
            .of(
                PACKAGE,
                or_none(
                    found
                        .package_type()
                        .filter(|kind| **kind != PackageType::Zip),
                ),
                "",
            )
            .of(CONCURRENCY, or_none(reserved), "")
            .of(STATE, readiness(found).text(), Readiness::Ready.text());
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
        let call = self
            .client
            .create_function()
            .function_name(&self.name)
            .code(FunctionCode::builder().zip_file(zip).build())
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER)
            .timeout(self.timeout_seconds)
            .memory_size(self.memory_mb)
            .architectures(architecture(artifact))
            .environment(self.variables())
            .set_tags(Some(self.tags.map()));
        call.send().await.of_call("lambda:CreateFunction").map(drop)
    }

    async fn update_code(&self, artifact: &Artifact) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_function_code()
            .function_name(&self.name)
            .zip_file(Blob::new(artifact.zip.clone()))
            .architectures(architecture(artifact));
        let answer = call.send().await;
        answer.of_call("lambda:UpdateFunctionCode").map(drop)
    }

    async fn update_configuration(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_function_configuration()
            .function_name(&self.name)
            .role(&self.role_arn)
            .runtime(Runtime::Providedal2023)
            .handler(HANDLER)
            .timeout(self.timeout_seconds)
            .memory_size(self.memory_mb)
            .environment(self.variables());
        let answer = call.send().await;
        answer
            .of_call("lambda:UpdateFunctionConfiguration")
            .map(drop)
    }

    async fn unreserve_concurrency(&self) -> Result<(), AwsFailure> {
        let call = self.client.delete_function_concurrency();
        let answer = call.function_name(&self.name).send().await;
        answer.of_call("lambda:DeleteFunctionConcurrency").map(drop)
    }

    async fn readiness(&self) -> Result<Readiness, Problem> {
        let found = self.get().await?.and_then(|found| found.configuration);
        Ok(found.as_ref().map_or(Readiness::Changing, readiness))
    }

    /// Waits until no change is in progress, whether the last one succeeded or not.
    async fn wait_until_idle(&self, waiter: &Waiter) -> Result<(), Problem> {
        let is_idle = || async { Ok(self.readiness().await? != Readiness::Changing) };
        waiter.until(&CHANGING, is_idle).await
    }

    /// Waits until the function is ready; a failed change ends the wait with its reason.
    async fn wait_until_ready(&self, waiter: &Waiter) -> Result<(), Problem> {
        let is_ready = || async {
            match self.readiness().await? {
                Readiness::Ready => Ok(true),
                Readiness::Changing => Ok(false),
                Readiness::Failed(reason) => Err(Problem::Failed(reason)),
            }
        };
        waiter.until(&CHANGING, is_ready).await
    }
}

/// Variables as one text, sorted by name.
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

/// A function must be removed and created again if its creation failed, if it was built from an
/// image, or if its role was replaced: Lambda renews the grants that it got through the earlier role
/// only for a new function.
fn state(differences: Vec<Difference>, found: &FunctionConfiguration) -> Observed {
    let fatal = [PACKAGE, ROLE_ITSELF].map(|setting| about(&differences, setting));
    if fatal.contains(&true) || found.state() == Some(&State::Failed) {
        return Observed::Broken(differences);
    }
    Observed::ours(differences)
}

impl Described for Function {
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
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for Function {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let (found, role_created) = tokio::try_join!(self.get(), self.role_created())?;
        let Some(found) = found else {
            return Ok(Observed::Absent);
        };
        let tags = match found.tags {
            Some(tags) => tags,
            None => self.listed_tags().await?,
        };
        let reserved = found
            .concurrency
            .and_then(|concurrency| concurrency.reserved_concurrent_executions);
        let configuration = found
            .configuration
            .ok_or(Problem::Answer("lambda:GetFunction"))?;
        let differences = self.differences(&configuration, role_created, reserved);
        let state = |differences| state(differences, &configuration);
        Ok(self.tags.classify(&tags, differences, state))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        let artifact = self.code()?;
        waiter.call(|| self.create_it(artifact)).await?;
        self.wait_until_ready(waiter).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        // An earlier run may have been interrupted during a change.
        self.wait_until_idle(waiter).await?;
        let only_state = differences.iter().all(|one| one.setting == STATE);
        let is_ready = self.readiness().await? == Readiness::Ready;
        if only_state && is_ready {
            return Ok(());
        }
        // One that is not ready may have lost its code, whatever its hash says.
        if about(differences, CODE) || about(differences, ARCHITECTURE) || !is_ready {
            let artifact = self.code()?;
            waiter.call(|| self.update_code(artifact)).await?;
            self.wait_until_ready(waiter).await?;
        }
        if about(differences, CONCURRENCY) {
            waiter.call(|| self.unreserve_concurrency()).await?;
        }
        let other_calls = [CODE, ARCHITECTURE, CONCURRENCY];
        let mut settings = differences.iter().map(|one| &*one.setting);
        if settings.any(|setting| !other_calls.contains(&setting)) {
            waiter.call(|| self.update_configuration()).await?;
        }
        self.wait_until_ready(waiter).await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let tag = || async {
            let call = self.client.tag_resource().resource(&self.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.of_call("lambda:TagResource").map(drop)
        };
        waiter.call(tag).await
    }

    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        let delete = || async {
            let call = self.client.delete_function().function_name(&self.name);
            call.send().await.of_call("lambda:DeleteFunction").map(drop)
        };
        waiter.call(delete).await?;
        let is_gone = || async { Ok(self.get().await?.is_none()) };
        waiter.until(&DELETING, is_gone).await
    }
}
