use std::collections::BTreeMap;

use proptest::prelude::*;

use super::pattern::Pattern;
use super::*;
use crate::clock::{LabMs, Now, WallMs};

const DAY: u64 = 86_400_000;

fn at(wall: u64) -> Now {
    Now {
        wall: WallMs(wall),
        lab: LabMs(0),
    }
}

fn store() -> LogStore {
    LogStore::load("000000000000", "us-east-1", Loaded::default()).unwrap()
}

fn with_events(times: &[(u64, bool)]) -> (LogStore, Vec<Change>) {
    let mut store = store();
    let mut changes = Vec::new();
    for (index, (time, other)) in times.iter().enumerate() {
        let stream = if *other { "b" } else { "a" };
        let event = (WallMs(*time), index.to_string());
        let appended = store.append("g", stream, vec![event], at(1000)).unwrap();
        changes.extend(appended.changes);
    }
    (store, changes)
}

fn reload(changes: Vec<Change>) -> LogStore {
    let mut stored: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for change in changes {
        let collection = stored.entry(change.collection).or_default();
        match change.value {
            Some(value) => collection.insert(change.key, value),
            None => collection.remove(&change.key),
        };
    }
    let mut take = |name| {
        stored
            .remove(name)
            .unwrap_or_default()
            .into_iter()
            .collect()
    };
    let loaded = Loaded {
        groups: take(GROUPS),
        streams: take(STREAMS),
        events: take(EVENTS),
    };
    LogStore::load("000000000000", "us-east-1", loaded).unwrap()
}

const ALL: Window = Window {
    from: WallMs(0),
    until: WallMs(u64::MAX),
};

fn messages(events: &[(Position, Event)]) -> Vec<usize> {
    let parse = |(_, event): &(Position, Event)| event.message.parse().unwrap();
    events.iter().map(parse).collect()
}

/// The messages of all pages of a filter.
fn filtered(store: &LogStore, limit: usize) -> Vec<usize> {
    let pattern = Pattern::default();
    let mut filter = Filter {
        streams: None,
        stream_prefix: "",
        pattern: &pattern,
        window: ALL,
        from: Position::at(WallMs(0)),
        limit,
    };
    let mut seen = Vec::new();
    loop {
        let (events, next) = store.filter_events("g", &filter, at(1000)).unwrap();
        seen.extend(messages(&events));
        let Some(next) = next else { return seen };
        filter.from = next;
    }
}

/// The messages of all pages of a stream, read one way or the other.
fn read_all(store: &LogStore, mut direction: Direction, limit: usize) -> Vec<usize> {
    let mut seen = Vec::new();
    loop {
        let page = store
            .get_events("g", "a", ALL, direction, limit, at(1000))
            .unwrap();
        if page.events.is_empty() {
            return seen;
        }
        match &mut direction {
            Direction::Forward(from) => {
                seen.extend(messages(&page.events));
                *from = page.end;
            }
            Direction::Backward(until) => {
                seen.splice(0..0, messages(&page.events));
                *until = page.start;
            }
        }
    }
}

proptest! {
    #[test]
    fn pages_hold_every_event_once_ordered_by_time(
        times in proptest::collection::vec((0_u64..20, any::<bool>()), 1..40),
        limit in 1_usize..7,
    ) {
        let (store, changes) = with_events(&times);
        let mut expected: Vec<usize> = (0..times.len()).collect();
        expected.sort_by_key(|index| times[*index].0);
        prop_assert_eq!(filtered(&store, limit), expected.clone());
        prop_assert_eq!(filtered(&reload(changes), limit), expected.clone());
        expected.retain(|index| !times[*index].1);
        if !expected.is_empty() {
            let forward = Direction::Forward(Position::at(WallMs(0)));
            let backward = Direction::Backward(Position::at(WallMs(u64::MAX)));
            prop_assert_eq!(read_all(&store, forward, limit), expected.clone());
            prop_assert_eq!(read_all(&store, backward, limit), expected);
        }
    }
}

#[test]
fn groups_keep_only_their_newest_events() {
    let mut store = store();
    let text = "x".repeat(1 << 20);
    let mut changes = Vec::new();
    for time in 0..70 {
        let event = vec![(WallMs(time), text.clone())];
        changes.extend(store.append("g", "a", event, at(1000)).unwrap().changes);
    }
    let group = store.group("g").unwrap();
    assert!(group.bytes <= GROUP_BYTES);
    let kept = group.streams["a"].positions.len();
    assert_eq!(
        (kept, group.streams["a"].span().unwrap().1),
        (63, WallMs(69))
    );
    let again = reload(changes);
    assert_eq!(again.group("g").unwrap().bytes, group.bytes);
}

#[test]
fn retention_removes_old_events() {
    let (mut store, mut changes) = with_events(&[(0, false), (3 * DAY, false)]);
    let set = store.set_retention("g", Some(1), at(3 * DAY + 1)).unwrap();
    changes.extend(set.changes);
    assert_eq!(reload(changes).group("g").unwrap().events.len(), 1);
    assert!(store.set_retention("g", Some(2), at(0)).is_err());
}

#[test]
fn deletion_leaves_nothing_stored() {
    let (mut store, mut changes) = with_events(&[(1, false), (2, true)]);
    changes.extend(store.delete_stream("g", "a").unwrap().changes);
    assert_eq!(filtered(&store, 9), [1]);
    changes.extend(store.delete_group("g").unwrap().changes);
    let again = reload(changes);
    assert_eq!(again.groups().count(), 0);
    let error = again.group("g").unwrap_err();
    assert_eq!(error.message, "The specified log group does not exist.");
    let twice = store
        .create_group("n", &BTreeMap::new(), at(0))
        .and_then(|_| store.create_group("n", &BTreeMap::new(), at(0)));
    assert_eq!(twice.unwrap_err().code, "ResourceAlreadyExistsException");
}

#[test]
fn batches_are_validated() {
    let (mut store, _) = with_events(&[(1, false)]);
    let now = at(30 * DAY);
    let mut put = |times: &[u64]| {
        let events = times.iter().map(|time| (WallMs(*time), "x".to_owned()));
        store
            .put_events("g", "a", events.collect(), now)
            .map(|applied| applied.reply)
    };
    assert!(put(&[]).is_err());
    assert!(put(&[2, 1]).is_err());
    assert!(put(&[28 * DAY, 30 * DAY]).is_err());
    assert_eq!(put(&[30 * DAY]).unwrap(), Rejected::default());
    assert_eq!(put(&[DAY]).unwrap().too_old_end, Some(1));
    let ahead = put(&[30 * DAY, 30 * DAY + 7_200_001]).unwrap();
    assert_eq!(ahead.too_new_start, Some(1));
}
