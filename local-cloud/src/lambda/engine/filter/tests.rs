//! Patterns, what matches them, and what is none.

use serde_json::{Value, json};

use super::FilterCriteria;

fn criteria(patterns: &[Value]) -> FilterCriteria {
    FilterCriteria::parse(patterns.iter().map(Value::to_string).collect()).unwrap()
}

fn record(body: &str) -> Value {
    json!({
        "messageId": "m-1",
        "body": body,
        "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": {
            "kind": { "stringValue": "order", "stringListValues": [], "dataType": "String" },
        },
        "eventSource": "aws:sqs",
    })
}

/// Whether a pattern for the body's JSON accepts it.
fn accepts(pattern: &Value, body: &Value) -> bool {
    criteria(&[json!({ "body": pattern })]).accept(record(&body.to_string()))
}

fn check(cases: Vec<(Value, Value, Value)>) {
    for (pattern, matching, other) in cases {
        assert!(accepts(&pattern, &matching), "{pattern} {matching}");
        assert!(!accepts(&pattern, &other), "{pattern} {other}");
    }
}

#[test]
fn values_match_exactly() {
    check(vec![
        (json!({"a": ["x"]}), json!({"a": "x"}), json!({"a": "X"})),
        (
            json!({"a": ["x", "y"]}),
            json!({"a": "y"}),
            json!({"a": "z"}),
        ),
        (json!({"a": [""]}), json!({"a": ""}), json!({"a": null})),
        (json!({"a": [null]}), json!({"a": null}), json!({"a": ""})),
        (
            json!({"a": [true]}),
            json!({"a": true}),
            json!({"a": "true"}),
        ),
        (
            json!({"a": [300]}),
            json!({"a": 300.0}),
            json!({"a": "300"}),
        ),
        (
            json!({"a": [{"exactly": "x"}]}),
            json!({"a": "x"}),
            json!({"a": "xx"}),
        ),
        (
            json!({"a": ["x"], "b": {"c": [1]}}),
            json!({"a": "x", "b": {"c": 1}, "d": 2}),
            json!({"a": "x", "b": {"c": 2}}),
        ),
        (
            json!({"a": [9_007_199_254_740_993_u64]}),
            json!({"a": 9_007_199_254_740_993_u64}),
            json!({"a": 9_007_199_254_740_992_u64}),
        ),
    ]);
}

#[test]
fn texts_match_by_prefix_suffix_and_wildcard() {
    check(vec![
        (
            json!({"a": [{"prefix": "ab"}]}),
            json!({"a": "abc"}),
            json!({"a": "ba"}),
        ),
        (
            json!({"a": [{"suffix": "bc"}]}),
            json!({"a": "abc"}),
            json!({"a": "bcd"}),
        ),
        (
            json!({"a": [{"prefix": {"equals-ignore-case": "AB"}}]}),
            json!({"a": "aBc"}),
            json!({"a": "ba"}),
        ),
        (
            json!({"a": [{"suffix": {"equals-ignore-case": "BC"}}]}),
            json!({"a": "abC"}),
            json!({"a": "ab"}),
        ),
        (
            json!({"a": [{"equals-ignore-case": "É"}]}),
            json!({"a": "é"}),
            json!({"a": "e"}),
        ),
        (
            json!({"a": [{"wildcard": "a*c*e"}]}),
            json!({"a": "abcce"}),
            json!({"a": "abde"}),
        ),
        (
            json!({"a": [{"wildcard": "*b*"}]}),
            json!({"a": "b"}),
            json!({"a": "a"}),
        ),
        (
            json!({"a": [{"wildcard": "ab*ba"}]}),
            json!({"a": "abba"}),
            json!({"a": "aba"}),
        ),
        (
            json!({"a": [{"wildcard": "a\\*\\\\*"}]}),
            json!({"a": "a*\\x"}),
            json!({"a": "ab\\"}),
        ),
        (
            json!({"a": [{"wildcard": "ab"}]}),
            json!({"a": "ab"}),
            json!({"a": "abc"}),
        ),
        (
            json!({"a": [{"wildcard": "*"}]}),
            json!({"a": ""}),
            json!({"a": 1}),
        ),
    ]);
}

