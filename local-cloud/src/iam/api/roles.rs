//! Operations on roles themselves.

use super::{IamService, Output, output, write};
use crate::error::AwsError;
use crate::iam::engine::{NewRole, RoleUpdate};
use crate::protocol::query::Params;

impl IamService {
    pub(super) async fn create_role(&self, params: &Params) -> Result<Output, AwsError> {
        no_boundary(params)?;
        let tags = params.tags("Tags");
        let new = NewRole {
            name: params.require("RoleName")?,
            path: params.text("Path"),
            trust: params.require("AssumeRolePolicyDocument")?,
            description: params.text("Description"),
            max_session_seconds: session_length(params)?,
            tags: &tags,
        };
        let create = self
            .identities
            .change(|iam, now, ids| iam.create_role(new, now, ids));
        let role = create.await?;
        Ok(output(move |xml| {
            xml.element("Role", |xml| write::role(xml, &role, true));
        }))
    }

    pub(super) fn get_role(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("RoleName")?;
        let role = self.identities.read(|iam| iam.role(name).cloned())?;
        Ok(output(move |xml| {
            xml.element("Role", |xml| write::role(xml, &role, true));
        }))
    }

    pub(super) fn list_roles(&self, params: &Params) -> Result<Output, AwsError> {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let page = self.identities.read(|iam| {
            let roles = iam.roles(prefix).cloned();
            write::page(params, roles, |role| role.name.to_ascii_lowercase())
        });
        let (roles, marker) = page?;
        Ok(output(move |xml| {
            xml.list("Roles", &roles, |xml, role| write::role(xml, role, false));
            write::page_end(xml, marker);
        }))
    }

    pub(super) async fn delete_role(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("RoleName")?;
        self.identities
            .change(|iam, _, _| iam.delete_role(name))
            .await?;
        Ok(None)
    }

    pub(super) async fn update_role(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("RoleName")?;
        let update = RoleUpdate {
            description: params.text("Description"),
            max_session_seconds: session_length(params)?,
        };
        self.identities
            .change(|iam, _, _| iam.update_role(name, update))
            .await?;
        Ok(output(|_| {}))
    }

    pub(super) async fn update_assume_role_policy(
        &self,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let name = params.require("RoleName")?;
        let document = params.require("PolicyDocument")?;
        let update = self
            .identities
            .change(|iam, _, _| iam.update_assume_role_policy(name, document));
        update.await?;
        Ok(None)
    }

    pub(super) fn list_instance_profiles_for_role(
        &self,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let name = params.require("RoleName")?;
        self.identities.read(|iam| iam.role(name).map(|_| ()))?;
        Ok(output(|xml| write::empty_list(xml, "InstanceProfiles")))
    }
}

fn session_length(params: &Params) -> Result<Option<u32>, AwsError> {
    params.number("MaxSessionDuration", 3600, 43_200)
}

/// Refuses a permissions boundary, which nobody here would keep to.
pub(super) fn no_boundary(params: &Params) -> Result<(), AwsError> {
    match params.text("PermissionsBoundary") {
        None => Ok(()),
        Some(_) => Err(AwsError::new(
            "InvalidInput",
            400,
            "Permissions boundaries are not there in this local cloud.",
        )),
    }
}
