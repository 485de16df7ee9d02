use super::Pattern;

fn matches(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).matches(text)
}

#[test]
fn wildcards_match_as_aws_says() {
    assert!(matches("*", ""));
    assert!(matches("sqs:*Message*", "sqs:SendMessageBatch"));
    assert!(matches("a?c", "abc"));
    assert!(!matches("a?c", "ac"));
    assert!(!matches("sqs:Send", "sqs:SendMessage"));
    assert!(matches("*a*b*c", "xxaxbxbxc"));
    assert!(!matches("*a*b*c", "xxaxbxbxcd"));
    assert!(
        matches("caf?", "café") && matches("*?é", "èé"),
        "a character may have several bytes"
    );
    assert!(!matches("caf??", "café") && !matches("*??", "é"));
}

#[test]
fn arns_match_part_by_part() {
    let queue = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
    let fits = |pattern: &str| Pattern::new(pattern).matches_arn(queue);
    assert!(fits("*") && fits(queue) && fits("arn:aws:sqs:*:*:orders-*"));
    assert!(fits("arn:aws:sqs:*"), "missing parts match any");
    assert!(
        !fits("arn:aws:sqs:us-east-1:*-queue"),
        "`*` does not span a colon"
    );
    assert!(
        !fits("arn:aws:sqs:us-east-1"),
        "without a final `*` every part is needed"
    );
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:log-stream:s";
    let pattern = Pattern::new("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*");
    assert!(pattern.matches_arn(group), "the resource may have colons");
}

#[test]
fn values_of_variables_are_literal() {
    let value = |name: &str| match name {
        "aws:userid" => Ok(Some("a*b".to_owned())),
        "aws:unknown" => Err("cannot be told"),
        _ => Ok(None),
    };
    let pattern = |text| Pattern::with_variables(text, value);
    let filled = pattern("x/${aws:userid}/*").unwrap().unwrap();
    assert!(filled.matches("x/a*b/y") && !filled.matches("x/aZb/y"));
    assert_eq!(pattern("${aws:username}"), Ok(None));
    assert_eq!(pattern("${aws:unknown}"), Err("cannot be told"));
    let default = pattern("${aws:username, 'nobody'}").unwrap().unwrap();
    assert!(default.matches("nobody"));
    let literal = pattern("${*}${?}${$}").unwrap().unwrap();
    assert!(literal.matches("*?$") && !literal.matches("ab$"));
}

#[test]
fn long_patterns_match_across_words() {
    let long = "é?".repeat(100);
    let text = "éx".repeat(100);
    assert!(matches(&long, &text) && !matches(&long, &format!("{text}x")));
    assert!(matches(&format!("*{long}*"), &format!("xé{text}éx")));
    assert!(!matches(&format!("*{long}a"), &text));
}

#[test]
fn hostile_patterns_do_not_match_by_going_back() {
    // One that goes back after a mismatch takes the product of the lengths for each of these.
    let text = "a".repeat(2048);
    for hostile in [
        "*a".repeat(2000) + "b",
        "*a?".repeat(600) + "b",
        "*".repeat(4000) + "b",
    ] {
        let pattern = Pattern::new(&hostile);
        assert!((0..20).all(|_| !pattern.matches(&text)));
    }
}
