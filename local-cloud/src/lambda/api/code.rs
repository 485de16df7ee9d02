//! The code that functions are given.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameters::{invalid, label, refuse_others};
use super::permissions::on_function;
use super::service::LambdaService;
use super::wire;
use crate::error::AwsError;
use crate::lambda::code::StoredPackage;
use crate::lambda::engine::CodeUpdate;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{input, output};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

/// A deployment package.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CodeInput {
    zip_file: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl CodeInput {
    /// Checks the package and stores it.
    pub(super) async fn store(self, service: &LambdaService) -> Result<StoredPackage, AwsError> {
        refuse_others(&self.others)?;
        let zip = self.zip_file.ok_or_else(|| {
            invalid("Please provide a source for function code: this local cloud takes ZipFile.")
        })?;
        let functions = Arc::clone(&service.functions);
        // Inflating and hashing up to 250 MiB would block this thread's other tasks.
        let store = tokio::task::spawn_blocking(move || {
            let zip = BASE64.decode(zip).map_err(|_| {
                AwsError::new("SerializationException", 400, "ZipFile is not base64.")
            })?;
            functions.code().store(&zip)
        });
        store
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?
    }
}

/// The only architecture in a list.
///
/// # Errors
/// `ValidationException` for a list with none or several.
pub(super) fn architecture(list: Option<Vec<String>>) -> Result<Option<String>, AwsError> {
    let Some(mut list) = list else {
        return Ok(None);
    };
    let rule = match list.len() {
        0 => "greater than or equal to 1",
        1 => return Ok(list.pop()),
        _ => "less than or equal to 1",
    };
    let message = format!(
        "1 validation error detected: Value '[{}]' at 'architectures' failed to satisfy \
         constraint: Member must have length {rule}",
        list.join(", ")
    );
    Err(AwsError::new("ValidationException", 400, message))
}

#[derive(Debug)]
pub(super) struct UpdateFunctionCode {
    name: String,
    input: UpdateInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateInput {
    architectures: Option<Vec<String>>,
    #[serde(default)]
    dry_run: bool,
    revision_id: Option<String>,
    #[serde(flatten)]
    code: CodeInput,
}

impl FromRequest for UpdateFunctionCode {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            name: label(labels),
            input: input(request)?,
        })
    }
}

impl Operation<LambdaService> for UpdateFunctionCode {
    const NAME: &'static str = "UpdateFunctionCode";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let Self { name, input } = self;
        service
            .functions
            .read(|registry| registry.function(&name).map(drop))?;
        let architecture = architecture(input.architectures)?;
        let package = input.code.store(service).await?;
        let update = CodeUpdate {
            code_sha256: package.sha256_base64,
            code_size: package.size,
            architecture,
            revision_id: input.revision_id,
            dry_run: input.dry_run,
        };
        let function = service
            .functions
            .change(|registry, now, ids| registry.update_code(&name, update, now, ids))
            .await?;
        Ok(output(200, &wire::configuration(&function)))
    }
}
