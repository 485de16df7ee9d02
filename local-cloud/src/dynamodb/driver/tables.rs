//! Commands about tables themselves and their tags, which AWS carries out late.

use dynoxide::actions::create_table::{CreateTableRequest, CreateTableResponse};
use dynoxide::actions::delete_table::{DeleteTableRequest, DeleteTableResponse};
use dynoxide::actions::describe_table::{DescribeTableRequest, DescribeTableResponse};
use dynoxide::actions::list_tables::ListTablesRequest;
use dynoxide::actions::list_tags_of_resource::{
    ListTagsOfResourceRequest, ListTagsOfResourceResponse,
};
use dynoxide::actions::tag_resource::{TagResourceRequest, TagResourceResponse};
use dynoxide::actions::untag_resource::{UntagResourceRequest, UntagResourceResponse};
use dynoxide::actions::update_table::{UpdateTableRequest, UpdateTableResponse};
use dynoxide::actions::update_time_to_live::{UpdateTimeToLiveRequest, UpdateTimeToLiveResponse};
use dynoxide::types::Tag;
use dynoxide::{Database, DynoxideError};

use super::Tables;
use crate::dynamodb::arns::dynoxide_arn;
use crate::dynamodb::schemas::Schemas;
use crate::dynamodb::transitions::{Purpose, Stage};
use crate::error::AwsError;
use crate::faults::Tags;

impl Tables {
    /// Creates a table.
    ///
    /// # Errors
    /// Dynoxide's, and `ResourceInUseException` while the table is being deleted.
    pub(in crate::dynamodb) async fn create_table(
        &self,
        request: CreateTableRequest,
    ) -> Result<CreateTableResponse, DynoxideError> {
        let name = request.table_name.clone();
        let tags = request.tags.clone().unwrap_or_default();
        self.transitions.check(&name, Purpose::Create)?;
        let created = self
            .change_tables(move |database| database.create_table(request))
            .await?;
        self.schemas.record(&created.table_description);
        let arn = &created.table_description.table_arn;
        self.record_tags(arn, Vec::new(), to_map(tags));
        self.transitions.begin(&name, Stage::Creating);
        Ok(created)
    }

    /// Changes a table's settings.
    ///
    /// # Errors
    /// Dynoxide's, and `ResourceInUseException` while the table is in transition.
    pub(in crate::dynamodb) async fn update_table(
        &self,
        request: UpdateTableRequest,
    ) -> Result<UpdateTableResponse, DynoxideError> {
        let name = request.table_name.clone();
        self.transitions.check(&name, Purpose::Update)?;
        let updated = self
            .change_tables(move |database| database.update_table(request))
            .await?;
        self.schemas.record(&updated.table_description);
        self.transitions.begin(&name, Stage::Updating);
        Ok(updated)
    }

    /// Changes which attribute holds the time to live.
    ///
    /// # Errors
    /// Dynoxide's.
    pub(in crate::dynamodb) async fn update_time_to_live(
        &self,
        request: UpdateTimeToLiveRequest,
    ) -> Result<UpdateTimeToLiveResponse, DynoxideError> {
        self.change_tables(move |database| database.update_time_to_live(request))
            .await
    }

    /// Deletes a table.
    ///
    /// # Errors
    /// Dynoxide's, and `ResourceInUseException` while the table is being created or updated.
    pub(in crate::dynamodb) async fn delete_table(
        &self,
        request: DeleteTableRequest,
    ) -> Result<DeleteTableResponse, DynoxideError> {
        let name = request.table_name.clone();
        self.transitions.check(&name, Purpose::Delete)?;
        if let Some(table_description) = self.transitions.being_deleted(&name) {
            return Ok(DeleteTableResponse { table_description });
        }
        let delete = |database: &Database| {
            // A table that does not exist has no tags, and deleting it fails.
            let earlier = list_tags(database, &dynoxide_arn(&request.table_name));
            Ok((earlier.unwrap_or_default(), database.delete_table(request)?))
        };
        let (earlier, deleted) = self.change_tables(delete).await?;
        self.segments.forget(&name);
        self.schemas.forget(&name);
        let arn = self.arns.to_cloud(&deleted.table_description.table_arn);
        self.stale_tags.forget(&arn);
        self.tag_updates.record(arn, to_map(earlier));
        let description = Box::new(deleted.table_description.clone());
        self.transitions.begin(&name, Stage::Deleting(description));
        Ok(deleted)
    }

    /// Describes a table, as far as its last change has arrived.
    ///
    /// # Errors
    /// Dynoxide's.
    pub(in crate::dynamodb) async fn describe_table(
        &self,
        request: DescribeTableRequest,
    ) -> Result<DescribeTableResponse, DynoxideError> {
        let name = request.table_name.clone();
        if let Some(table) = self.transitions.being_deleted(&name) {
            return Ok(DescribeTableResponse { table });
        }
        let described = self.read(move |database| database.describe_table(request));
        let mut described = described.await?;
        if described.table.vector_indexes.is_some() {
            // Only the connection that writes knows which of these are being created.
            let request = DescribeTableRequest {
                table_name: name.clone(),
            };
            described = self
                .run(move |database| database.describe_table(request))
                .await?;
        }
        if let Some(status) = self.transitions.status(&name) {
            status.clone_into(&mut described.table.table_status);
        }
        Ok(described)
    }

