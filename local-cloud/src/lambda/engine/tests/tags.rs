//! Tags, and the reports of their changes.

use std::collections::BTreeMap;

use super::{at, function, new, registry, text, with_function};
use crate::ids::SeededIds;
use crate::lambda::engine::{Changes, NewMapping};

type Tags = BTreeMap<String, String>;

fn tags(tags: &[(&str, &str)]) -> Tags {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    tags.iter().map(own).collect()
}

/// The reported changes of tags.
fn reported(changes: Changes) -> Vec<(String, Tags)> {
    changes.tagged
}

#[test]
fn tags_come_and_go_by_arn() {
    let (mut registry, _) = with_function();
    let arn = function(&registry).arn;
    registry.tag(&arn, tags(&[("a", "1"), ("b", "2")])).unwrap();
    registry
        .untag(&arn, &["a".to_owned(), "z".to_owned()])
        .unwrap();
    assert_eq!(
        registry.tags(&arn).unwrap().keys().collect::<Vec<_>>(),
        ["b"]
    );
    let many = (0..50)
        .map(|key| (format!("k{key}"), String::new()))
        .collect();
    assert_eq!(text(registry.tag(&arn, many)).0, 400);
    let mapping = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:nope";
    assert_eq!(text(registry.tags(mapping)).0, 404);
}

#[test]
fn changes_of_tags_are_reported() {
    let (mut registry, mut ids) = (registry(), SeededIds(1));
    let (one, two) = (tags(&[("a", "1")]), tags(&[("a", "1"), ("b", "2")]));
    let mut tagged = new("f");
    tagged.tags.clone_from(&one);
    let (function, changes) = registry.create_function(tagged, at(0), &mut ids).unwrap();
    let arn = function.arn.as_str();
    assert_eq!(reported(changes), [(arn.to_owned(), Tags::new())]);
    let (_, changes) = registry.tag(arn, tags(&[("b", "2")])).unwrap();
    assert_eq!(reported(changes), [(arn.to_owned(), one.clone())]);
    let (_, changes) = registry.tag(arn, tags(&[("b", "2")])).unwrap();
    assert_eq!(reported(changes), []);
    let (_, changes) = registry.untag(arn, &["b".to_owned()]).unwrap();
    assert_eq!(reported(changes), [(arn.to_owned(), two)]);
    let (_, changes) = registry.delete_function("f").unwrap();
    assert_eq!(reported(changes), [(arn.to_owned(), one)]);
    let (_, changes) = registry.create_function(new("f"), at(0), &mut ids).unwrap();
    assert_eq!(reported(changes), []);
}

#[test]
fn tags_of_a_mapping_are_reported_until_it_is_gone() {
    let (mut registry, mut ids) = with_function();
    let one = tags(&[("a", "1")]);
    let new = NewMapping {
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
        visibility_timeout: Some(30),
        function: "f".to_owned(),
        tags: one.clone(),
        ..NewMapping::default()
    };
    let (mapping, changes) = registry.create_mapping(new, at(1), &mut ids).unwrap();
    let arn = mapping.arn.as_str();
    assert_eq!(reported(changes), [(arn.to_owned(), Tags::new())]);
    let (_, changes) = registry.tag(arn, tags(&[("a", "2")])).unwrap();
    assert_eq!(reported(changes), [(arn.to_owned(), one)]);
    registry.settle_mappings(at(1)).unwrap();
    let (_, changes) = registry.delete_mapping(&mapping.uuid, at(2)).unwrap();
    assert_eq!(reported(changes), []);
    let (_, changes) = registry.mapping_drained(&mapping.uuid, at(2)).unwrap();
    assert_eq!(reported(changes), [(arn.to_owned(), tags(&[("a", "2")]))]);
}
