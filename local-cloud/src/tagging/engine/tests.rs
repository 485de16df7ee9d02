use proptest::prelude::*;

use super::*;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn tagged(arn: &str, tags: &[(&str, &str)]) -> Tagged {
    let tags = tags.iter();
    Tagged {
        arn: arn.to_owned(),
        tags: tags
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

fn by_tags(filters: &[(&str, &[&str])]) -> Selection {
    let filter = |(key, values): &(&str, &[&str])| {
        let values = values.iter().map(|value| (*value).to_owned());
        ((*key).to_owned(), values.collect())
    };
    Selection {
        tags: filters.iter().map(filter).collect(),
        ..Selection::default()
    }
}

#[test]
fn all_filters_and_one_value_of_each_must_match() {
    let queue = tagged(QUEUE, &[("lab", "a"), ("version", "1")]);
    assert!(by_tags(&[]).matches(&queue));
    assert!(by_tags(&[("lab", &[])]).matches(&queue));
    assert!(by_tags(&[("lab", &["b", "a"]), ("version", &["1"])]).matches(&queue));
    assert!(!by_tags(&[("lab", &["a"]), ("version", &["2"])]).matches(&queue));
    assert!(!by_tags(&[("LAB", &[])]).matches(&queue), "case counts");
}

#[test]
fn types_are_services_or_named_in_the_arn() {
    let of = |kind: &str, arn| {
        let selection = Selection {
            types: vec![kind.to_owned()],
            ..Selection::default()
        };
        selection.check().is_ok() && selection.matches(&tagged(arn, &[("a", "b")]))
    };
    assert!(of("sqs", QUEUE) && of("dynamodb:table", TABLE) && of("dynamodb", TABLE));
    assert!(of("lambda:function", FUNCTION));
    assert!(!of("lambda:event-source-mapping", FUNCTION));
    assert!(!of("sqs", TABLE) && !of("lambda:func", FUNCTION));
    assert!(!of("sqs:", QUEUE) && !of("", QUEUE) && !of("a b", QUEUE));
}

#[test]
fn arns_exclude_other_filters() {
    let mut selection = by_tags(&[("lab", &[])]);
    selection.arns.insert(QUEUE.to_owned());
    let refused = selection.check().unwrap_err();
    assert_eq!(refused.code, "InvalidParameterException");
    selection.tags.clear();
    selection.check().unwrap();
    assert!(selection.matches(&tagged(QUEUE, &[])));
    assert!(!selection.matches(&tagged(TABLE, &[])));
}

#[test]
fn invalid_sizes_and_tokens_are_refused() {
    for (size, token) in [(Some(0), ""), (Some(101), ""), (None, "x"), (None, "ff")] {
        assert!(page(vec![1], ToString::to_string, size, token).is_err());
    }
}

proptest! {
    #[test]
    fn pages_hold_everything_once(
        names in prop::collection::btree_set("[a-z]{1,4}", 0..40),
        size in 1_u32..12,
    ) {
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let all: Vec<String> = names.iter().rev().cloned().collect();
            let (page, next) = page(all, String::clone, Some(size.into()), &token).unwrap();
            prop_assert!(page.len() <= size as usize);
            seen.extend(page);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        prop_assert_eq!(seen, names.into_iter().collect::<Vec<_>>());
    }
}
