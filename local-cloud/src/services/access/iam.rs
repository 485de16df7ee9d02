//! IAM. Its resources know no region.

use super::Place;
use crate::engines::iam::evaluate::Right;
use crate::protocol::query::Params;

/// The rights that a request needs; `role_arn` knows a role's path.
pub(super) fn rights(
    place: &Place,
    params: &Params,
    role_arn: impl Fn(&str) -> Option<String>,
) -> Vec<Right> {
    let operation = params.text("Action").unwrap_or_default();
    let right = |action: &str, arn: String| Right::new(format!("iam:{action}"), arn);
    let arn = |resource: &str| format!("arn:aws:iam::{}:{resource}", place.account);
    match operation {
        "ListRoles" => vec![right(operation, arn("role/"))],
        "GetPolicy" | "GetPolicyVersion" => {
            let policy = params.text("PolicyArn").unwrap_or("*");
            vec![right(operation, policy.to_owned())]
        }
        _ => {
            let Some(name) = params.text("RoleName") else {
                return vec![right(operation, "*".to_owned())];
            };
            let path = params.text("Path").unwrap_or("/");
            let role = role_arn(name).unwrap_or_else(|| arn(&format!("role{path}{name}")));
            let mut first = right(operation, role.clone());
            if let Some(policy) = params.text("PolicyArn") {
                first = first.when("iam:PolicyARN", policy);
            }
            let mut rights = vec![first];
            if operation == "CreateRole" && !params.tags("Tags").is_empty() {
                rights.push(right("TagRole", role));
            }
            rights
        }
    }
}
