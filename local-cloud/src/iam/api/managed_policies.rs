//! Operations on AWS managed policies, and on their attachments to roles and users.

use super::entity::{Kind, Named, permission};
use super::input::{optional, required};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::iam::engine::managed::{self, ManagedPolicy};
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation};

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

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Vec<RequiredPermission> {
        let attach = self.entity.permission(service, Self::NAME);
        vec![attach.when(POLICY_ARN, &*self.policy_arn)]
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

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Vec<RequiredPermission> {
        let detach = self.entity.permission(service, Self::NAME);
        vec![detach.when(POLICY_ARN, &*self.policy_arn)]
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

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Vec<RequiredPermission> {
        vec![self.entity.permission(service, Self::NAME)]
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = service.identities.read(|iam| {
            let attached = &iam.principal_policies(entity)?.1.attached;
            let policies = attached.iter().filter_map(|arn| managed::find(arn));
            let below = policies.filter(|policy| policy.path.starts_with(prefix));
            Ok::<_, AwsError>(self.paging.page(below, |policy| policy.arn()))
        })?;
        Ok(output(move |xml| {
            xml.list("AttachedPolicies", &page.items, |xml, policy| {
                xml.text("PolicyName", policy.name)
                    .text("PolicyArn", policy.arn());
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

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Vec<RequiredPermission> {
        vec![on_policy(Self::NAME, &self.policy_arn)]
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let policy = find(&self.policy_arn)?;
        let identities = &service.identities;
        let attachments = identities.read(|iam| iam.attachment_count(&policy.arn()));
        Ok(output(move |xml| {
            xml.element("Policy", |xml| {
                xml.text("PolicyName", policy.name)
                    .text("PolicyId", policy.id)
                    .text("Arn", policy.arn())
                    .text("Path", policy.path)
                    .text("DefaultVersionId", policy.version)
                    .text("AttachmentCount", attachments)
                    .text("PermissionsBoundaryUsageCount", 0)
                    .text("IsAttachable", true)
                    .text("Description", policy.description)
                    .text("CreateDate", policy.created)
                    .text("UpdateDate", policy.created);
            });
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

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Vec<RequiredPermission> {
        vec![on_policy(Self::NAME, &self.policy_arn)]
    }

    async fn run(self, _: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let policy = find(&self.policy_arn)?;
        if self.version != policy.version {
            let (arn, version) = (policy.arn(), self.version);
            let message =
                format!("Policy {arn} version {version} does not exist or is not attachable.");
            return Err(AwsError::new("NoSuchEntity", 404, message));
        }
        Ok(output(move |xml| {
            xml.element("PolicyVersion", |xml| {
                xml.text("Document", write::document(policy.document))
                    .text("VersionId", policy.version)
                    .text("IsDefaultVersion", true)
                    .text("CreateDate", policy.created);
            });
        }))
    }
}

fn on_policy(operation: &str, arn: &str) -> RequiredPermission {
    permission(operation, arn).when(POLICY_ARN, arn)
}

fn find(arn: &str) -> Result<&'static ManagedPolicy, AwsError> {
    managed::find(arn)
        .ok_or_else(|| AwsError::new("NoSuchEntity", 404, format!("Policy {arn} was not found.")))
}
