//! Operations on tables and their tags.

use dynoxide::Database;
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

use super::operation::{Answer, DynoxideRequest, on_thread};
use super::permissions::{on_given, on_table};
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::iam::RequiredPermission;

impl DynoxideRequest for CreateTableRequest {
    const NAME: &'static str = "CreateTable";
    const HAS_ARNS: bool = true;
    type Response = CreateTableResponse;

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let is_tagged = self.tags.as_ref().is_some_and(|tags| !tags.is_empty());
        let mut required = vec![on_table(Self::NAME, &self.table_name, arns)];
        required
            .extend(is_tagged.then(|| on_table(TagResourceRequest::NAME, &self.table_name, arns)));
        required
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.create_table(self).await
    }
}

impl DynoxideRequest for UpdateTableRequest {
    const NAME: &'static str = "UpdateTable";
    const HAS_ARNS: bool = true;
    type Response = UpdateTableResponse;

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

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::list_tables).await
    }
}

impl DynoxideRequest for UpdateTimeToLiveRequest {
    const NAME: &'static str = "UpdateTimeToLive";
    const HAS_ARNS: bool = true;
    type Response = UpdateTimeToLiveResponse;

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

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_given(Self::NAME, self.resource_arn.as_deref(), arns)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.tag(self).await
    }
}

impl DynoxideRequest for UntagResourceRequest {
    const NAME: &'static str = "UntagResource";
    const HAS_ARNS: bool = true;
    type Response = UntagResourceResponse;

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_given(Self::NAME, self.resource_arn.as_deref(), arns)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.untag(self).await
    }
}

impl DynoxideRequest for ListTagsOfResourceRequest {
    const NAME: &'static str = "ListTagsOfResource";
    const HAS_ARNS: bool = true;
    type Response = ListTagsOfResourceResponse;

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_given(Self::NAME, self.resource_arn.as_deref(), arns)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        tables.list_tags(self).await
    }
}
