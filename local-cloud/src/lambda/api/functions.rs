//! Operations on functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::configuration::{ConfigurationInput, architecture};
use super::{LambdaService, invalid, page, refuse_others, wire};
use crate::error::AwsError;
use crate::lambda::code::Stored;
use crate::lambda::engine::package::{UNZIPPED_BYTES, ZIPPED_BYTES};
use crate::lambda::engine::{ACCOUNT_CONCURRENCY, CODE_QUOTA, CodeUpdate, Function, NewFunction};
use crate::protocol::http::Reply;
use crate::protocol::rest_json::{empty, output};

const PRINCIPAL: &str = "lambda.amazonaws.com";

/// What is said of environment variables for a role that KMS does not know yet.
const NO_GRANT: &str = "Lambda was unable to configure access to your environment variables because \
                        the KMS key is invalid for CreateGrant. Please check your KMS key settings. \
                        KMS Exception: InvalidArnException KMS Message: ARN does not refer to a \
                        valid principal";

/// How many functions a page has at most.
const PAGE: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateInput {
    function_name: String,
    code: CodeInput,
    architectures: Option<Vec<String>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    configuration: ConfigurationInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CodeInput {
    zip_file: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateCodeInput {
    architectures: Option<Vec<String>>,
    #[serde(default)]
    dry_run: bool,
    revision_id: Option<String>,
    #[serde(flatten)]
    code: CodeInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConcurrencyInput {
    reserved_concurrent_executions: u32,
}

impl LambdaService {
    pub(super) async fn create_function(&self, asked: CreateInput) -> Result<Reply, AwsError> {
        let mut configuration = asked.configuration.read()?;
        let has_variables = configuration.has_variables().unwrap_or(false);
        configuration.role_id = self.role_id(configuration.role_arn.as_deref(), has_variables)?;
        let architecture = architecture(asked.architectures)?;
        let code = self.store(asked.code).await?;
        let new = NewFunction {
            name: asked.function_name,
            architecture,
            configuration,
            code_sha256: code.sha256_base64,
            code_size: code.size,
            tags: asked.tags,
        };
        let function = self
            .functions
            .change(|registry, now, ids| registry.create_function(new, now, ids))
            .await?;
        Ok(output(201, &wire::configuration(&function)))
    }

    pub(super) fn list_functions(&self, query: &str) -> Result<Reply, AwsError> {
        let (functions, next) = self.functions.read(|registry| {
            let all = registry.functions().map(|one| (one.name.as_str(), one));
            let (functions, next) = page(all, query, PAGE)?;
            let functions: Vec<Value> = functions.into_iter().map(wire::listed).collect();
            Ok::<_, AwsError>((functions, next))
        })?;
        let body = json!({ "Functions": functions, "NextMarker": next });
        Ok(output(200, &body))
    }

    pub(super) fn get_function(&self, name: &str) -> Result<Reply, AwsError> {
        let function = self.function(name)?;
        let mut body = json!({
            "Configuration": wire::configuration(&function),
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

    pub(super) fn get_configuration(&self, name: &str) -> Result<Reply, AwsError> {
        Ok(output(200, &wire::configuration(&self.function(name)?)))
    }

    pub(super) async fn update_configuration(
        &self,
        name: &str,
        asked: ConfigurationInput,
    ) -> Result<Reply, AwsError> {
        let revision = asked.revision_id.clone();
        let mut wanted = asked.read()?;
        let has_variables = wanted.has_variables().unwrap_or_else(|| {
            let function = self.function(name);
            function.is_ok_and(|function| !function.environment.is_empty())
        });
        wanted.role_id = self.role_id(wanted.role_arn.as_deref(), has_variables)?;
        let function = self
            .functions
            .change(|registry, now, ids| {
                registry.update_configuration(name, wanted, revision.as_deref(), now, ids)
            })
            .await?;
        Ok(output(200, &wire::configuration(&function)))
    }

    pub(super) async fn update_code(
        &self,
        name: &str,
        asked: UpdateCodeInput,
    ) -> Result<Reply, AwsError> {
        self.function(name)?;
        let architecture = architecture(asked.architectures)?;
        let code = self.store(asked.code).await?;
        let update = CodeUpdate {
            code_sha256: code.sha256_base64,
            code_size: code.size,
            architecture,
            revision_id: asked.revision_id,
            dry_run: asked.dry_run,
        };
        let function = self
            .functions
            .change(|registry, now, ids| registry.update_code(name, update, now, ids))
            .await?;
        Ok(output(200, &wire::configuration(&function)))
    }

    pub(super) async fn delete_function(&self, name: &str) -> Result<Reply, AwsError> {
        self.functions
            .change(|registry, _, _| registry.delete_function(name))
            .await?;
        Ok(empty(204))
    }

    pub(super) async fn put_concurrency(
        &self,
        name: &str,
        asked: ConcurrencyInput,
    ) -> Result<Reply, AwsError> {
        let reserved = Some(asked.reserved_concurrent_executions);
        let reserved = self
            .functions
            .change(|registry, _, ids| registry.reserve_concurrency(name, reserved, ids))
            .await?;
        let body = json!({ "ReservedConcurrentExecutions": reserved });
        Ok(output(200, &body))
    }

    pub(super) fn get_concurrency(&self, name: &str) -> Result<Reply, AwsError> {
        let body = match self.function(name)?.reserved_concurrency {
            Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
            None => json!({}),
        };
        Ok(output(200, &body))
    }

    pub(super) async fn delete_concurrency(&self, name: &str) -> Result<Reply, AwsError> {
        self.functions
            .change(|registry, _, ids| registry.reserve_concurrency(name, None, ids))
            .await?;
        Ok(empty(204))
    }

    pub(super) fn account_settings(&self) -> Reply {
        let body = self.functions.read(|registry| {
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
        output(200, &body)
    }

    fn function(&self, name: &str) -> Result<Function, AwsError> {
        self.functions
            .read(|registry| registry.function(name).cloned())
    }

    /// The id of the role that a function is given, which Lambda must be able to assume.
    fn role_id(
        &self,
        role_arn: Option<&str>,
        has_variables: bool,
    ) -> Result<Option<String>, AwsError> {
        let Some(role_arn) = role_arn else {
            return Ok(None);
        };
        let identities = self.functions.identities();
        match identities.trusting(role_arn, PRINCIPAL) {
            Some(id) => Ok(Some(id)),
            // Lambda lets a new role decrypt the variables before it tries to assume the role, and
            // KMS may hear of the role later than Lambda, or earlier.
            None if has_variables
                && identities.is_propagating(role_arn, PRINCIPAL)
                && self.functions.is_behind() =>
            {
                Err(invalid(NO_GRANT))
            }
            None => Err(invalid(
                "The role defined for the function cannot be assumed by Lambda.",
            )),
        }
    }

    async fn store(&self, code: CodeInput) -> Result<Stored, AwsError> {
        refuse_others(&code.others)?;
        let zip = code.zip_file.ok_or_else(|| {
            invalid("Please provide a source for function code: this local cloud takes ZipFile.")
        })?;
        let functions = Arc::clone(&self.functions);
        // Inflating and hashing up to 250 MiB would keep others from this thread.
        let work = tokio::task::spawn_blocking(move || {
            let zip = BASE64.decode(zip).map_err(|_| {
                AwsError::new("SerializationException", 400, "ZipFile is not base64.")
            })?;
            functions.code().store(&zip)
        });
        work.await
            .map_err(|problem| AwsError::internal(problem.to_string()))?
    }
}
