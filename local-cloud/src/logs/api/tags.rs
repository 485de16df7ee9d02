//! Operations on the tags of groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::permissions::{on_stream, on_tags, with_tags};
use super::service::LogsService;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagResource {
    resource_arn: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl Operation<LogsService> for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let tag = on_tags(service, Self::NAME, &self.resource_arn)?;
        Ok(vec![with_tags(tag, &self.tags)])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let tag = service.logs.change(|store, _| {
            let name = store.name_of(&self.resource_arn)?;
            store.tag(name, self.tags)
        });
        tag.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UntagResource {
    resource_arn: String,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl Operation<LogsService> for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = ();

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        let untag = on_tags(service, Self::NAME, &self.resource_arn)?;
        Ok(vec![untag.with_tag_keys(self.tag_keys.iter())])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<(), AwsError> {
        let untag = service.logs.change(|store, _| {
            let name = store.name_of(&self.resource_arn)?;
            store.untag(name, &self.tag_keys)
        });
        untag.await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

impl Operation<LogsService> for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        Ok(vec![on_tags(service, Self::NAME, &self.resource_arn)?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        service.logs.read(|store, _| {
            let group = store.group(store.name_of(&self.resource_arn)?)?;
            Ok(json!({ "tags": group.tags }))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTagsLogGroup {
    log_group_name: String,
}

impl Operation<LogsService> for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    type Output = Value;

    fn required_permissions(&self, service: &LogsService, _: &Caller) -> Required {
        Ok(vec![on_stream(
            service,
            Self::NAME,
            &self.log_group_name,
            "",
        )?])
    }

    async fn run(self, service: &LogsService, _: &CallContext) -> Result<Value, AwsError> {
        service.logs.read(|store, _| {
            let group = store.group(&self.log_group_name)?;
            Ok(json!({ "tags": group.tags }))
        })
    }
}
