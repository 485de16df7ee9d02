use serde_json::json;

use super::*;

fn place() -> Place {
    Place {
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
    }
}

fn shown(required_permissions: &[RequiredPermission]) -> Vec<String> {
    let show = |right: &RequiredPermission| format!("{} {}", right.action, right.resource);
    required_permissions.iter().map(show).collect()
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in [r#"["http://h/000000000000/q"]"#, r#"{"a":"\ud800"}"#, "{"] {
        let refused = protocol::json::read::<Value>(body.as_bytes()).unwrap_err();
        assert_eq!(refused.code, "SerializationException", "{body}");
    }
    let empty = protocol::json::read::<Value>(b"").unwrap();
    assert_eq!(empty, json!({}));
}

#[test]
fn a_function_is_the_same_however_it_is_named() {
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:myfunction";
    for name in [
        "myfunction",
        "myfunction:$LATEST",
        "function:myfunction",
        "000000000000:function:myfunction:$LATEST",
        arn,
    ] {
        assert_eq!(lambda::permissions::function(&place(), name), arn, "{name}");
    }
}

#[test]
fn a_role_is_known_by_its_path() {
    let known = |entity: Entity<'_>| {
        (entity == Entity::Role("r")).then(|| "arn:aws:iam::000000000000:role/x/r".to_owned())
    };
    let params = Params::parse(b"Action=PutRolePolicy&RoleName=r").expect("a form");
    let required_permissions =
        iam::permissions::required_permissions(&place(), &params, None, known);
    assert_eq!(
        shown(&required_permissions),
        ["iam:PutRolePolicy arn:aws:iam::000000000000:role/x/r"]
    );
    let params = Params::parse(
        b"Action=CreateRole&RoleName=n&Path=/y/&Tags.member.1.Key=a&Tags.member.1.Value=b",
    );
    let required_permissions =
        iam::permissions::required_permissions(&place(), &params.expect("a form"), None, known);
    let arn = "arn:aws:iam::000000000000:role/y/n";
    assert_eq!(
        shown(&required_permissions),
        [
            format!("iam:CreateRole {arn}"),
            format!("iam:TagRole {arn}")
        ]
    );
}

#[test]
fn an_operation_that_names_no_user_may_be_about_the_caller() {
    let required_permissions = |form: &str| {
        let params = Params::parse(form.as_bytes()).expect("a form");
        shown(&iam::permissions::required_permissions(
            &place(),
            &params,
            Some("ann"),
            |_| None,
        ))
    };
    let ann = "arn:aws:iam::000000000000:user/ann";
    assert_eq!(
        required_permissions("Action=GetUser"),
        [format!("iam:GetUser {ann}")]
    );
    assert_eq!(
        required_permissions("Action=ListAccessKeys"),
        [format!("iam:ListAccessKeys {ann}")]
    );
    assert_eq!(
        required_permissions("Action=DeleteUser"),
        ["iam:DeleteUser *"]
    );
    let alias = required_permissions("Action=CreateAccountAlias&AccountAlias=a&RoleName=mine");
    assert_eq!(alias, ["iam:CreateAccountAlias *"]);
    let hidden = required_permissions("Action=DeleteUser&UserName=ann&RoleName=mine");
    assert_eq!(hidden, [format!("iam:DeleteUser {ann}")]);
    let bob = "arn:aws:iam::000000000000:user/bob";
    assert_eq!(
        required_permissions("Action=UpdateUser&UserName=ann&NewUserName=bob"),
        [
            format!("iam:UpdateUser {ann}"),
            format!("iam:UpdateUser {bob}")
        ]
    );
}
