//! IAM. Its resources know no region.

use crate::iam::engine::Entity;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::permissions::Place;
use crate::protocol::query::Params;

/// The required_permissions that a request needs of a caller who may be a user; `arn_of` knows the paths of
/// roles and users.
pub(crate) fn required_permissions(
    place: &Place,
    params: &Params,
    caller: Option<&str>,
    arn_of: impl Fn(Entity<'_>) -> Option<String>,
) -> Vec<RequiredPermission> {
    let operation = params.text("Action").unwrap_or_default();
    let right = |action: &str, arn: String| RequiredPermission::new(format!("iam:{action}"), arn);
    let arn = |resource: &str| format!("arn:aws:iam::{}:{resource}", place.account);
    let path = params.text("Path").unwrap_or("/");
    let user = || {
        // Some operations are about the caller where they name nobody.
        let own = operation == "GetUser" || operation.contains("AccessKey");
        let name = params.text("UserName").or(caller.filter(|_| own))?;
        let known = arn_of(Entity::User(name));
        Some(known.unwrap_or_else(|| arn(&format!("user{path}{name}"))))
    };
    let role = || {
        let name = params.text("RoleName")?;
        let known = arn_of(Entity::Role(name));
        Some(known.unwrap_or_else(|| arn(&format!("role{path}{name}"))))
    };
    let resource = match operation {
        "ListRoles" => Some(arn("role/")),
        "ListUsers" => Some(arn("user/")),
        "GetPolicy" | "GetPolicyVersion" => params.text("PolicyArn").map(str::to_owned),
        // By the operation alone: a request may hold a role's name that it is not about.
        _ if operation.contains("User") || operation.contains("AccessKey") => user(),
        _ if operation.contains("Role") => role(),
        _ => None,
    };
    let resource = resource.unwrap_or_else(|| "*".to_owned());
    let mut first = right(operation, resource.clone());
    if let Some(policy) = params.text("PolicyArn") {
        first = first.when("iam:PolicyARN", policy);
    }
    let mut required_permissions = vec![first];
    match operation {
        "CreateRole" if !params.tags("Tags").is_empty() => {
            required_permissions.push(right("TagRole", resource))
        }
        "CreateUser" if !params.tags("Tags").is_empty() => {
            required_permissions.push(right("TagUser", resource))
        }
        // Who renames must hold the right on the name that it becomes, too.
        "UpdateUser" => {
            let (before, old) = resource.rsplit_once('/').unwrap_or(("*", "*"));
            let name = params.text("NewUserName").unwrap_or(old);
            let renamed = match params.text("NewPath") {
                Some(path) => arn(&format!("user{path}{name}")),
                None => format!("{before}/{name}"),
            };
            required_permissions.push(right(operation, renamed));
        }
        _ => {}
    }
    required_permissions
}
