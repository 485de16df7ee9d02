//! The operations of IAM: typed input, the permissions that it requires, the engine's command, and the
//! output in XML. Operations that this cloud does not have are refused by name.

mod access_keys;
mod account;
mod customer_policies;
mod entity;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod inline_policies;
mod input;
mod managed_policies;
mod paging;
mod policy_versions;
mod roles;
mod service;
mod tags;
#[cfg(test)]
mod tests;
mod users;
mod write;

pub(crate) use service::IamService;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::DESCRIPTOR;
use crate::error::AwsError;
use crate::protocol::http::Request;
use crate::service::query::{Row, read, row};
use crate::service::{Call, Descriptor, Service};
use entity::{ForRoles, ForUsers};

/// Every operation, and where it is.
const OPERATIONS: &[Row<IamService>] = &[
    row::<_, roles::CreateRole>(),
    row::<_, roles::GetRole>(),
    row::<_, roles::ListRoles>(),
    row::<_, roles::DeleteRole>(),
    row::<_, roles::UpdateRole>(),
    row::<_, roles::UpdateAssumeRolePolicy>(),
    row::<_, roles::ListInstanceProfilesForRole>(),
    row::<_, users::CreateUser>(),
    row::<_, users::GetUser>(),
    row::<_, users::ListUsers>(),
    row::<_, users::UpdateUser>(),
    row::<_, users::DeleteUser>(),
    row::<_, users::ListGroupsForUser>(),
    row::<_, access_keys::CreateAccessKey>(),
    row::<_, access_keys::ListAccessKeys>(),
    row::<_, access_keys::UpdateAccessKey>(),
    row::<_, access_keys::DeleteAccessKey>(),
    row::<_, tags::Tag<ForRoles>>(),
    row::<_, tags::Tag<ForUsers>>(),
    row::<_, tags::Untag<ForRoles>>(),
    row::<_, tags::Untag<ForUsers>>(),
    row::<_, tags::ListTags<ForRoles>>(),
    row::<_, tags::ListTags<ForUsers>>(),
    row::<_, inline_policies::PutPolicy<ForRoles>>(),
    row::<_, inline_policies::PutPolicy<ForUsers>>(),
    row::<_, inline_policies::GetPolicy<ForRoles>>(),
    row::<_, inline_policies::GetPolicy<ForUsers>>(),
    row::<_, inline_policies::ListPolicies<ForRoles>>(),
    row::<_, inline_policies::ListPolicies<ForUsers>>(),
    row::<_, inline_policies::DeletePolicy<ForRoles>>(),
    row::<_, inline_policies::DeletePolicy<ForUsers>>(),
    row::<_, managed_policies::AttachPolicy<ForRoles>>(),
    row::<_, managed_policies::AttachPolicy<ForUsers>>(),
    row::<_, managed_policies::DetachPolicy<ForRoles>>(),
    row::<_, managed_policies::DetachPolicy<ForUsers>>(),
    row::<_, managed_policies::ListAttachedPolicies<ForRoles>>(),
    row::<_, managed_policies::ListAttachedPolicies<ForUsers>>(),
    row::<_, managed_policies::GetPolicy>(),
    row::<_, managed_policies::GetPolicyVersion>(),
    row::<_, customer_policies::CreatePolicy>(),
    row::<_, customer_policies::ListPolicies>(),
    row::<_, customer_policies::DeletePolicy>(),
    row::<_, customer_policies::ListEntitiesForPolicy>(),
    row::<_, customer_policies::TagPolicy>(),
    row::<_, customer_policies::UntagPolicy>(),
    row::<_, customer_policies::ListPolicyTags>(),
    row::<_, policy_versions::CreatePolicyVersion>(),
    row::<_, policy_versions::ListPolicyVersions>(),
    row::<_, policy_versions::DeletePolicyVersion>(),
    row::<_, policy_versions::SetDefaultPolicyVersion>(),
    row::<_, account::CreateAccountAlias>(),
    row::<_, account::ListAccountAliases>(),
    row::<_, account::DeleteAccountAlias>(),
];

impl Service for IamService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        self.identities.read(|iam| iam.tags_of(arn))
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}
