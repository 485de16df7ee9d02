//! The operations of STS: who a caller is, and temporary credentials of a role.

use std::sync::Arc;

use super::{DESCRIPTOR, DIALECT};
use crate::error::AwsError;
use crate::iam::{AssumeRoleRequest, Identities};
use crate::protocol::http::{Caller, Request};
use crate::protocol::query::{Dialect, Params, constraint};
use crate::protocol::time;
use crate::service::query::{FromParams, Output, QueryService, Row, output, read, row};
use crate::service::{Call, CallContext, Descriptor, Operation, Required, Service};

/// Every operation.
const OPERATIONS: &[Row<StsService>] = &[row::<_, GetCallerIdentity>(), row::<_, AssumeRole>()];

/// Members of `AssumeRole` that this cloud does not have.
const UNSUPPORTED: [&str; 8] = [
    "Policy",
    "PolicyArns.member.1.arn",
    "ProvidedContexts.member.1.ProviderArn",
    "SerialNumber",
    "SourceIdentity",
    "Tags.member.1.Key",
    "TokenCode",
    "TransitiveTagKeys.member.1",
];

/// STS.
#[derive(Debug)]
pub(crate) struct StsService {
    identities: Arc<Identities>,
}

impl StsService {
    /// The service over these identities.
    pub(crate) fn new(identities: Arc<Identities>) -> Self {
        Self { identities }
    }
}

impl Service for StsService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl QueryService for StsService {
    const DIALECT: Dialect = DIALECT;
}

struct GetCallerIdentity;

impl FromParams for GetCallerIdentity {
    fn from_params(_: &Params) -> Result<Self, AwsError> {
        Ok(Self)
    }
}

impl Operation<StsService> for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Output = Output;

    /// Nobody needs a permission for it.
    fn required_permissions(&self, _: &StsService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(self, service: &StsService, context: &CallContext) -> Result<Output, AwsError> {
        let caller = Arc::clone(&context.caller);
        let account = service.identities.account().to_owned();
        Ok(output(move |xml| {
            xml.text("UserId", &caller.user_id)
                .text("Account", account)
                .text("Arn", &caller.arn);
        }))
    }
}

struct AssumeRole(AssumeRoleRequest);

impl FromParams for AssumeRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        for member in UNSUPPORTED {
            if params.text(member).is_some() {
                let (name, _) = member.split_once('.').unwrap_or((member, ""));
                let message = format!("{name} is not supported by this local cloud.");
                return Err(AwsError::new("ValidationError", 400, message));
            }
        }
        Ok(Self(AssumeRoleRequest {
            role_arn: role_arn(params)?,
            session_name: session_name(params)?,
            seconds: params.number("DurationSeconds", 900, 43_200)?,
            external_id: params.text("ExternalId").map(str::to_owned),
        }))
    }
}

impl Operation<StsService> for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    type Output = Output;

    /// The role's trust policy decides first, see [`Identities::assume_role`].
    fn required_permissions(&self, _: &StsService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(self, service: &StsService, context: &CallContext) -> Result<Output, AwsError> {
        let (Self(request), identities) = (self, &service.identities);
        let assume = identities.assume_role(&context.caller, &request, &context.origin);
        let (credentials, role) = assume.await?;
        let account = service.identities.account();
        let (id, session) = (role.id, request.session_name);
        let arn = format!(
            "arn:aws:sts::{account}:assumed-role/{}/{session}",
            role.name
        );
        Ok(output(move |xml| {
            xml.element("Credentials", |xml| {
                xml.text("AccessKeyId", &credentials.access_key)
                    .text("SecretAccessKey", credentials.secret_key.reveal())
                    .text("SessionToken", credentials.session_token.reveal())
                    .text("Expiration", time::iso(credentials.expires));
            })
            .element("AssumedRoleUser", |xml| {
                xml.text("AssumedRoleId", format!("{id}:{session}"))
                    .text("Arn", arn);
            });
        }))
    }
}

fn role_arn(params: &Params) -> Result<String, AwsError> {
    let arn = params.require("RoleArn")?;
    if arn.len() < 20 {
        let rule = "Member must have length greater than or equal to 20";
        return Err(constraint("RoleArn", Some(arn), rule));
    }
    if arn.starts_with("arn:") && arn.len() <= 2048 {
        return Ok(arn.to_owned());
    }
    let message = format!("{arn} is invalid");
    Err(AwsError::new("ValidationError", 400, message))
}

fn session_name(params: &Params) -> Result<String, AwsError> {
    let name = params.require("RoleSessionName")?;
    let refuse = |rule| Err(constraint("RoleSessionName", Some(name), rule));
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    match name.chars().count() {
        0 | 1 => refuse("Member must have length greater than or equal to 2"),
        2..=64 if name.chars().all(is_allowed) => Ok(name.to_owned()),
        2..=64 => refuse("Member must satisfy regular expression pattern: [\\w+=,.@-]*"),
        _ => refuse("Member must have length less than or equal to 64"),
    }
}