#[test]
fn numbers_match_by_range() {
    check(vec![
        (
            json!({"a": [{"numeric": ["=", 3.018e2]}]}),
            json!({"a": 301.8}),
            json!({"a": 301}),
        ),
        (
            json!({"a": [{"numeric": [">", 100]}]}),
            json!({"a": 101}),
            json!({"a": 100}),
        ),
        (
            json!({"a": [{"numeric": [">=", 100]}]}),
            json!({"a": 100}),
            json!({"a": 99.9}),
        ),
        (
            json!({"a": [{"numeric": ["<", 0]}]}),
            json!({"a": -1}),
            json!({"a": 0}),
        ),
        (
            json!({"a": [{"numeric": ["<=", 0]}]}),
            json!({"a": 0}),
            json!({"a": "0"}),
        ),
        (
            json!({"a": [{"numeric": [">", 0, "<=", 5]}]}),
            json!({"a": 5}),
            json!({"a": 0}),
        ),
        (
            json!({"a": [{"numeric": [">=", 0, "<", 5]}]}),
            json!({"a": 0}),
            json!({"a": 5}),
        ),
    ]);
}

#[test]
fn anything_but_needs_another_value() {
    check(vec![
        (
            json!({"a": [{"anything-but": "x"}]}),
            json!({"a": "y"}),
            json!({"a": "x"}),
        ),
        (
            json!({"a": [{"anything-but": "x"}]}),
            json!({"a": null}),
            json!({}),
        ),
        (
            json!({"a": [{"anything-but": ["x", "y"]}]}),
            json!({"a": 1}),
            json!({"a": "y"}),
        ),
        (
            json!({"a": [{"anything-but": [1, 2]}]}),
            json!({"a": "1"}),
            json!({"a": 2.0}),
        ),
        (
            json!({"a": [{"anything-but": 0}]}),
            json!({"a": 1}),
            json!({"a": 0}),
        ),
        (
            json!({"a": [{"anything-but": {"prefix": "x"}}]}),
            json!({"a": "y"}),
            json!({"a": "xy"}),
        ),
        (
            json!({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}),
            json!({"a": "z"}),
            json!({"a": "zy"}),
        ),
        (
            json!({"a": [{"anything-but": {"equals-ignore-case": ["x"]}}]}),
            json!({"a": "y"}),
            json!({"a": "X"}),
        ),
        (
            json!({"a": [{"anything-but": {"wildcard": "*x*"}}]}),
            json!({"a": "y"}),
            json!({"a": "axa"}),
        ),
    ]);
}

#[test]
fn exists_tests_only_leaves() {
    check(vec![
        (
            json!({"a": [{"exists": true}]}),
            json!({"a": null}),
            json!({"b": 1}),
        ),
        (
            json!({"a": [{"exists": true}]}),
            json!({"a": [1]}),
            json!({"a": {"b": 1}}),
        ),
        (
            json!({"a": [{"exists": false}]}),
            json!({"a": {"b": 1}}),
            json!({"a": ""}),
        ),
        (
            json!({"a": {"b": [{"exists": false}]}}),
            json!({"a": 1}),
            json!({"a": {"b": 1}}),
        ),
        (
            json!({"a": ["x", {"exists": false}]}),
            json!({"a": []}),
            json!({"a": "y"}),
        ),
        (
            json!({"a": {"b": [{"exists": false}]}}),
            json!({"a": [{"c": 1}]}),
            json!({"a": [{"c": 1}, {"b": 1}]}),
        ),
    ]);
}

#[test]
fn one_element_must_pass_all_tests() {
    check(vec![
        (
            json!({"a": [1]}),
            json!({"a": [0, [1]]}),
            json!({"a": [0, 2]}),
        ),
        (
            json!({"a": {"b": [1], "c": [2]}}),
            json!({"a": [{"b": 0}, {"b": 1, "c": 2}]}),
            json!({"a": [{"b": 1, "c": 0}, {"b": 0, "c": 2}]}),
        ),
        (
            json!({"a": [{"anything-but": 1}]}),
            json!({"a": [1, 2]}),
            json!({"a": [1]}),
        ),
    ]);
}

#[test]
fn one_alternative_of_or_must_match() {
    let pattern = json!({
        "z": [1],
        "$or": [{"a": [1]}, {"b": {"$or": [{"c": [1]}, {"d": [1]}]}}],
    });
    check(vec![
        (
            pattern.clone(),
            json!({"z": 1, "a": 1}),
            json!({"z": 1, "a": 2}),
        ),
        (
            pattern.clone(),
            json!({"z": 1, "b": {"d": 1}}),
            json!({"a": 1}),
        ),
        (
            pattern,
            json!({"z": 1, "a": 2, "b": {"c": 1}}),
            json!({"z": 1, "b": {"c": 2}}),
        ),
    ]);
}

