//! Method and path to operation, as the Lambda API's model has them.

use crate::error::AwsError;
use crate::protocol::rest_json::segments;

/// What a request asks for, with the function's name, the mapping's id or the resource's ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateFunction,
    ListFunctions,
    GetFunction(String),
    DeleteFunction(String),
    GetConfiguration(String),
    UpdateConfiguration(String),
    UpdateCode(String),
    Invoke(String),
    PutConcurrency(String),
    GetConcurrency(String),
    DeleteConcurrency(String),
    GetAccountSettings,
    ListTags(String),
    TagResource(String),
    UntagResource(String),
    CreateMapping,
    ListMappings,
    GetMapping(String),
    UpdateMapping(String),
    DeleteMapping(String),
}

impl Operation {
    /// The action that policies know it by.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::CreateFunction => "CreateFunction",
            Self::ListFunctions => "ListFunctions",
            Self::GetFunction(_) => "GetFunction",
            Self::DeleteFunction(_) => "DeleteFunction",
            Self::GetConfiguration(_) => "GetFunctionConfiguration",
            Self::UpdateConfiguration(_) => "UpdateFunctionConfiguration",
            Self::UpdateCode(_) => "UpdateFunctionCode",
            Self::Invoke(_) => "InvokeFunction",
            Self::PutConcurrency(_) => "PutFunctionConcurrency",
            Self::GetConcurrency(_) => "GetFunctionConcurrency",
            Self::DeleteConcurrency(_) => "DeleteFunctionConcurrency",
            Self::GetAccountSettings => "GetAccountSettings",
            Self::ListTags(_) => "ListTags",
            Self::TagResource(_) => "TagResource",
            Self::UntagResource(_) => "UntagResource",
            Self::CreateMapping => "CreateEventSourceMapping",
            Self::ListMappings => "ListEventSourceMappings",
            Self::GetMapping(_) => "GetEventSourceMapping",
            Self::UpdateMapping(_) => "UpdateEventSourceMapping",
            Self::DeleteMapping(_) => "DeleteEventSourceMapping",
        }
    }
}

/// The operation of a method and a path as sent.
///
/// # Errors
/// `UnknownOperationException` naming both.
pub(crate) fn route(method: &str, path: &str) -> Result<Operation, AwsError> {
    use Operation as Op;
    let segments = segments(path)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let named = |make: fn(String) -> Op, name: &str| Ok(make(name.to_owned()));
    match (method, segments.as_slice()) {
        ("POST", ["2015-03-31", "functions"]) => Ok(Op::CreateFunction),
        ("GET", ["2015-03-31", "functions"]) => Ok(Op::ListFunctions),
        ("GET", ["2015-03-31", "functions", name]) => named(Op::GetFunction, name),
        ("DELETE", ["2015-03-31", "functions", name]) => named(Op::DeleteFunction, name),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => {
            named(Op::GetConfiguration, name)
        }
        ("PUT", ["2015-03-31", "functions", name, "configuration"]) => {
            named(Op::UpdateConfiguration, name)
        }
        ("PUT", ["2015-03-31", "functions", name, "code"]) => named(Op::UpdateCode, name),
        ("POST", ["2015-03-31", "functions", name, "invocations"]) => named(Op::Invoke, name),
        ("PUT", ["2017-10-31", "functions", name, "concurrency"]) => {
            named(Op::PutConcurrency, name)
        }
        ("GET", ["2019-09-30", "functions", name, "concurrency"]) => {
            named(Op::GetConcurrency, name)
        }
        ("DELETE", ["2017-10-31", "functions", name, "concurrency"]) => {
            named(Op::DeleteConcurrency, name)
        }
        ("GET", ["2016-08-19", "account-settings"]) => Ok(Op::GetAccountSettings),
        ("GET", ["2017-03-31", "tags", arn]) => named(Op::ListTags, arn),
        ("POST", ["2017-03-31", "tags", arn]) => named(Op::TagResource, arn),
        ("DELETE", ["2017-03-31", "tags", arn]) => named(Op::UntagResource, arn),
        ("POST", ["2015-03-31", "event-source-mappings"]) => Ok(Op::CreateMapping),
        ("GET", ["2015-03-31", "event-source-mappings"]) => Ok(Op::ListMappings),
        ("GET", ["2015-03-31", "event-source-mappings", uuid]) => named(Op::GetMapping, uuid),
        ("PUT", ["2015-03-31", "event-source-mappings", uuid]) => named(Op::UpdateMapping, uuid),
        ("DELETE", ["2015-03-31", "event-source-mappings", uuid]) => named(Op::DeleteMapping, uuid),
        _ => {
            let message =
                format!("The operation {method} {path} is not there in this local cloud.");
            Err(AwsError::new("UnknownOperationException", 404, message))
        }
    }
}
