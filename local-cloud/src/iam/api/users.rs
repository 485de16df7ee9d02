//! Operations on users.

use super::entity::{ForUsers, Named, permission, with_tags};
use super::input::optional;
use super::paging::Paging;
use super::roles::refuse_boundary;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::iam::engine::Entity;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::protocol::time;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreateUser {
    user: Named<ForUsers>,
    path: Option<String>,
    tags: Vec<(String, String)>,
}

impl FromParams for CreateUser {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        refuse_boundary(params)?;
        Ok(Self {
            user: Named::read(params),
            path: optional(params, "Path"),
            tags: params.tags("Tags"),
        })
    }
}

impl Operation<IamService> for CreateUser {
    const NAME: &'static str = "CreateUser";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let arn = self
            .user
            .arn(service, self.path.as_deref().unwrap_or("/"))?;
        let with_tags = |operation| with_tags(permission(operation, &*arn), &self.tags);
        let tag = (!self.tags.is_empty()).then(|| with_tags("TagUser"));
        let create = with_tags(Self::NAME);
        Ok(std::iter::once(create).chain(tag).collect())
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let (name, path) = (self.user.name()?, self.path.as_deref());
        let identities = &service.identities;
        let user = identities
            .change(|iam, now, ids| iam.create_user(name, path, &self.tags, (now, ids)))
            .await?;
        Ok(output(move |xml| {
            xml.element("User", |xml| write::user(xml, &user, true));
        }))
    }
}

/// The user that it names, or the caller.
pub(super) struct GetUser(Named<ForUsers>);

impl FromParams for GetUser {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for GetUser {
    const NAME: &'static str = "GetUser";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, caller: &Caller) -> Required {
        Ok(vec![self.0.permission_or_own(
            service,
            caller,
            Self::NAME,
        )?])
    }

    async fn run(self, service: &IamService, context: &CallContext) -> Result<Output, AwsError> {
        let caller = &context.caller;
        if caller.is_owner() && self.0.given_name().is_none() {
            return Ok(owner(service, caller));
        }
        let name = self.0.name_or_own(caller)?;
        let user = service.identities.read(|iam| iam.user(name).cloned())?;
        Ok(output(move |xml| {
            xml.element("User", |xml| write::user(xml, &user, true));
        }))
    }
}

/// The account's owner as AWS shows it: without name and path.
fn owner(service: &IamService, caller: &Caller) -> Output {
    let created = service.identities.read(|iam| time::iso(iam.created()));
    let (id, arn) = (caller.user_id.clone(), caller.arn.clone());
    output(move |xml| {
        xml.element("User", |xml| {
            xml.text("UserId", id)
                .text("Arn", arn)
                .text("CreateDate", created);
        });
    })
}

pub(super) struct ListUsers {
    path_prefix: Option<String>,
    paging: Paging,
}

impl FromParams for ListUsers {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            path_prefix: optional(params, "PathPrefix"),
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListUsers {
    const NAME: &'static str = "ListUsers";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let all = service.arn_at(Entity::User(""), "/");
        Ok(vec![permission(Self::NAME, all)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = service.identities.read(|iam| {
            let users = iam.users(prefix).cloned();
            self.paging
                .page(users, |user| user.name.to_ascii_lowercase())
        });
        Ok(output(move |xml| {
            xml.list("Users", &page.items, |xml, user| {
                write::user(xml, user, false);
            });
            page.write_end(xml);
        }))
    }
}

pub(super) struct UpdateUser {
    user: Named<ForUsers>,
    new_name: Option<String>,
    new_path: Option<String>,
}

impl FromParams for UpdateUser {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            user: Named::read(params),
            new_name: optional(params, "NewUserName"),
            new_path: optional(params, "NewPath"),
        })
    }
}

impl Operation<IamService> for UpdateUser {
    const NAME: &'static str = "UpdateUser";
    type Output = Output;

    /// Renaming a user requires the permission on the ARN that the user gets, too.
    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let arn = self.user.arn(service, "/")?;
        let (parent, name) = arn.rsplit_once('/').unwrap_or(("", &arn));
        let new_name = self.new_name.as_deref().unwrap_or(name);
        let renamed = match &self.new_path {
            Some(path) => service.arn_at(Entity::User(new_name), path),
            None => format!("{parent}/{new_name}"),
        };
        Ok(vec![
            permission(Self::NAME, &*arn),
            permission(Self::NAME, renamed),
        ])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.user.name()?;
        let (new_name, new_path) = (self.new_name.as_deref(), self.new_path.as_deref());
        service
            .identities
            .change(|iam, _, _| iam.update_user(name, new_name, new_path))
            .await?;
        Ok(None)
    }
}

pub(super) struct DeleteUser(Named<ForUsers>);

impl FromParams for DeleteUser {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.0.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.0.name()?;
        service
            .identities
            .change(|iam, _, _| iam.delete_user(name))
            .await?;
        Ok(None)
    }
}

/// This cloud has no groups, so the list is empty.
pub(super) struct ListGroupsForUser(Named<ForUsers>);

impl FromParams for ListGroupsForUser {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Paging::read(params)?;
        Ok(Self(Named::read(params)))
    }
}

impl Operation<IamService> for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.0.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let name = self.0.name()?;
        service.identities.read(|iam| iam.user(name).map(|_| ()))?;
        Ok(output(|xml| write::empty_list(xml, "Groups")))
    }
}