    /// Adds tags to a table.
    ///
    /// # Errors
    /// Dynoxide's.
    pub(in crate::dynamodb) async fn tag(
        &self,
        request: TagResourceRequest,
    ) -> Result<TagResourceResponse, DynoxideError> {
        let arn = request.resource_arn.clone().unwrap_or_default();
        self.change_tags(arn, move |database| database.tag_resource(request))
            .await
    }

    /// Removes tags from a table.
    ///
    /// # Errors
    /// Dynoxide's.
    pub(in crate::dynamodb) async fn untag(
        &self,
        request: UntagResourceRequest,
    ) -> Result<UntagResourceResponse, DynoxideError> {
        let arn = request.resource_arn.clone().unwrap_or_default();
        self.change_tags(arn, move |database| database.untag_resource(request))
            .await
    }

    /// Lists the tags of a table, as far as their last change has arrived.
    ///
    /// # Errors
    /// Dynoxide's.
    pub(in crate::dynamodb) async fn list_tags(
        &self,
        request: ListTagsOfResourceRequest,
    ) -> Result<ListTagsOfResourceResponse, DynoxideError> {
        let arn = request.resource_arn.clone().unwrap_or_default();
        let listed = self
            .run(move |database| database.list_tags_of_resource(request))
            .await?;
        let stale = self.stale_tags.stale(&self.arns.to_cloud(&arn));
        Ok(stale.map_or(listed, |tags| ListTagsOfResourceResponse { tags }))
    }

    /// Every table's ARN and tags.
    ///
    /// # Errors
    /// `InternalFailure` when dynoxide cannot list them.
    pub(crate) async fn tags(&self) -> Result<Vec<(String, Tags)>, AwsError> {
        let arns = self.arns.clone();
        let listed = self.run(move |database| {
            let mut all = Vec::new();
            let mut after = None;
            loop {
                let page = database.list_tables(ListTablesRequest {
                    exclusive_start_table_name: after,
                    ..ListTablesRequest::default()
                })?;
                for name in page.table_names {
                    let tags = list_tags(database, &dynoxide_arn(&name))?;
                    all.push((arns.of_table(&name), to_map(tags)));
                }
                match page.last_evaluated_table_name {
                    None => return Ok(all),
                    more => after = more,
                }
            }
        });
        let failed = |problem: DynoxideError| AwsError::internal(problem.to_string());
        listed.await.map_err(failed)
    }

    async fn change_tags<T: Send + 'static>(
        &self,
        arn: String,
        change: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let of_table = arn.clone();
        let change = move |database: &Database| {
            let earlier = list_tags(database, &of_table);
            let changed = change(database)?;
            let tags = list_tags(database, &of_table)?;
            Ok((earlier.unwrap_or_default(), changed, tags))
        };
        let (earlier, changed, tags) = self.run(change).await?;
        self.record_tags(&arn, earlier, to_map(tags));
        Ok(changed)
    }

    /// Records that the tags of a table have changed, or that it was created.
    fn record_tags(&self, arn: &str, earlier: Vec<Tag>, now: Tags) {
        let arn = self.arns.to_cloud(arn);
        self.schemas
            .record_tags(arn.rsplit('/').next().unwrap_or_default(), now);
        self.tag_updates
            .record(arn.clone(), to_map(earlier.clone()));
        self.stale_tags.record(arn, earlier);
    }
}

/// Records the schemas and tags of the tables that there are. One that cannot be read has no schema,
/// so that no policy with conditions on its items allows anything.
pub(super) fn load_schemas(database: &Database, schemas: &Schemas) {
    let mut request = ListTablesRequest::default();
    while let Ok(page) = database.list_tables(request) {
        for table_name in page.table_names {
            let tags = list_tags(database, &dynoxide_arn(&table_name));
            let describe = DescribeTableRequest { table_name };
            let Ok(described) = database.describe_table(describe) else {
                continue;
            };
            schemas.record(&described.table);
            schemas.record_tags(
                &described.table.table_name,
                to_map(tags.unwrap_or_default()),
            );
        }
        request = match page.last_evaluated_table_name {
            None => return,
            after => ListTablesRequest {
                exclusive_start_table_name: after,
                ..ListTablesRequest::default()
            },
        };
    }
}

/// The tags of the table that dynoxide knows by this ARN.
fn list_tags(database: &Database, arn: &str) -> Result<Vec<Tag>, DynoxideError> {
    let request = ListTagsOfResourceRequest {
        resource_arn: Some(arn.to_owned()),
    };
    Ok(database.list_tags_of_resource(request)?.tags)
}

fn to_map(tags: Vec<Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}
