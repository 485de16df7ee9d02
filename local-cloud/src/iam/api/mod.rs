//! IAM: the Query protocol around roles and users. Operations that the cloud does not have are refused
//! by name.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod keys;
mod policies;
mod roles;
mod tags;
mod users;
mod write;

use std::sync::Arc;

use super::DIALECT;
use crate::error::AwsError;
use crate::iam::Identities;
use crate::iam::engine::Entity;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::query::{Params, Xml};

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
        let output = self.run(operation, &params, &request.caller).await?;
        Ok(DIALECT.output(operation, &request.request_id, output))
    }

    async fn run(
        &self,
        operation: &str,
        params: &Params,
        caller: &Caller,
    ) -> Result<Output, AwsError> {
        if let Some(role) = params.text("RoleName") {
            self.identities.check_heard(operation, role)?;
        }
        match operation {
            "CreateRole" => self.create_role(params).await,
            "GetRole" => self.get_role(params),
            "ListRoles" => self.list_roles(params),
            "DeleteRole" => self.delete_role(params).await,
            "UpdateRole" => self.update_role(params).await,
            "UpdateAssumeRolePolicy" => self.update_assume_role_policy(params).await,
            "CreateUser" => self.create_user(params).await,
            "GetUser" => self.get_user(params, caller),
            "ListUsers" => self.list_users(params),
            "UpdateUser" => self.update_user(params).await,
            "DeleteUser" => self.delete_user(params).await,
            "CreateAccessKey" => self.create_access_key(params, caller).await,
            "ListAccessKeys" => self.list_access_keys(params, caller),
            "UpdateAccessKey" => self.update_access_key(params, caller).await,
            "DeleteAccessKey" => self.delete_access_key(params, caller).await,
            "TagRole" | "TagUser" => self.tag(entity(operation, params)?, params).await,
            "UntagRole" | "UntagUser" => self.untag(entity(operation, params)?, params).await,
            "ListRoleTags" | "ListUserTags" => self.list_tags(entity(operation, params)?, params),
            "PutRolePolicy" | "PutUserPolicy" => {
                self.put_policy(entity(operation, params)?, params).await
            }
            "GetRolePolicy" | "GetUserPolicy" => {
                self.get_inline_policy(entity(operation, params)?, params)
            }
            "ListRolePolicies" | "ListUserPolicies" => {
                self.list_policies(entity(operation, params)?, params)
            }
            "DeleteRolePolicy" | "DeleteUserPolicy" => {
                self.delete_policy(entity(operation, params)?, params).await
            }
            "AttachRolePolicy" | "AttachUserPolicy" => {
                self.attach_policy(entity(operation, params)?, params).await
            }
            "DetachRolePolicy" | "DetachUserPolicy" => {
                self.detach_policy(entity(operation, params)?, params).await
            }
            "ListAttachedRolePolicies" | "ListAttachedUserPolicies" => {
                self.list_attached_policies(entity(operation, params)?, params)
            }
            "GetPolicy" => self.get_policy(params),
            "GetPolicyVersion" => self.get_policy_version(params),
            "ListInstanceProfilesForRole" => self.list_instance_profiles_for_role(params),
            "ListGroupsForUser" => self.list_groups_for_user(params),
            "CreateAccountAlias" => self.create_alias(params).await,
            "ListAccountAliases" => self.list_aliases(params),
            "DeleteAccountAlias" => self.delete_alias(params).await,
            _ => Err(DIALECT.unknown_operation(operation)),
        }
    }
}

/// The role or user that an operation on either, by its name, is about.
pub(crate) fn entity<'a>(operation: &str, params: &'a Params) -> Result<Entity<'a>, AwsError> {
    Ok(match operation.contains("User") {
        true => Entity::User(params.require("UserName")?),
        false => Entity::Role(params.require("RoleName")?),
    })
}

fn output(write: impl FnOnce(&mut Xml) + Send + 'static) -> Output {
    Some(Box::new(write))
}

#[cfg(test)]
mod tests;
