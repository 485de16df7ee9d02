use super::*;

const NOW: LabMs = LabMs(0);
const ARRIVAL: LabMs = LabMs(1000);

fn tagged(arn: &str, value: &str) -> Tagged {
    Tagged {
        arn: arn.to_owned(),
        tags: [("lab".to_owned(), value.to_owned())].into(),
    }
}

/// What is told of all that is there, by somebody who is behind, and by somebody who is not.
fn told(index: &Index, all: &[Tagged], now: LabMs) -> [Vec<Tagged>; 2] {
    [true, false].map(|behind| index.told(all.to_vec(), now, || behind))
}

#[test]
fn what_is_new_is_not_listed_for_a_moment() {
    let (old, new) = (tagged("old", "a"), tagged("new", "a"));
    let (before, after) = (vec![old.clone()], vec![old, new]);
    let mut index = Index::default();
    index.note(before.clone(), after.clone(), ARRIVAL, NOW);
    assert_eq!(told(&index, &after, NOW), [before, after.clone()]);
    assert_eq!(told(&index, &after, ARRIVAL), [after.clone(), after]);
}

#[test]
fn what_is_deleted_is_listed_for_a_moment() {
    let before = vec![tagged("old", "a")];
    let mut index = Index::default();
    index.note(before.clone(), Vec::new(), ARRIVAL, NOW);
    assert_eq!(told(&index, &[], NOW), [before, Vec::new()]);
    assert_eq!(told(&index, &[], ARRIVAL), [Vec::new(), Vec::new()]);
}

#[test]
fn changed_tags_are_told_as_they_were_first() {
    let [a, b, c] = ["a", "b", "c"].map(|value| vec![tagged("one", value)]);
    let mut index = Index::default();
    index.note(a.clone(), b.clone(), ARRIVAL, NOW);
    index.note(b, c.clone(), LabMs(1500), LabMs(500));
    assert_eq!(told(&index, &c, LabMs(1499)), [a, c.clone()]);
    assert_eq!(told(&index, &c, LabMs(1500)), [c.clone(), c]);
}
