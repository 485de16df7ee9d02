//! The Resource Groups Tagging API: AWS JSON 1.1 over the tags of queues, tables, functions, event
//! source mappings and log groups. As on AWS, resources without tags are not listed, and roles and
//! users are not either. Operations that the cloud does not have are refused by name.

pub mod engine;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod lateness;
mod sources;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::{Dialect, unknown_operation};
use crate::runtime_context::RuntimeContext;
use crate::tagging::engine::{Selection, invalid, page};
use lateness::Lateness;

pub(crate) use lateness::Before;
pub(crate) use sources::Sources;

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.1",
    target_prefix: "ResourceGroupsTaggingAPI_20170126",
    error_namespace: "",
    query_compatible: false,
    message_member: "Message",
};

/// The service.
#[derive(Debug)]
pub(crate) struct TaggingService {
    sources: Sources,
    lateness: Lateness,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourcesInput {
    #[serde(default)]
    pagination_token: String,
    #[serde(default)]
    tag_filters: Vec<TagFilter>,
    resources_per_page: Option<u32>,
    tags_per_page: Option<u32>,
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
struct KeysInput {
    #[serde(default)]
    pagination_token: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValuesInput {
    #[serde(default)]
    pagination_token: String,
    key: String,
}

impl TaggingService {
    pub(crate) fn new(sources: Sources, context: RuntimeContext) -> Self {
        Self {
            sources,
            lateness: Lateness::new(context),
        }
    }

    /// To be called before any service answers a request, so that the index can come late.
    pub(crate) async fn before(&self, action: impl FnOnce() -> String) -> Option<Before> {
        self.lateness.before(&self.sources, action).await
    }

    /// To be called when the request is answered.
    pub(crate) async fn after(&self, before: Before) {
        self.lateness.after(&self.sources, before).await;
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.answer(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&error),
        }
    }

    async fn answer(&self, request: &Request) -> Result<Reply, AwsError> {
        match DIALECT.operation(request)? {
            "GetResources" => done(&self.resources(DIALECT.input(request)?).await?),
            "GetTagKeys" => done(&self.keys(DIALECT.input(request)?).await?),
            "GetTagValues" => done(&self.values(DIALECT.input(request)?).await?),
            other => Err(unknown_operation(other)),
        }
    }

    async fn resources(&self, input: ResourcesInput) -> Result<Value, AwsError> {
        let (size, token) = (input.resources_per_page, input.pagination_token.clone());
        let selection = input.selection()?;
        let mut found = self.lateness.tagged(&self.sources).await?;
        found.retain(|resource| selection.takes(resource));
        let (found, token) = page(found, |resource| resource.arn.clone(), size, &token)?;
        let mappings = found.iter().map(|resource| {
            let tags = resource.tags.iter();
            let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
            json!({ "ResourceARN": resource.arn, "Tags": tags.collect::<Vec<_>>() })
        });
        Ok(json!({
            "PaginationToken": token,
            "ResourceTagMappingList": mappings.collect::<Vec<_>>(),
        }))
    }

    async fn keys(&self, input: KeysInput) -> Result<Value, AwsError> {
        let tagged = self.lateness.tagged(&self.sources).await?;
        let keys: BTreeSet<String> = tagged
            .into_iter()
            .flat_map(|one| one.tags.into_keys())
            .collect();
        let (keys, token) = list(keys, &input.pagination_token)?;
        Ok(json!({ "PaginationToken": token, "TagKeys": keys }))
    }

    async fn values(&self, input: ValuesInput) -> Result<Value, AwsError> {
        let tagged = self.lateness.tagged(&self.sources).await?;
        let of_key = tagged
            .into_iter()
            .filter_map(|mut one| one.tags.remove(&input.key));
        let (values, token) = list(of_key.collect(), &input.pagination_token)?;
        Ok(json!({ "PaginationToken": token, "TagValues": values }))
    }
}

impl ResourcesInput {
    /// What it asks for.
    fn selection(self) -> Result<Selection, AwsError> {
        if self.tags_per_page.is_some() {
            return Err(invalid(
                "TagsPerPage is not there in this local cloud: use ResourcesPerPage.",
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

fn done(output: &impl Serialize) -> Result<Reply, AwsError> {
    Ok(DIALECT.output(output))
}
