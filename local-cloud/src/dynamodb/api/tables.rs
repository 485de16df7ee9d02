//! Operations on tables and their tags.

use dynoxide::actions::create_table::{CreateTableRequest, CreateTableResponse};
use dynoxide::actions::delete_table::{DeleteTableRequest, DeleteTableResponse};
use dynoxide::actions::describe_table::{DescribeTableRequest, DescribeTableResponse};
use dynoxide::actions::describe_time_to_live::{
    DescribeTimeToLiveRequest, DescribeTimeToLiveResponse,
};
use dynoxide::actions::list_tables::{ListTablesRequest, ListTablesResponse};
use dynoxide::actions::list_tags_of_resource::{
    ListTagsOfResourceRequest, ListTagsOfResourceResponse,
};
use dynoxide::actions::tag_resource::{TagResourceRequest, TagResourceResponse};
use dynoxide::actions::untag_resource::{UntagResourceRequest, UntagResourceResponse};
use dynoxide::actions::update_table::{UpdateTableRequest, UpdateTableResponse};
use dynoxide::actions::update_time_to_live::{UpdateTimeToLiveRequest, UpdateTimeToLiveResponse};
use dynoxide::{Database, DynoxideError};

use super::operation::{Answer, DynoxideRequest, localize_table, on_thread};
use super::permissions::{on_arn, on_table};
use crate::dynamodb::Tables;
use crate::dynamodb::arns::dynoxide_arn;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::service::Required;

impl DynoxideRequest for CreateTableRequest {
    const NAME: &'static str = "CreateTable";
    const HAS_ARNS: bool = true;
    type Response = CreateTableResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let tags = || {
            let tags = self.tags.iter().flatten();
            tags.map(|tag| (&*tag.key, &*tag.value))
        };
        let mut required = vec![on_table(Self::NAME, &self.table_name, tables)?.with_tags(tags())];
        if tags().next().is_some() {
            let tag = on_table(TagResourceRequest::NAME, &self.table_name, tables)?;
            required.push(tag.with_tags(tags()));
        }
        Ok(required)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.create_table(self).await
    }
}

impl DynoxideRequest for UpdateTableRequest {
    const NAME: &'static str = "UpdateTable";
    const HAS_ARNS: bool = true;
    type Response = UpdateTableResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.update_table(self).await
    }
}

impl DynoxideRequest for DeleteTableRequest {
    const NAME: &'static str = "DeleteTable";
    const HAS_ARNS: bool = true;
    type Response = DeleteTableResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.delete_table(self).await
    }
}

impl DynoxideRequest for DescribeTableRequest {
    const NAME: &'static str = "DescribeTable";
    const HAS_ARNS: bool = true;
    type Response = DescribeTableResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.describe_table(self).await
    }
}

impl DynoxideRequest for ListTablesRequest {
    const NAME: &'static str = "ListTables";
    type Response = ListTablesResponse;

    fn localize(&mut self, _: &Tables) -> Result<(), DynoxideError> {
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, _: &Tables) -> Required {
        Ok(vec![on_arn(Self::NAME, "*")])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::list_tables).await
    }
}

impl DynoxideRequest for UpdateTimeToLiveRequest {
    const NAME: &'static str = "UpdateTimeToLive";
    const HAS_ARNS: bool = true;
    type Response = UpdateTimeToLiveResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables
            .transitions()
            .check_use(|| vec![self.table_name.clone()])?;
        tables.update_time_to_live(self).await
    }
}

impl DynoxideRequest for DescribeTimeToLiveRequest {
    const NAME: &'static str = "DescribeTimeToLive";
    type Response = DescribeTimeToLiveResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::describe_time_to_live).await
    }
}

impl DynoxideRequest for TagResourceRequest {
    const NAME: &'static str = "TagResource";
    const HAS_ARNS: bool = true;
    type Response = TagResourceResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_resource(&mut self.resource_arn, tables)
    }

    fn tables(&self) -> Vec<String> {
        self.resource_arn
            .iter()
            .filter_map(|arn| name_of(arn))
            .collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let tags = self.tags.iter().map(|tag| (&*tag.key, &*tag.value));
        Ok(vec![
            on_tags(Self::NAME, &self.tables(), tables)?.with_tags(tags),
        ])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.tag(self).await
    }
}

impl DynoxideRequest for UntagResourceRequest {
    const NAME: &'static str = "UntagResource";
    const HAS_ARNS: bool = true;
    type Response = UntagResourceResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_resource(&mut self.resource_arn, tables)
    }

    fn tables(&self) -> Vec<String> {
        self.resource_arn
            .iter()
            .filter_map(|arn| name_of(arn))
            .collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let untag = on_tags(Self::NAME, &self.tables(), tables)?;
        Ok(vec![untag.with_tag_keys(self.tag_keys.iter())])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.untag(self).await
    }
}

impl DynoxideRequest for ListTagsOfResourceRequest {
    const NAME: &'static str = "ListTagsOfResource";
    const HAS_ARNS: bool = true;
    type Response = ListTagsOfResourceResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_resource(&mut self.resource_arn, tables)
    }

    fn tables(&self) -> Vec<String> {
        self.resource_arn
            .iter()
            .filter_map(|arn| name_of(arn))
            .collect()
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        Ok(vec![on_tags(Self::NAME, &self.tables(), tables)?])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.list_tags(self).await
    }
}

/// Puts dynoxide's ARN in the place of a table's.
fn localize_resource(arn: &mut Option<String>, tables: &Tables) -> Result<(), DynoxideError> {
    let given = arn.as_deref().unwrap_or_default();
    *arn = Some(dynoxide_arn(tables.arns().table(given)?));
    Ok(())
}

/// The table in dynoxide's ARN.
fn name_of(arn: &str) -> Option<String> {
    let (_, name) = arn.rsplit_once('/')?;
    Some(name.to_owned())
}

/// The permission for an operation on the tags of the table.
fn on_tags(
    operation: &str,
    names: &[String],
    tables: &Tables,
) -> Result<RequiredPermission, AwsError> {
    on_table(operation, names.first().map_or("", String::as_str), tables)
}