#[test]
fn body_and_pattern_must_be_of_one_kind() {
    let json = criteria(&[json!({"body": {"a": [{"exists": false}]}})]);
    let plain = criteria(&[json!({"body": [{"prefix": "Result: "}, {"exists": false}, "7"]})]);
    let neither = criteria(&[json!({"attributes": {"ApproximateReceiveCount": ["1"]}})]);
    for (body, by_json, by_plain) in [
        (r#"{"b":1}"#, true, false),
        (r#"{"a":1}"#, false, false),
        (r#"["Result: "]"#, true, false),
        ("Result: 1", false, true),
        ("7", false, true),
        ("{", false, false),
    ] {
        assert_eq!(json.accept(record(body)), by_json, "{body}");
        assert_eq!(plain.accept(record(body)), by_plain, "{body}");
        assert!(neither.accept(record(body)), "{body}");
    }
}

#[test]
fn a_record_must_match_one_of_the_filters() {
    let both = criteria(&[
        json!({"body": ["x"], "eventSource": ["aws:sqs"]}),
        json!({"messageAttributes": {"kind": {"stringValue": ["other"]}}}),
    ]);
    assert!(both.accept(record("x")));
    assert!(!both.accept(record("y")));
    assert!(FilterCriteria::default().accept(record("y")));
}

#[test]
fn invalid_patterns_are_refused() {
    let refused = [
        "",
        "simple string",
        "null",
        "[]",
        "{}",
        r#"{"eventSource":"aws:sqs"}"#,
        r#"{"eventSource":[]}"#,
        r#"{"body":{}}"#,
        r#"{"a":[[1]]}"#,
        r#"{"a":[{}]}"#,
        r#"{"a":[{"prefix":"a","suffix":"b"}]}"#,
        r#"{"a":[{"prefix":1}]}"#,
        r#"{"a":[{"prefix":{"suffix":"x"}}]}"#,
        r#"{"a":[{"equals-ignore-case":["x"]}]}"#,
        r#"{"a":[{"unknown":"x"}]}"#,
        r#"{"a":[{"exists":"true"}]}"#,
        r#"{"a":[{"wildcard":"a**b"}]}"#,
        r#"{"a":[{"wildcard":"a\\b"}]}"#,
        r#"{"a":[{"numeric":[]}]}"#,
        r#"{"a":[{"numeric":[">","1"]}]}"#,
        r#"{"a":[{"numeric":["!=",1]}]}"#,
        r#"{"a":[{"numeric":[">",5,"<",1]}]}"#,
        r#"{"a":[{"numeric":["<",5,">",1]}]}"#,
        r#"{"a":[{"anything-but":[]}]}"#,
        r#"{"a":[{"anything-but":[1,"x"]}]}"#,
        r#"{"a":[{"anything-but":null}]}"#,
        r#"{"a":[{"anything-but":{"prefix":""}}]}"#,
        r#"{"a":[{"anything-but":{"prefix":1}}]}"#,
        r#"{"a":[{"anything-but":{"exists":true}}]}"#,
        r#"{"$or":[{"a":[1]}]}"#,
        r#"{"$or":{"a":[1]}}"#,
        r#"{"$or":[{"prefix":["x"]},{"a":[1]}]}"#,
    ];
    for text in refused {
        let error = FilterCriteria::parse(vec![text.to_owned()]).unwrap_err();
        assert_eq!(error.code, "InvalidParameterValueException", "{text}");
        assert_eq!(
            error.message, "Invalid filter pattern definition.",
            "{text}"
        );
    }
}

#[test]
fn number_and_length_of_filters_are_limited() {
    let pattern = |size: usize| {
        let text = json!({"body": ["é".repeat(size - 13)]}).to_string();
        assert_eq!(text.chars().count(), size);
        text
    };
    assert!(FilterCriteria::parse(vec![pattern(4096); 5]).is_ok());
    let long = FilterCriteria::parse(vec![pattern(100), pattern(4097)]).unwrap_err();
    assert_eq!(long.code, "ValidationException");
    assert!(
        long.message
            .contains("filterCriteria.filters.2.member.pattern")
    );
    let many = FilterCriteria::parse(vec![pattern(20); 6]).unwrap_err();
    assert_eq!(many.code, "InvalidParameterValueException");
}
