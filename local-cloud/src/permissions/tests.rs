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
    );
}
