use super::*;

fn holds(operator: &str, key: &str, values: &[&str], context: &RequestContext) -> bool {
    let condition = Condition {
        operator: Operator::parse(operator).expect("an operator"),
        key: key.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    condition.holds(context, true) == Truth::Yes
}

fn context() -> RequestContext {
    RequestContext::new(vec![
        ("aws:PrincipalAccount", "000000000000".to_owned()),
        ("aws:SourceIp", "127.0.0.1".to_owned()),
        ("aws:CurrentTime", "2026-11-23T10:00:00Z".to_owned()),
        ("aws:SecureTransport", "false".to_owned()),
        ("aws:TagKeys", "one".to_owned()),
        ("aws:TagKeys", "two".to_owned()),
        ("x:Size", "10".to_owned()),
    ])
}

#[test]
fn operators_compare_as_their_names_say() {
    let context = context();
    let holds = |operator, key, values: &[&str]| holds(operator, key, values, &context);
    assert!(holds(
        "StringEquals",
        "aws:principalaccount",
        &["1", "000000000000"]
    ));
    assert!(!holds(
        "StringNotEquals",
        "aws:PrincipalAccount",
        &["000000000000"]
    ));
    assert!(holds("StringLike", "aws:PrincipalAccount", &["0000*"]));
    assert!(!holds("StringEquals", "aws:PrincipalAccount", &["0000*"]));
    assert!(holds(
        "StringEquals",
        "aws:PrincipalAccount",
        &["${aws:PrincipalAccount}"]
    ));
    assert!(holds("NumericLessThan", "x:Size", &["11"]));
    assert!(!holds("NumericGreaterThanEquals", "x:Size", &["11"]));
    assert!(!holds("NumericEquals", "x:Size", &["ten"]));
    assert!(holds(
        "DateGreaterThan",
        "aws:CurrentTime",
        &["2026-01-01T00:00:00Z"]
    ));
    assert!(holds("DateLessThan", "aws:CurrentTime", &["4000000000"]));
    assert!(holds(
        "IpAddress",
        "aws:SourceIp",
        &["10.0.0.0/8", "127.0.0.0/8"]
    ));
    assert!(holds("NotIpAddress", "aws:SourceIp", &["::1/128"]));
    assert!(holds("Bool", "aws:SecureTransport", &["false"]));
    assert!(holds("Null", "aws:username", &["true"]));
    assert!(holds("Null", "x:Size", &["false"]));
}

#[test]
fn missing_keys_match_negated_and_if_exists() {
    let context = context();
    let holds = |operator, values: &[&str]| holds(operator, "aws:username", values, &context);
    assert!(!holds("StringEquals", &["a"]));
    assert!(holds("StringNotEquals", &["a"]));
    assert!(holds("StringEqualsIfExists", &["a"]));
    assert!(holds("ForAllValues:StringEquals", &["a"]));
    assert!(!holds("ForAnyValue:StringEquals", &["a"]));
}

#[test]
fn set_operators_compare_value_by_value() {
    let context = context();
    let holds = |operator, values: &[&str]| holds(operator, "aws:TagKeys", values, &context);
    assert!(holds("ForAllValues:StringEquals", &["one", "two", "three"]));
    assert!(!holds("ForAllValues:StringEquals", &["one"]));
    assert!(holds("ForAnyValue:StringLike", &["tw*"]));
}

#[test]
fn unknown_operators_are_not_parsed() {
    for name in [
        "",
        "Equals",
        "StringEqual",
        "ForSome:StringEquals",
        "NullIfExists",
    ] {
        assert_eq!(Operator::parse(name), None, "{name}");
    }
}

#[test]
fn conditions_on_what_cannot_be_told_are_unknown() {
    let context = context().with("x:Vague", crate::service::ContextValue::Unknown);
    let condition = |operator: &str, key: &str, value: &str| Condition {
        operator: Operator::parse(operator).unwrap(),
        key: key.to_owned(),
        values: vec![value.to_owned()],
    };
    for (operator, key, value) in [
        ("StringEquals", "x:Vague", "a"),
        ("StringNotEqualsIfExists", "x:Vague", "a"),
        ("ForAllValues:StringEquals", "x:Vague", "a"),
        ("Null", "x:Vague", "true"),
        // A key that AWS may have and that this cloud does not know.
        ("StringNotEquals", "aws:SomethingNew", "a"),
        // AWS does not say which of several values counts.
        ("StringEquals", "aws:TagKeys", "one"),
        ("StringNotEquals", "aws:PrincipalAccount", "${aws:username}"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:TagKeys}"),
        ("NumericNotEquals", "x:Size", "ten"),
        ("NotIpAddress", "aws:SourceIp", "here"),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(
            condition.holds(&context, true),
            Truth::Unknown,
            "{operator} {key}"
        );
    }
    let unset = condition("StringEquals", "aws:PrincipalAccount", "${aws:username}");
    assert_eq!(unset.holds(&context, true), Truth::No);
}

#[test]
fn case_is_ignored_in_variables_too() {
    let context = RequestContext::default()
        .when("aws:username", "Ann")
        .when("aws:PrincipalTag/owner", "ANN");
    let equals = Condition {
        operator: Operator::parse("StringEqualsIgnoreCase").unwrap(),
        key: "aws:PrincipalTag/Owner".to_owned(),
        values: vec!["${aws:UserName}".to_owned()],
    };
    assert_eq!(equals.holds(&context, true), Truth::Yes);
    assert_eq!(equals.holds(&context, false), Truth::No);
}
