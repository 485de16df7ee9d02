//! Operations on the tags of roles and users.

use super::entity::{Kind, Named, with_tags};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct Tag<K> {
    entity: Named<K>,
    tags: Vec<(String, String)>,
}

impl<K: Kind> FromParams for Tag<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            tags: params.tags("Tags"),
        })
    }
}

impl<K: Kind> Operation<IamService> for Tag<K> {
    const NAME: &'static str = K::KIND.pick("TagRole", "TagUser");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let tag = self.entity.permission(service, Self::NAME)?;
        Ok(vec![with_tags(tag, &self.tags)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.tag(entity, &self.tags))
            .await?;
        Ok(None)
    }
}

pub(super) struct Untag<K> {
    entity: Named<K>,
    keys: Vec<String>,
}

impl<K: Kind> FromParams for Untag<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        let keys = params.list("TagKeys").into_iter();
        Ok(Self {
            entity: Named::read(params),
            keys: keys.map(str::to_owned).collect(),
        })
    }
}

impl<K: Kind> Operation<IamService> for Untag<K> {
    const NAME: &'static str = K::KIND.pick("UntagRole", "UntagUser");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let untag = self.entity.permission(service, Self::NAME)?;
        Ok(vec![untag.with_tag_keys(self.keys.iter())])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.untag(entity, &self.keys))
            .await?;
        Ok(None)
    }
}

pub(super) struct ListTags<K> {
    entity: Named<K>,
    paging: Paging,
}

impl<K: Kind> FromParams for ListTags<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            paging: Paging::read(params)?,
        })
    }
}

impl<K: Kind> Operation<IamService> for ListTags<K> {
    const NAME: &'static str = K::KIND.pick("ListRoleTags", "ListUserTags");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        let page = service.identities.read(|iam| {
            let tags = iam.principal_policies(entity)?.1.tags.clone();
            Ok::<_, AwsError>(self.paging.page(tags.into_iter(), |(key, _)| key.clone()))
        })?;
        Ok(output(move |xml| {
            write::tags(xml, &page.items);
            page.write_end(xml);
        }))
    }
}
