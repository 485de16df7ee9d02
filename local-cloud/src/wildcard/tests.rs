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
    let value = |name: &str| (name == "aws:userid").then(|| "a*b".to_owned());
    let pattern = |text| Pattern::with_variables(text, value);
    let filled = pattern("x/${aws:userid}/*").expect("it has a value");
    assert!(filled.matches("x/a*b/y") && !filled.matches("x/aZb/y"));
    assert!(pattern("${aws:username}").is_none());
    let default = pattern("${aws:username, 'nobody'}").expect("it has a default");
    assert!(default.matches("nobody"));
    let literal = pattern("${*}${?}${$}").expect("they are single characters");
    assert!(literal.matches("*?$") && !literal.matches("ab$"));
}
