//! Operations on users' access keys. Without a user's name they are about the caller's own; the
//! lab's owner has the key of the cloud's configuration, and no other.

use super::users::user_name;
use super::{IamService, Output, output, write};
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::{Params, constraint};
use crate::protocol::time;

impl IamService {
    pub(super) async fn create_access_key(
        &self,
        params: &Params,
        caller: &Caller,
    ) -> Result<Output, AwsError> {
        let name = user_name(params, caller)?;
        let create = self.identities.change(|iam, now, ids| {
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

    pub(super) fn list_access_keys(
        &self,
        params: &Params,
        caller: &Caller,
    ) -> Result<Output, AwsError> {
        let name = user_name(params, caller)?;
        let user = self.identities.read(|iam| iam.user(name).cloned())?;
        let mut keys = user.keys;
        keys.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let (keys, marker) = write::page(params, keys.into_iter(), |key| key.id.clone())?;
        Ok(output(move |xml| {
            xml.list("AccessKeyMetadata", &keys, |xml, key| {
                xml.text("UserName", &user.name)
                    .text("AccessKeyId", &key.id)
                    .text("Status", key.status())
                    .text("CreateDate", time::iso(key.created));
            });
            write::page_end(xml, marker);
        }))
    }

    pub(super) async fn update_access_key(
        &self,
        params: &Params,
        caller: &Caller,
    ) -> Result<Output, AwsError> {
        let (name, id) = (user_name(params, caller)?, key_id(params)?);
        let active = match params.require("Status")? {
            "Active" => true,
            "Inactive" => false,
            other => {
                let rule = "Member must satisfy enum value set: [Active, Inactive]";
                return Err(constraint("Status", Some(other), rule));
            }
        };
        self.identities
            .change(|iam, _, _| iam.update_access_key(name, id, active))
            .await?;
        Ok(None)
    }

    pub(super) async fn delete_access_key(
        &self,
        params: &Params,
        caller: &Caller,
    ) -> Result<Output, AwsError> {
        let (name, id) = (user_name(params, caller)?, key_id(params)?);
        self.identities
            .change(|iam, _, _| iam.delete_access_key(name, id))
            .await?;
        Ok(None)
    }
}

fn key_id(params: &Params) -> Result<&str, AwsError> {
    let id = params.require("AccessKeyId")?;
    let refuse = |rule| Err(constraint("AccessKeyId", Some(id), rule));
    match id.len() {
        ..16 => refuse("Member must have length greater than or equal to 16"),
        129.. => refuse("Member must have length less than or equal to 128"),
        _ if id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
        {
            Ok(id)
        }
        _ => refuse("Member must satisfy regular expression pattern: [\\w]+"),
    }
}
