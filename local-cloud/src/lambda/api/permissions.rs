//! The permissions that requests to Lambda require. A request whose function or mapping cannot be told
//! is refused.

use std::collections::BTreeMap;

use super::service::LambdaService;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::lambda::engine::Registry;
use crate::service::Required;

/// The condition key that holds a mapping's function.
const FUNCTION_ARN: &str = "lambda:FunctionArn";

/// The permission for an operation on the resource with this ARN.
pub(super) fn on_arn(operation: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("lambda:{operation}"), arn)
}

/// The permission for an operation on no resource in particular.
pub(super) fn on_anything(operation: &str) -> Required {
    Ok(vec![on_arn(operation, "*")])
}

/// The permission for an operation on the function that is named in any of the ways that Lambda
/// accepts.
pub(super) fn on_function(service: &LambdaService, operation: &str, name: &str) -> Required {
    Ok(vec![on_arn(operation, function_arn(service, name)?)])
}

/// The permission for an operation on a mapping. Policies may restrict it to mappings of certain
/// functions.
pub(super) fn on_mapping(
    service: &LambdaService,
    operation: &str,
    uuid: &str,
) -> RequiredPermission {
    let of_mapping = |registry: &Registry| Some(registry.mapping(uuid).ok()?.function_arn.clone());
    let function_arn = service.functions.read(of_mapping);
    on_arn(operation, mapping_arn(service, uuid)).when_given(FUNCTION_ARN, function_arn)
}

/// The permission for an operation that gives this mapping another function.
pub(super) fn on_mapping_to(
    service: &LambdaService,
    operation: &str,
    (uuid, function): (&str, &str),
) -> Result<RequiredPermission, AwsError> {
    let arn = function_arn(service, function)?;
    Ok(on_arn(operation, mapping_arn(service, uuid)).when(FUNCTION_ARN, arn))
}

/// The permission for an operation that creates a mapping of this function.
pub(super) fn on_new_mapping(
    service: &LambdaService,
    operation: &str,
    function: &str,
) -> Result<RequiredPermission, AwsError> {
    Ok(on_arn(operation, "*").when(FUNCTION_ARN, function_arn(service, function)?))
}

/// The permission for an operation on the tags of a function or a mapping.
pub(super) fn on_tags(
    service: &LambdaService,
    operation: &str,
    arn: &str,
) -> Result<RequiredPermission, AwsError> {
    let tagged = |registry: &Registry| registry.tagged_arn(arn);
    Ok(on_arn(operation, service.functions.read(tagged)?))
}

/// The same permission of a request that sets these tags.
pub(super) fn with_tags(
    permission: RequiredPermission,
    tags: &BTreeMap<String, String>,
) -> RequiredPermission {
    permission.with_tags(tags.iter().map(|(key, value)| (&**key, &**value)))
}

/// The permission to give a function this role.
pub(super) fn pass_role(role: Option<&str>) -> Option<RequiredPermission> {
    let role = role.filter(|role| !role.is_empty())?;
    let permission = RequiredPermission::new("iam:PassRole", role);
    Some(permission.when("iam:PassedToService", "lambda.amazonaws.com"))
}

/// The ARN of the function that is given by its name, a part of its ARN or all of it.
///
/// # Errors
/// For what is not the name of a function of this account and region.
pub(super) fn function_arn(service: &LambdaService, function: &str) -> Result<String, AwsError> {
    service.functions.read(|registry| {
        let name = registry.name_of(function)?;
        Ok(registry.function_arn(name))
    })
}

/// The ARN of the mapping with this UUID.
pub(super) fn mapping_arn(service: &LambdaService, uuid: &str) -> String {
    service
        .functions
        .read(|registry| registry.mapping_arn(uuid))
}
