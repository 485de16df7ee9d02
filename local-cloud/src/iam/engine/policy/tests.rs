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
    for action in ["s3:PutObject", "sts:BecomeSomeone", "*"] {
        assert_eq!(
            trust(&format!(r#""Principal":"*","Action":"{action}""#)),
            "AssumeRole policy may only specify STS AssumeRole actions."
        );
    }
}

#[test]
fn conditions_that_cannot_be_evaluated_are_refused() {
    let put = |condition: &str| {
        let fields = format!(r#""Action":"*","Resource":"*","Condition":{condition}"#);
        Policy::identity(&statement(&fields)).map_err(|error| error.message)
    };
    let refused = "This local cloud does not supply the condition key aws:SourceArn, so it refuses \
                   policies that depend on it.";
    let unsupplied = put(r#"{"ArnEquals":{"aws:SourceArn":"*"}}"#);
    assert_eq!(unsupplied.unwrap_err(), refused);
    let in_variable = put(r#"{"StringEquals":{"aws:username":"${aws:SourceArn}"}}"#);
    assert_eq!(in_variable.unwrap_err(), refused);
    let trust = r#""Principal":"*","Action":"sts:*","Condition":{"Null":{"sts:Other":"true"}}"#;
    assert!(Policy::trust(&statement(trust)).is_err());
    for unreadable in [
        r#"{"DateLessThan":{"aws:CurrentTime":"soon"}}"#,
        r#"{"NumericEquals":{"aws:EpochTime":"ten"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/x"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"yes"}}"#,
    ] {
        assert_eq!(put(unreadable).unwrap_err(), "Syntax errors in policy.");
    }
    for fine in [
        r#"{"DateLessThan":{"aws:TokenIssueTime":"2026-11-27"}}"#,
        r#"{"StringEquals":{"s3:prefix":"x","aws:PrincipalTag/${aws:username}":"x"}}"#,
        r#"{"Bool":{"aws:SecureTransport":[false,"true"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","::1"]}}"#,
    ] {
        put(fine).unwrap();
    }
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
