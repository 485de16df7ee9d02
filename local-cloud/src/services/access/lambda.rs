//! Lambda. Giving a function a role needs the right to pass on that role.

use serde_json::Value;

use super::{Place, has, json, text};
use crate::engines::iam::evaluate::Right;
use crate::protocol::http::Request;
use crate::services::lambda::{Operation, route};

/// The rights that a request needs.
pub(super) fn rights(
    place: &Place,
    request: &Request,
    function_of: impl Fn(&str) -> Option<String>,
) -> Vec<Right> {
    use Operation as Op;
    // What is no operation is answered as that.
    let Ok(operation) = route(&request.method, &request.path) else {
        return Vec::new();
    };
    let right = |action: &str, arn: String| Right::new(format!("lambda:{action}"), arn);
    let on = |action: &str, name: &str| vec![right(action, function(place, name))];
    let of_mapping = |action: &str, uuid: &str| {
        let arn = place.arn("lambda", &format!("event-source-mapping:{uuid}"));
        let right = right(action, arn);
        vec![match function_of(uuid) {
            Some(function) => right.when("lambda:FunctionArn", function),
            None => right,
        }]
    };
    let everywhere = |action: &str| vec![right(action, "*".to_owned())];
    match operation {
        Op::CreateFunction => {
            let body = json(request);
            let name = text(&body, "FunctionName").unwrap_or("*");
            let mut rights = on("CreateFunction", name);
            if has(&body, "Tags") {
                rights.extend(on("TagResource", name));
            }
            rights.extend(pass_role(&body));
            rights
        }
        Op::UpdateConfiguration(name) => {
            let mut rights = on("UpdateFunctionConfiguration", &name);
            rights.extend(pass_role(&json(request)));
            rights
        }
        Op::ListFunctions => everywhere("ListFunctions"),
        Op::GetFunction(name) => on("GetFunction", &name),
        Op::DeleteFunction(name) => on("DeleteFunction", &name),
        Op::GetConfiguration(name) => on("GetFunctionConfiguration", &name),
        Op::UpdateCode(name) => on("UpdateFunctionCode", &name),
        Op::Invoke(name) => on("InvokeFunction", &name),
        Op::PutConcurrency(name) => on("PutFunctionConcurrency", &name),
        Op::GetConcurrency(name) => on("GetFunctionConcurrency", &name),
        Op::DeleteConcurrency(name) => on("DeleteFunctionConcurrency", &name),
        Op::GetAccountSettings => everywhere("GetAccountSettings"),
        Op::ListTags(arn) => vec![right("ListTags", arn)],
        Op::TagResource(arn) => vec![right("TagResource", arn)],
        Op::UntagResource(arn) => vec![right("UntagResource", arn)],
        Op::CreateMapping => {
            let body = json(request);
            let name = text(&body, "FunctionName").unwrap_or("*");
            let create = right("CreateEventSourceMapping", "*".to_owned());
            let mut rights = vec![create.when("lambda:FunctionArn", function(place, name))];
            if has(&body, "Tags") {
                let mappings = place.arn("lambda", "event-source-mapping:*");
                rights.push(right("TagResource", mappings));
            }
            rights
        }
        Op::ListMappings => everywhere("ListEventSourceMappings"),
        Op::GetMapping(uuid) => of_mapping("GetEventSourceMapping", &uuid),
        Op::UpdateMapping(uuid) => of_mapping("UpdateEventSourceMapping", &uuid),
        Op::DeleteMapping(uuid) => of_mapping("DeleteEventSourceMapping", &uuid),
    }
}

fn pass_role(body: &Value) -> Option<Right> {
    let pass = Right::new("iam:PassRole", text(body, "Role")?);
    Some(pass.when("iam:PassedToService", "lambda.amazonaws.com"))
}

/// A function may be named by its name, a part of its ARN or all of it.
fn function(place: &Place, name: &str) -> String {
    let name = name.rsplit_once("function:").map_or(name, |(_, name)| name);
    let (name, _qualifier) = name.split_once(':').unwrap_or((name, ""));
    place.arn("lambda", &format!("function:{name}"))
}
