//! Operations on managed policies, whether AWS's or the customer's, and on their attachments to roles and
//! users.

use super::entity::{Kind, Named, permission};
use super::input::{optional, required};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

/// The condition key that holds the ARN of the policy that a request is about.
const POLICY_ARN: &str = "iam:PolicyARN";

pub(super) struct AttachPolicy<K> {
    entity: Named<K>,
    policy_arn: String,
}

impl<K: Kind> FromParams for AttachPolicy<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            policy_arn: required(params, "PolicyArn")?,
        })
    }
}

impl<K: Kind> Operation<IamService> for AttachPolicy<K> {
    const NAME: &'static str = K::KIND.pick("AttachRolePolicy", "AttachUserPolicy");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let attach = self.entity.permission(service, Self::NAME)?;
        Ok(vec![attach.when(POLICY_ARN, &*self.policy_arn)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.attach_policy(entity, &self.policy_arn))
            .await?;
        Ok(None)
    }
}

pub(super) struct DetachPolicy<K> {
    entity: Named<K>,
    policy_arn: String,
}

impl<K: Kind> FromParams for DetachPolicy<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            policy_arn: required(params, "PolicyArn")?,
        })
    }
}

impl<K: Kind> Operation<IamService> for DetachPolicy<K> {
    const NAME: &'static str = K::KIND.pick("DetachRolePolicy", "DetachUserPolicy");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let detach = self.entity.permission(service, Self::NAME)?;
        Ok(vec![detach.when(POLICY_ARN, &*self.policy_arn)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.detach_policy(entity, &self.policy_arn))
            .await?;
        Ok(None)
    }
}

pub(super) struct ListAttachedPolicies<K> {
    entity: Named<K>,
    path_prefix: Option<String>,
    paging: Paging,
}

impl<K: Kind> FromParams for ListAttachedPolicies<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            path_prefix: optional(params, "PathPrefix"),
            paging: Paging::read(params)?,
        })
    }
}

impl<K: Kind> Operation<IamService> for ListAttachedPolicies<K> {
    const NAME: &'static str = K::KIND.pick("ListAttachedRolePolicies", "ListAttachedUserPolicies");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = service.identities.read(|iam| {
            let attached = &iam.principal_policies(entity)?.1.attached;
            let policies = attached
                .iter()
                .filter_map(|arn| iam.managed_policy(arn).ok());
            let below = policies.filter(|policy| policy.path.starts_with(prefix));
            Ok::<_, AwsError>(self.paging.page(below, |policy| policy.arn.clone()))
        })?;
        Ok(output(move |xml| {
            xml.list("AttachedPolicies", &page.items, |xml, policy| {
                xml.text("PolicyName", &policy.name)
                    .text("PolicyArn", &policy.arn);
            });
            page.write_end(xml);
        }))
    }
}

pub(super) struct GetPolicy {
    policy_arn: String,
}

impl FromParams for GetPolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy_arn: required(params, "PolicyArn")?,
        })
    }
}

impl Operation<IamService> for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy_arn)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy_arn)?;
        let identities = &service.identities;
        let policy = identities.read(|iam| iam.managed_policy(&self.policy_arn))?;
        Ok(output(move |xml| {
            xml.element("Policy", |xml| write::policy(xml, &policy, true));
        }))
    }
}

pub(super) struct GetPolicyVersion {
    policy_arn: String,
    version: String,
}

impl FromParams for GetPolicyVersion {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy_arn: required(params, "PolicyArn")?,
            version: required(params, "VersionId")?,
        })
    }
}

impl Operation<IamService> for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy_arn)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy_arn)?;
        let identities = &service.identities;
        let version = identities.read(|iam| iam.policy_version(&self.policy_arn, &self.version))?;
        Ok(output(move |xml| {
            xml.element("PolicyVersion", |xml| {
                xml.text("Document", write::document(&version.document));
                write::policy_version(xml, &version);
            });
        }))
    }
}

/// The permission for an operation on the managed policy with this ARN.
///
/// # Errors
/// `InvalidInput` for what is not the ARN of a policy of AWS's or of this account.
pub(super) fn on_policy(
    service: &IamService,
    operation: &str,
    arn: &str,
) -> Result<RequiredPermission, AwsError> {
    check_arn(service, arn)?;
    Ok(permission(operation, arn))
}

/// Checks that an ARN is that of a managed policy of AWS's or of this account, which may not exist.
///
/// # Errors
/// `InvalidInput`.
pub(super) fn check_arn(service: &IamService, arn: &str) -> Result<(), AwsError> {
    let account = service.identities.account();
    let of = |owner: &str| arn.strip_prefix(&format!("arn:aws:iam::{owner}:policy/"));
    match of("aws").or_else(|| of(account)) {
        Some(name) if !name.is_empty() => Ok(()),
        _ => {
            let message = format!("ARN {arn} is not valid.");
            Err(AwsError::new("InvalidInput", 400, message))
        }
    }
}
