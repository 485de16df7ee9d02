use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn set(change: &str, body: &str) -> String {
    Change::set(change)
        .and_then(|change| change.apply(body))
        .unwrap_or_else(|error| error.to_string())
}

fn unset(path: &str, body: &str) -> String {
    Change::unset(path)
        .and_then(|change| change.apply(body))
        .unwrap_or_else(|error| error.to_string())
}

#[test]
fn a_value_is_replaced_and_nothing_else() {
    let body = r#"{ "n": 1e5, "price":"err",  "big": 123456789012345678901234567890 }"#;
    let repaired = body.replace("\"err\"", "125.0");
    assert_eq!(set("body.price=125.0", body), repaired);
    assert_eq!(set("body[\"price\"]=125.0", body), repaired);
    assert_eq!(
        set("body.a[1].b=true", r#"{"a":[{},{"b":0}]}"#),
        r#"{"a":[{},{"b":true}]}"#
    );
    assert_eq!(set("body={}", "anything"), "{}");
}

#[test]
fn what_is_not_json_is_a_string() {
    assert_eq!(set("body.a=zTV", "{}"), r#"{"a":"zTV"}"#);
    assert_eq!(set("body.a=007", "{}"), r#"{"a":"007"}"#);
    assert_eq!(set("body.a=\"7\"", "{}"), r#"{"a":"7"}"#);
    assert_eq!(set("body.a=b=c", "{}"), r#"{"a":"b=c"}"#);
    assert_eq!(set("body.a=", "{}"), r#"{"a":""}"#);
}

#[test]
fn a_missing_member_is_added() {
    assert_eq!(set("body.b=2", r#"{"a":1}"#), r#"{"a":1,"b":2}"#);
    assert_eq!(set("body.b.c=2", "{ }\n"), "{ \"b\":{\"c\":2}}\n");
    assert_eq!(set(r#"body["x=y.z"]=2"#, "{}"), r#"{"x=y.z":2}"#);
}

#[test]
fn a_member_is_removed_with_its_comma() {
    let body = r#"{"a":1, "b":[1, 2, 3],"c":3}"#;
    assert_eq!(unset("body.a", body), r#"{ "b":[1, 2, 3],"c":3}"#);
    assert_eq!(unset("body.b", body), r#"{"a":1,"c":3}"#);
    assert_eq!(unset("body.c", body), r#"{"a":1, "b":[1, 2, 3]}"#);
    assert_eq!(unset("body.b[0]", body), r#"{"a":1, "b":[ 2, 3],"c":3}"#);
    assert_eq!(unset("body.b[2]", body), r#"{"a":1, "b":[1, 2],"c":3}"#);
    assert_eq!(unset("body.a", r#"{ "a":1 }"#), "{ }");
    assert_eq!(unset("body.x", body), body);
    assert_eq!(unset("body.b[9]", body), body);
}

#[test]
fn what_cannot_be_changed_is_named() {
    assert_eq!(set("body.a=1", "not JSON"), "body is not an object");
    assert_eq!(set("body.a.b=1", r#"{"a":[]}"#), "body.a is not an object");
    assert_eq!(set("body.a[0]=1", r#"{"a":{}}"#), "body.a is not an array");
    assert_eq!(
        set("body.a[2]=1", r#"{"a":[1]}"#),
        "body.a has no element 2"
    );
    assert_eq!(unset("body.a[x]", "{}"), path_error("body.a[x]"));
    assert_eq!(unset("body", "{}"), path_error("body"));
    assert_eq!(unset("price", "{}"), path_error("price"));
    assert_eq!(set("body.a", "{}"), "\"body.a\" is not PATH=VALUE");
    assert_eq!(set("price=1", "{}"), path_error("price"));
    assert_eq!(set("body..a=1", "{}"), path_error("body..a"));
}

fn path_error(path: &str) -> String {
    EditError::Path(path.to_owned()).to_string()
}

/// JSON values with few names, so that paths often lead somewhere.
fn values() -> impl Strategy<Value = Value> {
    let leaves = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[a-c,\"{}\\[\\] =.é]{0,4}".prop_map(Value::from),
    ];
    leaves.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab,\"=.]{0,2}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

fn paths() -> impl Strategy<Value = BodyPath> {
    let step = prop_oneof![
        "[ab,\"=.]{0,2}".prop_map(Step::Member),
        (0..3usize).prop_map(Step::Element),
    ];
    prop::collection::vec(step, 1..4).prop_map(BodyPath)
}

/// The same change by values instead of text.
fn by_value(value: &mut Value, steps: &[Step], new: Option<&Value>) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return new.map(|new| *value = new.clone()).is_some();
    };
    match (step, value) {
        (Step::Member(name), Value::Object(map)) => {
            if rest.is_empty() && new.is_none() {
                map.remove(name);
                return true;
            }
            match map.get_mut(name) {
                Some(inner) => by_value(inner, rest, new),
                None if new.is_none() => true,
                None => {
                    let mut inner = Value::Object(serde_json::Map::new());
                    let made = by_value(&mut inner, rest, new);
                    map.insert(name.clone(), inner);
                    made
                }
            }
        }
        (Step::Element(index), Value::Array(array)) => {
            if *index >= array.len() {
                return new.is_none();
            }
            if rest.is_empty() && new.is_none() {
                array.remove(*index);
                return true;
            }
            by_value(&mut array[*index], rest, new)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn a_path_is_read_as_it_is_shown(path in paths()) {
        prop_assert_eq!(path.to_string().parse::<BodyPath>(), Ok(path.clone()));
        let change = Change::Set { path, value: "[1]".to_owned() };
        prop_assert_eq!(Change::set(&change.to_string()), Ok(change));
    }

    #[test]
    fn text_changes_as_values_do(
        body in values(),
        path in paths(),
        new in prop::option::of(values()),
        pretty in any::<bool>(),
    ) {
        let change = match &new {
            Some(new) => Change::Set { path: path.clone(), value: new.to_string() },
            None => Change::Unset(path.clone()),
        };
        let text = if pretty {
            serde_json::to_string_pretty(&body).expect("JSON")
        } else {
            body.to_string()
        };
        let mut expected = body.clone();
        let possible = by_value(&mut expected, &path.0, new.as_ref());
        match change.apply(&text) {
            Ok(edited) => {
                prop_assert!(possible, "{} of {}", change, text);
                let edited: Value = serde_json::from_str(&edited).expect("JSON");
                prop_assert_eq!(edited, expected);
            }
            Err(_) => prop_assert!(!possible, "{} of {}", change, text),
        }
    }
}
