//! Operations on users themselves, and on the account's alias.

use super::roles::no_boundary;
use super::{IamService, Output, output, write};
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::protocol::time;

impl IamService {
    pub(super) async fn create_user(&self, params: &Params) -> Result<Output, AwsError> {
        no_boundary(params)?;
        let name = params.require("UserName")?;
        let (path, tags) = (params.text("Path"), params.tags("Tags"));
        let create = self
            .identities
            .change(|iam, now, ids| iam.create_user(name, path, &tags, (now, ids)));
        let user = create.await?;
        Ok(output(move |xml| {
            xml.element("User", |xml| write::user(xml, &user, true));
        }))
    }

    /// The user with a name, or the caller.
    pub(super) fn get_user(&self, params: &Params, caller: &Caller) -> Result<Output, AwsError> {
        if caller.is_owner() && params.text("UserName").is_none() {
            return Ok(self.owner(caller));
        }
        let name = user_name(params, caller)?;
        let user = self.identities.read(|iam| iam.user(name).cloned())?;
        Ok(output(move |xml| {
            xml.element("User", |xml| write::user(xml, &user, true));
        }))
    }

    /// AWS's answer to an account's owner has neither name nor path.
    fn owner(&self, caller: &Caller) -> Output {
        let created = self.identities.read(|iam| time::iso(iam.created()));
        let (id, arn) = (caller.user_id.clone(), caller.arn.clone());
        output(move |xml| {
            xml.element("User", |xml| {
                xml.text("UserId", id)
                    .text("Arn", arn)
                    .text("CreateDate", created);
            });
        })
    }

    pub(super) fn list_users(&self, params: &Params) -> Result<Output, AwsError> {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let page = self.identities.read(|iam| {
            let users = iam.users(prefix).cloned();
            write::page(params, users, |user| user.name.to_ascii_lowercase())
        });
        let (users, marker) = page?;
        Ok(output(move |xml| {
            xml.list("Users", &users, |xml, user| write::user(xml, user, false));
            write::page_end(xml, marker);
        }))
    }

    pub(super) async fn update_user(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("UserName")?;
        let (new_name, new_path) = (params.text("NewUserName"), params.text("NewPath"));
        self.identities
            .change(|iam, _, _| iam.update_user(name, new_name, new_path))
            .await?;
        Ok(None)
    }

    pub(super) async fn delete_user(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("UserName")?;
        self.identities
            .change(|iam, _, _| iam.delete_user(name))
            .await?;
        Ok(None)
    }

    pub(super) fn list_groups_for_user(&self, params: &Params) -> Result<Output, AwsError> {
        let name = params.require("UserName")?;
        self.identities.read(|iam| iam.user(name).map(|_| ()))?;
        Ok(output(|xml| write::empty_list(xml, "Groups")))
    }

    pub(super) async fn create_alias(&self, params: &Params) -> Result<Output, AwsError> {
        let alias = params.require("AccountAlias")?;
        self.identities
            .change(|iam, _, _| iam.create_alias(alias))
            .await?;
        Ok(None)
    }

    pub(super) fn list_aliases(&self, params: &Params) -> Result<Output, AwsError> {
        let alias = self.identities.read(|iam| iam.alias().map(str::to_owned));
        let (aliases, marker) = write::page(params, alias.into_iter(), String::clone)?;
        Ok(output(move |xml| {
            write::names(xml, "AccountAliases", &aliases);
            write::page_end(xml, marker);
        }))
    }

    pub(super) async fn delete_alias(&self, params: &Params) -> Result<Output, AwsError> {
        let alias = params.require("AccountAlias")?;
        self.identities
            .change(|iam, _, _| iam.delete_alias(alias))
            .await?;
        Ok(None)
    }
}

/// The user that a request names, or else the one who signed it.
pub(super) fn user_name<'a>(params: &'a Params, caller: &'a Caller) -> Result<&'a str, AwsError> {
    let name = params.text("UserName").or_else(|| caller.user_name());
    name.ok_or_else(|| {
        AwsError::new(
            "ValidationError",
            400,
            "Must specify userName when calling with non-User credentials",
        )
    })
}
