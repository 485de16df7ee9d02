//! Operations on users' access keys. A request without a user's name is about the caller's own keys.
//! The owner has one key, that of the cloud's configuration.

use super::entity::{ForUsers, Named};
use super::paging::Paging;
use super::service::IamService;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::{Params, constraint};
use crate::protocol::time;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreateAccessKey {
    user: Named<ForUsers>,
}

impl FromParams for CreateAccessKey {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            user: Named::read(params),
        })
    }
}

impl Operation<IamService> for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, caller: &Caller) -> Required {
        Ok(vec![self.user.permission_or_own(
            service,
            caller,
            Self::NAME,
        )?])
    }

    async fn run(self, service: &IamService, context: &CallContext) -> Result<Output, AwsError> {
        let name = self.user.name_or_own(&context.caller)?;
        let create = service.identities.change(|iam, now, ids| {
            let (key, changes) = iam.create_access_key(name, now, ids)?;
            Ok(((iam.user(name)?.name.clone(), key), changes))
        });
        let (name, key) = create.await?;
        Ok(output(move |xml| {
            xml.element("AccessKey", |xml| {
                xml.text("UserName", name)
                    .text("AccessKeyId", &key.id)
                    .text("Status", key.status())
                    .text("SecretAccessKey", key.secret.reveal())
                    .text("CreateDate", time::iso(key.created));
            });
        }))
    }
}

pub(super) struct ListAccessKeys {
    user: Named<ForUsers>,
    paging: Paging,
}

impl FromParams for ListAccessKeys {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            user: Named::read(params),
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, caller: &Caller) -> Required {
        Ok(vec![self.user.permission_or_own(
            service,
            caller,
            Self::NAME,
        )?])
    }

    async fn run(self, service: &IamService, context: &CallContext) -> Result<Output, AwsError> {
        let name = self.user.name_or_own(&context.caller)?;
        let user = service.identities.read(|iam| iam.user(name).cloned())?;
        let mut keys = user.keys;
        keys.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let page = self.paging.page(keys.into_iter(), |key| key.id.clone());
        Ok(output(move |xml| {
            xml.list("AccessKeyMetadata", &page.items, |xml, key| {
                xml.text("UserName", &user.name)
                    .text("AccessKeyId", &key.id)
                    .text("Status", key.status())
                    .text("CreateDate", time::iso(key.created));
            });
            page.write_end(xml);
        }))
    }
}

pub(super) struct UpdateAccessKey {
    user: Named<ForUsers>,
    key_id: String,
    active: bool,
}

impl FromParams for UpdateAccessKey {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            user: Named::read(params),
            key_id: key_id(params)?,
            active: match params.require("Status")? {
                "Active" => true,
                "Inactive" => false,
                other => {
                    let rule = "Member must satisfy enum value set: [Active, Inactive]";
                    return Err(constraint("Status", Some(other), rule));
                }
            },
        })
    }
}

impl Operation<IamService> for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, caller: &Caller) -> Required {
        Ok(vec![self.user.permission_or_own(
            service,
            caller,
            Self::NAME,
        )?])
    }

    async fn run(self, service: &IamService, context: &CallContext) -> Result<Output, AwsError> {
        let name = self.user.name_or_own(&context.caller)?;
        service
            .identities
            .change(|iam, _, _| iam.update_access_key(name, &self.key_id, self.active))
            .await?;
        Ok(None)
    }
}

pub(super) struct DeleteAccessKey {
    user: Named<ForUsers>,
    key_id: String,
}

impl FromParams for DeleteAccessKey {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            user: Named::read(params),
            key_id: key_id(params)?,
        })
    }
}

impl Operation<IamService> for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, caller: &Caller) -> Required {
        Ok(vec![self.user.permission_or_own(
            service,
            caller,
            Self::NAME,
        )?])
    }

    async fn run(self, service: &IamService, context: &CallContext) -> Result<Output, AwsError> {
        let name = self.user.name_or_own(&context.caller)?;
        service
            .identities
            .change(|iam, _, _| iam.delete_access_key(name, &self.key_id))
            .await?;
        Ok(None)
    }
}

fn key_id(params: &Params) -> Result<String, AwsError> {
    let id = params.require("AccessKeyId")?;
    let refuse = |rule| Err(constraint("AccessKeyId", Some(id), rule));
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match id.len() {
        ..16 => refuse("Member must have length greater than or equal to 16"),
        129.. => refuse("Member must have length less than or equal to 128"),
        _ if id.bytes().all(is_word) => Ok(id.to_owned()),
        _ => refuse("Member must satisfy regular expression pattern: [\\w]+"),
    }
}
