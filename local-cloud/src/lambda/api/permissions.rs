//! The permissions that requests to Lambda require. If a request names no function, the permission
//! is required on all functions.

use super::service::LambdaService;
use crate::iam::RequiredPermission;

/// The condition key that holds a mapping's function.
const FUNCTION_ARN: &str = "lambda:FunctionArn";

/// The permission for an operation on the resource with this ARN.
pub(super) fn on_arn(operation: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("lambda:{operation}"), arn)
}

/// The permission for an operation on no resource in particular.
pub(super) fn on_anything(operation: &str) -> Vec<RequiredPermission> {
    vec![on_arn(operation, "*")]
}

/// The permission for an operation on the function that is named in any of the ways that Lambda
/// accepts.
pub(super) fn on_function(
    service: &LambdaService,
    operation: &str,
    name: &str,
) -> Vec<RequiredPermission> {
    vec![on_arn(operation, function_arn(service, name))]
}

/// The permission for an operation on a mapping. Policies may restrict it to mappings of certain
/// functions.
pub(super) fn on_mapping(
    service: &LambdaService,
    operation: &str,
    uuid: &str,
) -> Vec<RequiredPermission> {
    let permission = on_arn(operation, mapping_arn(service, uuid));
    let function_arn = service
        .functions
        .read(|registry| Some(registry.mapping(uuid).ok()?.function_arn.clone()));
    vec![match function_arn {
        Some(function_arn) => permission.when(FUNCTION_ARN, function_arn),
        None => permission,
    }]
}

/// The permission for an operation that creates a mapping of this function.
pub(super) fn on_new_mapping(
    service: &LambdaService,
    operation: &str,
    function: &str,
) -> RequiredPermission {
    on_arn(operation, "*").when(FUNCTION_ARN, function_arn(service, function))
}

/// The permission for an operation on the tags of a function or a mapping.
pub(super) fn on_tags(
    service: &LambdaService,
    operation: &str,
    arn: &str,
) -> Vec<RequiredPermission> {
    if arn.contains(":event-source-mapping:") {
        vec![on_arn(operation, arn)]
    } else {
        on_function(service, operation, arn)
    }
}

/// The permission to give a function this role.
pub(super) fn pass_role(role: Option<&str>) -> Option<RequiredPermission> {
    let role = role.filter(|role| !role.is_empty())?;
    let permission = RequiredPermission::new("iam:PassRole", role);
    Some(permission.when("iam:PassedToService", "lambda.amazonaws.com"))
}

/// The ARN of the function that is given by its name, a part of its ARN or all of it.
pub(super) fn function_arn(service: &LambdaService, function: &str) -> String {
    let mut parts = function.split(':');
    let named = match parts.clone().position(|part| part == "function") {
        Some(before) => parts.nth(before + 1),
        None => parts.next(),
    };
    let name = named.filter(|name| !name.is_empty()).unwrap_or("*");
    service.location.arn("lambda", &format!("function:{name}"))
}

/// The ARN of the mapping with this UUID.
pub(super) fn mapping_arn(service: &LambdaService, uuid: &str) -> String {
    let resource = format!("event-source-mapping:{uuid}");
    service.location.arn("lambda", &resource)
}
