//! Tags of roles and users.

use super::{IamService, Output, output, write};
use crate::error::AwsError;
use crate::iam::engine::Entity;
use crate::protocol::query::Params;

impl IamService {
    pub(super) async fn tag(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let tags = params.tags("Tags");
        self.identities
            .change(|iam, _, _| iam.tag(entity, &tags))
            .await?;
        Ok(None)
    }

    pub(super) async fn untag(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let keys = params.list("TagKeys");
        self.identities
            .change(|iam, _, _| iam.untag(entity, &keys))
            .await?;
        Ok(None)
    }

    pub(super) fn list_tags(
        &self,
        entity: Entity<'_>,
        params: &Params,
    ) -> Result<Output, AwsError> {
        let tags = self
            .identities
            .read(|iam| Ok(iam.principal_policies(entity)?.1.tags.clone()))?;
        let (tags, marker) = write::page(params, tags.into_iter(), |(key, _)| key.clone())?;
        Ok(output(move |xml| {
            write::tags(xml, &tags);
            write::page_end(xml, marker);
        }))
    }
}
