//! Lambda. Giving a function a role needs the right to pass on that role.

use serde_json::Value;

use crate::error::AwsError;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::api::{Operation, route};
use crate::permissions::{Place, has, json, text};
use crate::protocol::http::Request;

/// The condition key by which a mapping's function is known.
const FUNCTION: &str = "lambda:FunctionArn";

/// The required_permissions that a request needs.
pub(crate) fn required_permissions(
    place: &Place,
    request: &Request,
    function_of: impl Fn(&str) -> Option<String>,
) -> Result<Vec<RequiredPermission>, AwsError> {
    use Operation as Op;
    // What is no operation is answered as that.
    let Ok(operation) = route(&request.method, &request.path) else {
        return Ok(Vec::new());
    };
    let right =
        |action: &str, arn: String| RequiredPermission::new(format!("lambda:{action}"), arn);
    let action = operation.action();
    Ok(match operation {
        Op::CreateFunction => {
            let body = json(request)?;
            let arn = function(place, text(&body, "FunctionName").unwrap_or("*"));
            let mut required_permissions = vec![right(action, arn.clone())];
            required_permissions.extend(has(&body, "Tags").then(|| right("TagResource", arn)));
            required_permissions.extend(pass_role(&body));
            required_permissions
        }
        Op::UpdateConfiguration(name) => {
            let mut required_permissions = vec![right(action, function(place, &name))];
            required_permissions.extend(pass_role(&json(request)?));
            required_permissions
        }
        Op::CreateMapping => {
            let body = json(request)?;
            let of = function(place, text(&body, "FunctionName").unwrap_or("*"));
            let mut required_permissions = vec![right(action, "*".to_owned()).when(FUNCTION, of)];
            let mappings = || place.arn("lambda", "event-source-mapping:*");
            required_permissions
                .extend(has(&body, "Tags").then(|| right("TagResource", mappings())));
            required_permissions
        }
        Op::GetMapping(uuid) | Op::UpdateMapping(uuid) | Op::DeleteMapping(uuid) => {
            let arn = place.arn("lambda", &format!("event-source-mapping:{uuid}"));
            let right = right(action, arn);
            vec![match function_of(&uuid) {
                Some(of) => right.when(FUNCTION, of),
                None => right,
            }]
        }
        Op::GetFunction(name)
        | Op::DeleteFunction(name)
        | Op::GetConfiguration(name)
        | Op::UpdateCode(name)
        | Op::Invoke(name)
        | Op::PutConcurrency(name)
        | Op::GetConcurrency(name)
        | Op::DeleteConcurrency(name) => vec![right(action, function(place, &name))],
        Op::ListTags(arn) | Op::TagResource(arn) | Op::UntagResource(arn) => {
            let of_mapping = arn.contains(":event-source-mapping:");
            vec![right(
                action,
                if of_mapping {
                    arn
                } else {
                    function(place, &arn)
                },
            )]
        }
        Op::ListFunctions | Op::ListMappings | Op::GetAccountSettings => {
            vec![right(action, "*".to_owned())]
        }
    })
}

fn pass_role(body: &Value) -> Option<RequiredPermission> {
    let pass = RequiredPermission::new("iam:PassRole", text(body, "Role")?);
    Some(pass.when("iam:PassedToService", "lambda.amazonaws.com"))
}

/// A function may be named by its name, a part of its ARN or all of it.
pub(crate) fn function(place: &Place, name: &str) -> String {
    let mut parts = name.split(':');
    let named = match parts.clone().position(|part| part == "function") {
        Some(before) => parts.nth(before + 1),
        None => parts.next(),
    };
    let name = named.unwrap_or(name);
    place.arn("lambda", &format!("function:{name}"))
}
