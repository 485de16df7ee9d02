//! The operations of the tagging API. Those that this cloud does not have are refused by name.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::engine::{Selection, Tagged, invalid, page};
use super::{DESCRIPTOR, DIALECT, Sources};
use crate::error::AwsError;
use crate::faults::TagUpdates;
use crate::iam::RequiredPermission;
use crate::protocol::http::{Caller, Request};
use crate::protocol::json::Dialect;
use crate::runtime_context::RuntimeContext;
use crate::service::json::{JsonService, Row, read, row};
use crate::service::{Call, CallContext, Descriptor, Operation, Required, Service};

/// Every operation.
const OPERATIONS: &[Row<TaggingService>] = &[
    row::<_, GetResources>(),
    row::<_, GetTagKeys>(),
    row::<_, GetTagValues>(),
];

/// The service.
#[derive(Debug)]
pub(crate) struct TaggingService {
    sources: Sources,
    updates: Arc<TagUpdates>,
}

impl TaggingService {
    /// The service around the resources of these sources.
    pub(crate) fn new(sources: Sources, context: &RuntimeContext) -> Self {
        Self {
            sources,
            updates: Arc::clone(&context.tag_updates),
        }
    }

    /// Every resource that has a tag, as one request sees it: some changes have not arrived at the
    /// machine that answers the request.
    async fn tagged(&self) -> Result<Vec<Tagged>, AwsError> {
        let stale = self.updates.stale_view();
        let mut all = self.sources.tagged().await?;
        all.retain(|resource| !stale.contains_key(&resource.arn));
        let earlier = stale.into_iter().filter(|(_, tags)| !tags.is_empty());
        all.extend(earlier.map(|(arn, tags)| Tagged { arn, tags }));
        Ok(all)
    }
}

impl Service for TaggingService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl JsonService for TaggingService {
    const DIALECT: Dialect = DIALECT;
}

/// The permission for an operation. The tagging API's permissions are not about single resources.
fn on_anything(operation: &str) -> Required {
    Ok(vec![RequiredPermission::new(
        format!("tag:{operation}"),
        "*",
    )])
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetResources {
    #[serde(default)]
    pagination_token: String,
    #[serde(default)]
    tag_filters: Vec<TagFilter>,
    resources_per_page: Option<i64>,
    tags_per_page: Option<i64>,
    #[serde(default)]
    resource_type_filters: Vec<String>,
    #[serde(default)]
    include_compliance_details: bool,
    #[serde(default)]
    exclude_compliant_resources: bool,
    #[serde(default, rename = "ResourceARNList")]
    resource_arn_list: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFilter {
    #[serde(default)]
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetTagKeys {
    #[serde(default)]
    pagination_token: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetTagValues {
    #[serde(default)]
    pagination_token: String,
    key: String,
}

impl Operation<TaggingService> for GetResources {
    const NAME: &'static str = "GetResources";
    type Output = Value;

    fn required_permissions(&self, _: &TaggingService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &TaggingService, _: &CallContext) -> Result<Value, AwsError> {
        let (size, token) = (self.resources_per_page, self.pagination_token.clone());
        let selection = self.selection()?;
        let mut found = service.tagged().await?;
        found.retain(|resource| selection.matches(resource));
        let (found, token) = page(found, |resource| resource.arn.clone(), size, &token)?;
        let mappings = found.iter().map(|resource| {
            let tags: Vec<_> = resource
                .tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }))
                .collect();
            json!({ "ResourceARN": resource.arn, "Tags": tags })
        });
        Ok(json!({
            "PaginationToken": token,
            "ResourceTagMappingList": mappings.collect::<Vec<_>>(),
        }))
    }
}

impl Operation<TaggingService> for GetTagKeys {
    const NAME: &'static str = "GetTagKeys";
    type Output = Value;

    fn required_permissions(&self, _: &TaggingService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &TaggingService, _: &CallContext) -> Result<Value, AwsError> {
        let tagged = service.tagged().await?;
        let keys: BTreeSet<String> = tagged
            .into_iter()
            .flat_map(|one| one.tags.into_keys())
            .collect();
        let (keys, token) = list(keys, &self.pagination_token)?;
        Ok(json!({ "PaginationToken": token, "TagKeys": keys }))
    }
}

impl Operation<TaggingService> for GetTagValues {
    const NAME: &'static str = "GetTagValues";
    type Output = Value;

    fn required_permissions(&self, _: &TaggingService, _: &Caller) -> Required {
        on_anything(Self::NAME)
    }

    async fn run(self, service: &TaggingService, _: &CallContext) -> Result<Value, AwsError> {
        let tagged = service.tagged().await?;
        let of_key = tagged
            .into_iter()
            .filter_map(|mut one| one.tags.remove(&self.key));
        let (values, token) = list(of_key.collect(), &self.pagination_token)?;
        Ok(json!({ "PaginationToken": token, "TagValues": values }))
    }
}

impl GetResources {
    /// Which resources it selects.
    fn selection(self) -> Result<Selection, AwsError> {
        if self.tags_per_page.is_some() {
            return Err(invalid(
                "This local cloud does not support TagsPerPage: use ResourcesPerPage.",
            ));
        }
        if self.include_compliance_details || self.exclude_compliant_resources {
            return Err(invalid(
                "This local cloud has no tag policies to comply with.",
            ));
        }
        let filters = self.tag_filters.into_iter();
        let selection = Selection {
            tags: filters.map(|filter| (filter.key, filter.values)).collect(),
            types: self.resource_type_filters,
            arns: self.resource_arn_list,
        };
        selection.check()?;
        Ok(selection)
    }
}

fn list(texts: BTreeSet<String>, token: &str) -> Result<(Vec<String>, String), AwsError> {
    page(texts.into_iter().collect(), String::clone, None, token)
}
