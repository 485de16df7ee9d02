//! A Lambda function: its code, its configuration, and the waits that AWS asks for in between.

mod readiness;

use std::collections::HashMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, PackageType, Runtime, State,
};
use jiff::Timestamp;

use super::{Comparison, Tags, about, or_none};
use crate::artifact::Artifact;
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};
use readiness::{Readiness, changed, readiness};

const HANDLER: &str = "bootstrap";
/// The bound is that of Lambda's own waiters: 300 looks, 1 s apart.
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
    /// What its variable names, by its id.
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

    /// The code to upload: only the way up has it.
    fn code(&self) -> Result<&Artifact, Problem> {
        self.artifact.as_ref().ok_or(Problem::NoCode)
    }

    /// When the role was made; `None` where there is none.
    async fn role_made(&self) -> Result<Option<Timestamp>, AwsFailure> {
        let answer = self.iam.get_role().role_name(&self.role).send().await;
        let found = answer.of_call("iam:GetRole").unless_absent()?;
        let role = found.and_then(|found| found.role);
        Ok(role.and_then(|role| Timestamp::from_second(role.create_date().secs()).ok()))
    }

    fn differing(
        &self,
        found: &FunctionConfiguration,
        role_made: Option<Timestamp>,
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
        let variables = found.environment().and_then(|all| all.variables());
        let variables = variables.cloned().unwrap_or_default();
        // A function goes on with the role that it was given, though one of the same name has
        // taken its place, and can do nothing with it.
        let times = role_made.zip(changed(found));
        if times.is_some_and(|(made, changed)| made > changed) {
            comparison.of(
                ROLE_ITSELF,
                "an earlier one of this name",
                "the present one",
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
            .of(STATE, readiness(found).said(), Readiness::Ready.said());
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
        call.send().await.of_call("lambda:CreateFunction").map(drop)
    }

    async fn update_code(&self, artifact: &Artifact) -> Result<(), AwsFailure> {
        let call = self.client.update_function_code().function_name(&self.name);
        let call = call
            .zip_file(Blob::new(artifact.zip.clone()))
            .architectures(architecture(artifact));
        let answer = call.send().await;
        answer.of_call("lambda:UpdateFunctionCode").map(drop)
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
        let answer = call.send().await;
        answer
            .of_call("lambda:UpdateFunctionConfiguration")
            .map(drop)
    }

    async fn free_concurrency(&self) -> Result<(), AwsFailure> {
        let call = self.client.delete_function_concurrency();
        let answer = call.function_name(&self.name).send().await;
        answer.of_call("lambda:DeleteFunctionConcurrency").map(drop)
    }

    async fn readiness(&self) -> Result<Readiness, Problem> {
        let found = self.get().await?.and_then(|found| found.configuration);
        Ok(found.as_ref().map_or(Readiness::Changing, readiness))
    }

    /// Waits until no change is under way, whatever came of the last.
    async fn rest(&self, waiter: &Waiter) -> Result<(), Problem> {
        let rests = || async { Ok(self.readiness().await? != Readiness::Changing) };
        waiter.until(&CHANGING, rests).await
    }

    /// Waits until the function is of use; a failed change ends the wait with its reason.
    async fn settled(&self, waiter: &Waiter) -> Result<(), Problem> {
        let settled = || async {
            match self.readiness().await? {
                Readiness::Ready => Ok(true),
                Readiness::Changing => Ok(false),
                Readiness::Failed(reason) => Err(Problem::Failed(reason)),
            }
        };
        waiter.until(&CHANGING, settled).await
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

/// What has to be removed and made anew: one whose creation failed, one made of an image, and one
/// whose role was made anew, because what Lambda was granted in the name of the earlier role it is
/// not granted again when the function is only changed.
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
        let (found, role_made) = tokio::try_join!(self.get(), self.role_made())?;
        let Some(found) = found else {
            return Ok(Observed::Absent);
        };
        let tags = found.tags.unwrap_or_default();
        let reserved = found.concurrency;
        let reserved = reserved.and_then(|all| all.reserved_concurrent_executions);
        let found = found.configuration;
        let found = found.ok_or(Problem::Answer("lambda:GetFunction"))?;
        let differ = self.differing(&found, role_made, reserved);
        let state = |differ| state(differ, &found);
        Ok(self.tags.classify(&tags, differ, state))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        let artifact = self.code()?;
        waiter.call(|| self.create_it(artifact)).await?;
        self.settled(waiter).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        // An earlier run may have been stopped in the middle of a change.
        self.rest(waiter).await?;
        let only_state = differences.iter().all(|one| one.setting == STATE);
        if only_state && self.readiness().await? == Readiness::Ready {
            return Ok(());
        }
        if about(differences, CODE) || about(differences, ARCHITECTURE) {
            let artifact = self.code()?;
            waiter.call(|| self.update_code(artifact)).await?;
            self.settled(waiter).await?;
        }
        if about(differences, CONCURRENCY) {
            waiter.call(|| self.free_concurrency()).await?;
        }
        let by_itself = [CODE, ARCHITECTURE, CONCURRENCY];
        let mut settings = differences.iter().map(|one| &*one.setting);
        if settings.any(|setting| !by_itself.contains(&setting)) {
            waiter.call(|| self.update_configuration()).await?;
        }
        self.settled(waiter).await
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
        let gone = || async { Ok(self.get().await?.is_none()) };
        waiter.until(&DELETING, gone).await
    }
}
