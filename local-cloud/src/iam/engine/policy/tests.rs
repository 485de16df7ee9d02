use proptest::prelude::*;

use super::*;

fn message(result: Result<Policy, AwsError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
    error.message
}

fn statement(fields: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{fields}}}}}"#)
}

#[test]
fn a_policy_keeps_its_text() {
    let text =
        statement(r#""Sid":"A","Action":["sqs:SendMessage"],"NotResource":"arn:aws:sqs:*"  "#);
    let policy = Policy::identity(&text).unwrap();
    assert_eq!(policy.text(), text);
    let [parsed] = policy.document().statements.as_slice() else {
        panic!("one statement")
    };
    assert!(policy.document().has_variables);
    assert!(parsed.resources.as_ref().unwrap().is_negated);
    assert_eq!(parsed.actions.as_ref().unwrap().items, ["sqs:SendMessage"]);
}

#[test]
fn malformed_policies_are_refused_with_aws_texts() {
    let identity = |fields: &str| message(Policy::identity(&statement(fields)));
    assert_eq!(
        message(Policy::identity("{")),
        "This policy contains invalid Json"
    );
    assert_eq!(message(Policy::identity("{}")), "Syntax errors in policy.");
    assert_eq!(
        identity(r#""Action":"sqs:*","Resource":"*","Effekt":1"#),
        "Syntax errors in policy."
    );
    assert_eq!(
        identity(r#""Action":"a:b","NotAction":"a:c","Resource":"*""#),
        "Syntax errors in policy."
    );
    assert_eq!(
        identity(r#""Resource":"*""#),
        "Policy statement must contain actions."
    );
    assert_eq!(
        identity(r#""Action":"sqs:*""#),
        "Policy statement must contain resources."
    );
    assert!(identity(r#""Action":"sqs","Resource":"*""#).starts_with("Actions/Conditions must be"));
    assert!(
        identity(r#""Action":"sqs:*","Resource":"q""#).starts_with("Resource q must be in ARN")
    );
    let principal = r#""Principal":"*","Action":"sts:AssumeRole""#;
    assert!(identity(&format!(r#"{principal},"Resource":"*""#)).contains("principal"));
    let trust = |fields: &str| message(Policy::trust(&statement(fields)));
    assert_eq!(
        trust(&format!(r#"{principal},"Resource":"*""#)),
        "Has prohibited field Resource"
    );
    assert_eq!(
        trust(r#""Action":"sts:AssumeRole""#),
        "Missing required field Principal"
    );
    assert!(
        trust(r#""Principal":{"Service":"nobody"},"Action":"sts:AssumeRole""#)
            .starts_with("Invalid principal in policy: \"SERVICE\"")
    );
}

proptest! {
    #[test]
    fn the_parser_never_panics(text in any::<String>()) {
        let _ = Document::parse(&text);
    }

    #[test]
    fn the_parser_never_panics_on_elements(name in "Statement|Version|Id|X", inner in "\\{?\"?(Principal|Condition|Action|Effect)\"?:?[\\[\\{\"]?[a-z:]*[\\]\\}\"]?\\}?") {
        let _ = Document::parse(&format!("{{\"{name}\":{inner}}}"));
    }
}
