//! Operations on the policies of roles and users, and on AWS's managed ones.

use super::{IamService, Output, output, write};
use crate::error::AwsError;
use crate::iam::engine::Entity;
use crate::iam::engine::managed::{self, ManagedPolicy};
use crate::protocol::query::Params;

impl IamService {
    pub(super) async fn put_policy(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let policy = params.require("PolicyName")?;
        let document = params.require("PolicyDocument")?;
        let put = self
            .identities
            .change(|iam, _, _| iam.put_policy(entity, policy, document));
        put.await?;
        Ok(None)
    }

    pub(super) fn get_inline_policy(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let policy = params.require("PolicyName")?;
        let (name, text) = self.identities.read(|iam| {
            let (name, policy) = iam.inline_policy(entity, policy)?;
            Ok::<_, AwsError>((name.to_owned(), policy.text().to_owned()))
        })?;
        let (member, policy) = (name_member(entity), policy.to_owned());
        Ok(output(move |xml| {
            xml.text(member, name)
                .text("PolicyName", policy)
                .text("PolicyDocument", write::document(&text));
        }))
    }

    pub(super) fn list_policies(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let (names, marker) = self.identities.read(|iam| {
            let names = iam.principal_policies(entity)?.1.inline.keys().cloned();
            write::page(params, names, String::clone)
        })?;
        Ok(output(move |xml| {
            write::names(xml, "PolicyNames", &names);
            write::page_end(xml, marker);
        }))
    }

    pub(super) async fn delete_policy(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let policy = params.require("PolicyName")?;
        let delete = self
            .identities
            .change(|iam, _, _| iam.delete_policy(entity, policy));
        delete.await?;
        Ok(None)
    }

    pub(super) async fn attach_policy(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let arn = params.require("PolicyArn")?;
        self.identities
            .change(|iam, _, _| iam.attach_policy(entity, arn))
            .await?;
        Ok(None)
    }

    pub(super) async fn detach_policy(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let arn = params.require("PolicyArn")?;
        self.identities
            .change(|iam, _, _| iam.detach_policy(entity, arn))
            .await?;
        Ok(None)
    }

    pub(super) fn list_attached_policies(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let (policies, marker) = self.identities.read(|iam| {
            let attached = &iam.principal_policies(entity)?.1.attached;
            let known = attached.iter().filter_map(|arn| managed::find(arn));
            let under = known.filter(|policy| policy.path.starts_with(prefix));
            write::page(params, under, |policy| policy.arn())
        })?;
        Ok(output(move |xml| {
            xml.list("AttachedPolicies", policies, |xml, policy| {
                xml.text("PolicyName", policy.name)
                    .text("PolicyArn", policy.arn());
            });
            write::page_end(xml, marker);
        }))
    }

    pub(super) fn get_policy(&self, params: &Params) -> Result<Output, AwsError> {
        let policy = managed_policy(params)?;
        let attachments = self.identities.read(|iam| iam.attachments(&policy.arn()));
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

    pub(super) fn get_policy_version(&self, params: &Params) -> Result<Output, AwsError> {
        let policy = managed_policy(params)?;
        let version = params.require("VersionId")?;
        if version != policy.version {
            let arn = policy.arn();
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

/// What holds the name of whose a policy is.
fn name_member(entity: Entity<'_>) -> &'static str {
    match entity {
        Entity::Role(_) => "RoleName",
        Entity::User(_) => "UserName",
    }
}

fn managed_policy(params: &Params) -> Result<&'static ManagedPolicy, AwsError> {
    let arn = params.require("PolicyArn")?;
    managed::find(arn)
        .ok_or_else(|| AwsError::new("NoSuchEntity", 404, format!("Policy {arn} was not found.")))
}
