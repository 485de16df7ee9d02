//! Operations on roles.

use super::entity::{ForRoles, Named, permission, with_tags};
use super::input::{optional, required};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::iam::engine::{Entity, NewRole, RoleUpdate};
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreateRole {
    role: Named<ForRoles>,
    path: Option<String>,
    trust: String,
    description: Option<String>,
    max_session_seconds: Option<u32>,
    tags: Vec<(String, String)>,
}

impl FromParams for CreateRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        refuse_boundary(params)?;
        Ok(Self {
            role: Named::read(params),
            path: optional(params, "Path"),
            trust: required(params, "AssumeRolePolicyDocument")?,
            description: optional(params, "Description"),
            max_session_seconds: max_session_seconds(params)?,
            tags: params.tags("Tags"),
        })
    }
}

impl Operation<IamService> for CreateRole {
    const NAME: &'static str = "CreateRole";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let arn = self
            .role
            .arn(service, self.path.as_deref().unwrap_or("/"))?;
        let with_tags = |operation| with_tags(permission(operation, &*arn), &self.tags);
        let tag = (!self.tags.is_empty()).then(|| with_tags("TagRole"));
        let create = with_tags(Self::NAME);
        Ok(std::iter::once(create).chain(tag).collect())
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let new = NewRole {
            name: self.role.name()?,
            path: self.path.as_deref(),
            trust: &self.trust,
            description: self.description.as_deref(),
            max_session_seconds: self.max_session_seconds,
            tags: &self.tags,
        };
        let identities = &service.identities;
        let role = identities
            .change(|iam, now, ids| iam.create_role(new, now, ids))
            .await?;
        Ok(output(move |xml| {
            xml.element("Role", |xml| write::role(xml, &role, true));
        }))
    }
}

pub(super) struct GetRole(Named<ForRoles>);

impl FromParams for GetRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for GetRole {
    const NAME: &'static str = "GetRole";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.0.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.0.known_name(service)?;
        let role = service.identities.read(|iam| iam.role(name).cloned())?;
        Ok(output(move |xml| {
            xml.element("Role", |xml| write::role(xml, &role, true));
        }))
    }
}

pub(super) struct ListRoles {
    path_prefix: Option<String>,
    paging: Paging,
}

impl FromParams for ListRoles {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            path_prefix: optional(params, "PathPrefix"),
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListRoles {
    const NAME: &'static str = "ListRoles";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let all = service.arn_at(Entity::Role(""), "/");
        Ok(vec![permission(Self::NAME, all)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = service.identities.read(|iam| {
            let roles = iam.roles(prefix).cloned();
            self.paging
                .page(roles, |role| role.name.to_ascii_lowercase())
        });
        Ok(output(move |xml| {
            xml.list("Roles", &page.items, |xml, role| {
                write::role(xml, role, false);
            });
            page.write_end(xml);
        }))
    }
}

pub(super) struct DeleteRole(Named<ForRoles>);

impl FromParams for DeleteRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.0.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.0.name()?;
        // Every machine of IAM's knows the role itself, but some may see policies that are gone.
        service.identities.check_role_empty(name)?;
        service
            .identities
            .change(|iam, _, _| iam.delete_role(name))
            .await?;
        Ok(None)
    }
}

pub(super) struct UpdateRole {
    role: Named<ForRoles>,
    description: Option<String>,
    max_session_seconds: Option<u32>,
}

impl FromParams for UpdateRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            role: Named::read(params),
            description: optional(params, "Description"),
            max_session_seconds: max_session_seconds(params)?,
        })
    }
}

impl Operation<IamService> for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.role.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.role.known_name(service)?;
        let update = RoleUpdate {
            description: self.description.as_deref(),
            max_session_seconds: self.max_session_seconds,
        };
        service
            .identities
            .change(|iam, _, _| iam.update_role(name, update))
            .await?;
        // AWS writes an empty result here, and none for the other operations without output.
        Ok(output(|_| {}))
    }
}

pub(super) struct UpdateAssumeRolePolicy {
    role: Named<ForRoles>,
    document: String,
}

impl FromParams for UpdateAssumeRolePolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            role: Named::read(params),
            document: required(params, "PolicyDocument")?,
        })
    }
}

impl Operation<IamService> for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.role.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.role.known_name(service)?;
        service
            .identities
            .change(|iam, _, _| iam.update_assume_role_policy(name, &self.document))
            .await?;
        Ok(None)
    }
}

/// This cloud has no instance profiles, so the list is empty.
pub(super) struct ListInstanceProfilesForRole(Named<ForRoles>);

impl FromParams for ListInstanceProfilesForRole {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Paging::read(params)?;
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.0.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.0.known_name(service)?;
        service.identities.read(|iam| iam.role(name).map(|_| ()))?;
        Ok(output(|xml| write::empty_list(xml, "InstanceProfiles")))
    }
}

fn max_session_seconds(params: &Params) -> Result<Option<u32>, AwsError> {
    params.number("MaxSessionDuration", 3600, 43_200)
}

/// Refuses a permissions boundary, which this cloud would not enforce.
pub(super) fn refuse_boundary(params: &Params) -> Result<(), AwsError> {
    match params.text("PermissionsBoundary") {
        None => Ok(()),
        Some(_) => Err(AwsError::new(
            "InvalidInput",
            400,
            "Permissions boundaries are not supported by this local cloud.",
        )),
    }
}
