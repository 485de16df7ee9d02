//! STS: who a caller is, and temporary credentials of a role.

use std::sync::Arc;

use super::DIALECT;
use crate::error::AwsError;
use crate::iam::{Assumption, Identities};
use crate::protocol::http::{Reply, Request};
use crate::protocol::query::{Params, Xml, constraint};
use crate::protocol::time;

/// The service.
#[derive(Debug)]
pub(crate) struct StsService {
    identities: Arc<Identities>,
}

impl StsService {
    pub(crate) fn new(identities: Arc<Identities>) -> Self {
        Self { identities }
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.answer(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&request.request_id, &error),
        }
    }

    async fn answer(&self, request: &Request) -> Result<Reply, AwsError> {
        let params = Params::parse(&request.body)?;
        match DIALECT.operation(&params)? {
            "GetCallerIdentity" => Ok(self.get_caller_identity(request)),
            "AssumeRole" => self.assume_role(request, &params).await,
            other => Err(DIALECT.unknown_operation(other)),
        }
    }

    fn get_caller_identity(&self, request: &Request) -> Reply {
        let caller = &request.caller;
        let result = |xml: &mut Xml| {
            xml.text("UserId", &caller.user_id)
                .text("Account", self.identities.account())
                .text("Arn", &caller.arn);
        };
        DIALECT.output("GetCallerIdentity", &request.request_id, Some(result))
    }

    async fn assume_role(&self, request: &Request, params: &Params) -> Result<Reply, AwsError> {
        for unsupported in [
            "Policy",
            "PolicyArns.member.1.arn",
            "SerialNumber",
            "Tags.member.1.Key",
        ] {
            if params.text(unsupported).is_some() {
                let name = unsupported.split('.').next().unwrap_or_default();
                let message = format!("{name} is not there in this local cloud.");
                return Err(AwsError::new("ValidationError", 400, message));
            }
        }
        let asked = Assumption {
            role_arn: role_arn(params)?,
            session_name: session_name(params)?,
            seconds: params.number("DurationSeconds", 900, 43_200)?,
            external_id: params.text("ExternalId"),
        };
        let (made, role) = self.identities.assume_role(&request.caller, asked).await?;
        let name = asked.session_name;
        let arn = format!(
            "arn:aws:sts::{}:assumed-role/{}/{name}",
            self.identities.account(),
            role.name
        );
        let result = |xml: &mut Xml| {
            xml.element("Credentials", |xml| {
                xml.text("AccessKeyId", &made.access_key)
                    .text("SecretAccessKey", made.secret_key.reveal())
                    .text("SessionToken", made.session_token.reveal())
                    .text("Expiration", time::iso(made.expires));
            })
            .element("AssumedRoleUser", |xml| {
                xml.text("AssumedRoleId", format!("{}:{name}", role.id))
                    .text("Arn", arn);
            });
        };
        Ok(DIALECT.output("AssumeRole", &request.request_id, Some(result)))
    }
}

fn role_arn(params: &Params) -> Result<&str, AwsError> {
    let arn = params.require("RoleArn")?;
    if arn.len() < 20 {
        let rule = "Member must have length greater than or equal to 20";
        return Err(constraint("RoleArn", Some(arn), rule));
    }
    if arn.starts_with("arn:") && arn.len() <= 2048 {
        return Ok(arn);
    }
    Err(AwsError::new(
        "ValidationError",
        400,
        format!("{arn} is invalid"),
    ))
}

fn session_name(params: &Params) -> Result<&str, AwsError> {
    let name = params.require("RoleSessionName")?;
    let refuse = |rule| Err(constraint("RoleSessionName", Some(name), rule));
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    match name.chars().count() {
        0 | 1 => refuse("Member must have length greater than or equal to 2"),
        2..=64 if name.chars().all(fits) => Ok(name),
        2..=64 => refuse("Member must satisfy regular expression pattern: [\\w+=,.@-]*"),
        _ => refuse("Member must have length less than or equal to 64"),
    }
}
