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
fn what_cannot_be_made_out_is_anything() {
    let nothing = json!({});
    for operation in [
        "PutItem",
        "BatchWriteItem",
        "TransactWriteItems",
        "BatchExecuteStatement",
    ] {
        let required_permissions =
            dynamodb::permissions::required_permissions(&place(), operation, &nothing);
        assert_eq!(
            shown(&required_permissions),
            [format!("dynamodb:{operation} *")]
        );
    }
}

#[test]
fn each_table_and_statement_has_its_right() {
    let insert = json!({"Statement": "INSERT INTO \"orders\" VALUE {'id': ?}"});
    let body = json!({"Statements": [insert, {"Statement": "SELECT * FROM other"}]});
    let required_permissions =
        dynamodb::permissions::required_permissions(&place(), "BatchExecuteStatement", &body);
    assert_eq!(
        shown(&required_permissions),
        [
            "dynamodb:PartiQLInsert arn:aws:dynamodb:us-east-1:000000000000:table/orders",
            "dynamodb:PartiQLSelect arn:aws:dynamodb:us-east-1:000000000000:table/other",
        ]
    );
    let hidden = json!({"Statement": "INSERT INTO \"orders\" VALUE {'id': ?} -- why"});
    let required_permissions =
        dynamodb::permissions::required_permissions(&place(), "ExecuteStatement", &hidden);
    let any = dynamodb::partiql::ACTIONS.map(|action| format!("dynamodb:{action} *"));
    assert_eq!(
        shown(&required_permissions),
        any,
        "what is not made out may be anything"
    );
    let check = json!({"TransactItems": [{"ConditionCheck": {"TableName": "orders"}}]});
    let required_permissions =
        dynamodb::permissions::required_permissions(&place(), "TransactWriteItems", &check);
    assert_eq!(
        shown(&required_permissions),
        ["dynamodb:ConditionCheckItem arn:aws:dynamodb:us-east-1:000000000000:table/orders"]
    );
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
fn an_item_of_a_transaction_has_a_right_for_each_of_its_members() {
    let get = json!({"Get": {"TableName": "orders"}});
    let put = json!({"ConditionCheck": null, "Put": {"TableName": "other"}});
    let body = json!({"TransactItems": [get, put]});
    let required_permissions =
        dynamodb::permissions::required_permissions(&place(), "TransactWriteItems", &body);
    assert_eq!(
        shown(&required_permissions),
        [
            "dynamodb:GetItem arn:aws:dynamodb:us-east-1:000000000000:table/orders",
            "dynamodb:PutItem arn:aws:dynamodb:us-east-1:000000000000:table/other",
        ]
    );
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
fn writing_logs_is_asked_for_on_the_stream() {
    let body = json!({"logGroupName": "/aws/lambda/f", "logStreamName": "s"});
    let required_permissions =
        logs::permissions::required_permissions(&place(), "PutLogEvents", &body);
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:log-stream:s";
    assert_eq!(
        shown(&required_permissions),
        [format!("logs:PutLogEvents {arn}")]
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
