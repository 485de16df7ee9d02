//! IAM: the Query protocol around the roles. Operations that the cloud does not have are refused
//! by name.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod policies;
mod roles;
mod write;

use std::sync::Arc;

use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::query::{Dialect, Params, Xml};
use crate::runtime::identities::Identities;

const DIALECT: Dialect = Dialect {
    version: "2010-05-08",
    namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
};

/// What writes an operation's result; `None` for an operation without one.
type Output = Option<Box<dyn FnOnce(&mut Xml) + Send>>;

/// The service.
#[derive(Debug)]
pub(crate) struct IamService {
    identities: Arc<Identities>,
}

impl IamService {
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
        let operation = DIALECT.operation(&params)?;
        let output = self.run(operation, &params).await?;
        Ok(DIALECT.output(operation, &request.request_id, output))
    }

    async fn run(&self, operation: &str, params: &Params) -> Result<Output, AwsError> {
        match operation {
            "CreateRole" => self.create_role(params).await,
            "GetRole" => self.get_role(params),
            "ListRoles" => self.list_roles(params),
            "DeleteRole" => self.delete_role(params).await,
            "UpdateRole" => self.update_role(params).await,
            "UpdateAssumeRolePolicy" => self.update_assume_role_policy(params).await,
            "TagRole" => self.tag_role(params).await,
            "UntagRole" => self.untag_role(params).await,
            "ListRoleTags" => self.list_role_tags(params),
            "PutRolePolicy" => self.put_role_policy(params).await,
            "GetRolePolicy" => self.get_role_policy(params),
            "ListRolePolicies" => self.list_role_policies(params),
            "DeleteRolePolicy" => self.delete_role_policy(params).await,
            "AttachRolePolicy" => self.attach_role_policy(params).await,
            "DetachRolePolicy" => self.detach_role_policy(params).await,
            "ListAttachedRolePolicies" => self.list_attached_role_policies(params),
            "GetPolicy" => self.get_policy(params),
            "GetPolicyVersion" => self.get_policy_version(params),
            "ListInstanceProfilesForRole" => self.list_instance_profiles_for_role(params),
            "ListAccountAliases" => Ok(output(|xml| {
                write::empty_list(xml, "AccountAliases");
            })),
            _ => Err(DIALECT.unknown_operation(operation)),
        }
    }
}

fn output(write: impl FnOnce(&mut Xml) + Send + 'static) -> Output {
    Some(Box::new(write))
}

#[cfg(test)]
mod tests;
