use aws_smithy_types::body::SdkBody;
use serde_json::json;

use super::*;

fn call(service: &str, operation: &str, uri: &str, body: &str) -> Call {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_uri(uri).expect("a URI");
    Call::read(service, operation, &request)
}

#[test]
fn json_bodies_have_the_parameters() {
    let body = r#"{"QueueUrl":"http://127.0.0.1:1/0/orders-queue","Tags":{"a":"b"}}"#;
    let call = call("SQS", "TagQueue", "/", body);
    assert_eq!(call.parameters["Tags"], json!({"a": "b"}));
    assert_eq!((call.subject(), call.is_read()), ("orders-queue", false));
}

#[test]
fn forms_have_nested_parameters() {
    let body = "Action=CreateRole&Version=2010-05-08&RoleName=r&Document=%7B%22a%22%3A1%7D\
                &Tags.member.1.Key=k&Tags.member.1.Value=a+b&Tags.member.2.Key=l&Tags.member.2.Value=";
    let call = call("IAM", "CreateRole", "/", body);
    let expected = json!({
        "RoleName": "r",
        "Document": "{\"a\":1}",
        "Tags": [{"Key": "k", "Value": "a b"}, {"Key": "l", "Value": ""}],
    });
    assert_eq!(Value::Object(call.parameters), expected);
}

#[test]
fn lambda_has_parameters_in_the_path_too() {
    let update = call(
        "Lambda",
        "UpdateFunctionConfiguration",
        "http://127.0.0.1:1/2015-03-31/functions/f/configuration",
        r#"{"Timeout":5}"#,
    );
    let expected = json!({"FunctionName": "f", "Timeout": 5});
    assert_eq!(Value::Object(update.parameters), expected);
    let list = call(
        "Lambda",
        "ListEventSourceMappings",
        "/2015-03-31/event-source-mappings?EventSourceArn=arn%3Aaws%3Asqs%3Ar%3A0%3Aq",
        "",
    );
    assert_eq!((list.subject(), list.is_read()), ("q", true));
    let tags = call(
        "Lambda",
        "TagResource",
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Ar%3A0%3Afunction%3Af",
        r#"{"Tags":{}}"#,
    );
    assert_eq!(tags.subject(), "function:f");
}

#[test]
fn code_is_taken_out() {
    let body = r#"{"FunctionName":"f","Code":{"ZipFile":"UEs="}}"#;
    let mut create = call("Lambda", "CreateFunction", "/2015-03-31/functions", body);
    assert_eq!(create.take_zip().as_deref(), Some(&b"PK"[..]));
    assert!(!create.parameters.contains_key("Code"));
    assert_eq!(create.take_zip(), None);
}
