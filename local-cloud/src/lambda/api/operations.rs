//! The table of Lambda's operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::UpdateFunctionCode;
use super::concurrency::{
    DeleteFunctionConcurrency, GetFunctionConcurrency, PutFunctionConcurrency,
};
use super::configuration::{GetFunctionConfiguration, UpdateFunctionConfiguration};
use super::functions::{
    CreateFunction, DeleteFunction, GetAccountSettings, GetFunction, ListFunctions,
};
use super::invoke::Invoke;
use super::mappings::{
    CreateEventSourceMapping, DeleteEventSourceMapping, GetEventSourceMapping,
    ListEventSourceMappings, UpdateEventSourceMapping,
};
use super::parameters::check_qualifier;
use super::service::LambdaService;
use super::tags::{ListTags, TagResource, UntagResource};
use crate::error::AwsError;
use crate::lambda::DESCRIPTOR;
use crate::lambda::engine::Registry;
use crate::protocol::http::Request;
use crate::service::rest_json::{Row, read, row};
use crate::service::{Call, Descriptor, Service};

/// Every operation with its method and path, as the Lambda API's model has them.
pub(super) const OPERATIONS: &[Row<LambdaService>] = &[
    row::<_, CreateFunction>("POST", "2015-03-31/functions"),
    row::<_, ListFunctions>("GET", "2015-03-31/functions"),
    row::<_, GetFunction>("GET", "2015-03-31/functions/{}"),
    row::<_, DeleteFunction>("DELETE", "2015-03-31/functions/{}"),
    row::<_, GetFunctionConfiguration>("GET", "2015-03-31/functions/{}/configuration"),
    row::<_, UpdateFunctionConfiguration>("PUT", "2015-03-31/functions/{}/configuration"),
    row::<_, UpdateFunctionCode>("PUT", "2015-03-31/functions/{}/code"),
    row::<_, Invoke>("POST", "2015-03-31/functions/{}/invocations"),
    row::<_, PutFunctionConcurrency>("PUT", "2017-10-31/functions/{}/concurrency"),
    row::<_, GetFunctionConcurrency>("GET", "2019-09-30/functions/{}/concurrency"),
    row::<_, DeleteFunctionConcurrency>("DELETE", "2017-10-31/functions/{}/concurrency"),
    row::<_, GetAccountSettings>("GET", "2016-08-19/account-settings"),
    row::<_, ListTags>("GET", "2017-03-31/tags/{}"),
    row::<_, TagResource>("POST", "2017-03-31/tags/{}"),
    row::<_, UntagResource>("DELETE", "2017-03-31/tags/{}"),
    row::<_, CreateEventSourceMapping>("POST", "2015-03-31/event-source-mappings"),
    row::<_, ListEventSourceMappings>("GET", "2015-03-31/event-source-mappings"),
    row::<_, GetEventSourceMapping>("GET", "2015-03-31/event-source-mappings/{}"),
    row::<_, UpdateEventSourceMapping>("PUT", "2015-03-31/event-source-mappings/{}"),
    row::<_, DeleteEventSourceMapping>("DELETE", "2015-03-31/event-source-mappings/{}"),
];

impl Service for LambdaService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        let call = read(OPERATIONS, &self, request)?;
        check_qualifier(&request.query)?;
        Ok(call)
    }

    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let tags = |registry: &Registry| registry.tags(arn).cloned();
        self.functions.read(tags).unwrap_or_default()
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}
