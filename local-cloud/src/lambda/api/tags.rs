//! Operations on the tags of functions and mappings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::parameters::label;
use super::permissions::{on_tags, with_tags};
use super::service::LambdaService;
use crate::error::AwsError;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::{empty, input, output, parameters};
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

#[derive(Debug)]
pub(super) struct ListTags {
    arn: String,
}

impl FromRequest for ListTags {
    fn from_request(labels: Vec<String>, _: &Request) -> Result<Self, AwsError> {
        Ok(Self { arn: label(labels) })
    }
}

impl Operation<LambdaService> for ListTags {
    const NAME: &'static str = "ListTags";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        Ok(vec![on_tags(service, Self::NAME, &self.arn)?])
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let tags = service
            .functions
            .read(|registry| registry.tags(&self.arn).cloned())?;
        Ok(output(200, &json!({ "Tags": tags })))
    }
}

#[derive(Debug)]
pub(super) struct TagResource {
    pub(super) arn: String,
    pub(super) tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagsInput {
    tags: BTreeMap<String, String>,
}

impl FromRequest for TagResource {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        let TagsInput { tags } = input(request)?;
        Ok(Self {
            arn: label(labels),
            tags,
        })
    }
}

impl Operation<LambdaService> for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let tag = on_tags(service, Self::NAME, &self.arn)?;
        Ok(vec![with_tags(tag, &self.tags)])
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let tag = service
            .functions
            .change(|registry, _, _| registry.tag(&self.arn, self.tags));
        tag.await?;
        Ok(empty(204))
    }
}

#[derive(Debug)]
pub(super) struct UntagResource {
    pub(super) arn: String,
    pub(super) keys: Vec<String>,
}

impl FromRequest for UntagResource {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        Ok(Self {
            arn: label(labels),
            keys: parameters(&request.query, "tagKeys")?,
        })
    }
}

impl Operation<LambdaService> for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        let untag = on_tags(service, Self::NAME, &self.arn)?;
        Ok(vec![untag.with_tag_keys(self.keys.iter())])
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let untag = service
            .functions
            .change(|registry, _, _| registry.untag(&self.arn, &self.keys));
        untag.await?;
        Ok(empty(204))
    }
}
