//! Properties of the engines' readers, for the fuzz targets.

use std::path::Component;

use serde_json::{Value, json};

use crate::clock::{LabMs, Now, WallMs};
use crate::faults::ChaosProfile;
use crate::iam::engine::sessions::Sessions;
use crate::iam::engine::{self as iam, Iam};
use crate::ids::SeededIds;
use crate::lambda::engine as lambda;
use crate::lambda::engine::package::{self as zip, UnpackError};
use crate::lambda::engine::{BatchResult, FilterCriteria, Registry};
use crate::logs::engine as logs;
use crate::logs::engine::LogStore;
use crate::logs::engine::pattern::Pattern as LogPattern;
use crate::storage::Entry;

/// The moment of all fuzzing.
pub(crate) const NOW: Now = Now {
    wall: WallMs(1_700_000_000_000),
    lab: LabMs(1_000_000),
};

/// The account and region of all fuzzing.
pub(crate) const PLACE: (&str, &str) = ("000000000000", "us-east-1");

/// The first line and what follows it.
pub(crate) fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (line, rest) = data.split_at(end.unwrap_or(data.len()));
    (line, rest.get(1..).unwrap_or_default())
}

/// The same for a text; `None` where it is none.
pub(crate) fn first_text_line(data: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(data).ok()?;
    Some(text.split_once('\n').unwrap_or((text, "")))
}

/// A Logs filter pattern, then a message: a pattern that is one plain word fits the messages
/// that contain it.
pub fn log_pattern(data: &[u8]) {
    let Some((pattern, message)) = first_text_line(data) else {
        return;
    };
    let Ok(parsed) = LogPattern::parse(pattern) else {
        return;
    };
    let fits = parsed.matches(message);
    if !pattern.is_empty() && pattern.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        assert_eq!(fits, message.contains(pattern));
    }
}

/// A deployment package: what is unpacked stays inside and within the limit, and the check says
/// what unpacking would.
pub fn package(data: &[u8]) {
    const LIMIT: u64 = 64 << 10;
    let mut sum = 0;
    let mut items = 0;
    let unpacked = zip::unpack_within(data, LIMIT, |item, content| {
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        assert!(item.path.components().all(inside), "{:?}", item.path);
        items += 1;
        sum += std::io::copy(content, &mut std::io::sink())?;
        Ok(())
    });
    assert!(
        sum <= LIMIT + 1,
        "one byte more than may come tells that it is too much"
    );
    match unpacked {
        Ok(()) => assert!(sum <= LIMIT && items <= data.len()),
        Err(UnpackError::Refused(error)) => assert!(error.status < 500),
        Err(UnpackError::Io(problem)) => panic!("a log_stream takes everything: {problem}"),
    }
}

/// What a function answers for a batch: only messages of the batch are kept.
pub fn partial_batch(data: &[u8]) {
    const IDS: [&str; 3] = ["a", "b", "059f36b4-87a3-44ab-83d2-661975830a7d"];
    let valid = serde_json::from_slice::<Value>(data).is_ok() || data.is_empty();
    match lambda::partial_batch(true, Ok(data), &IDS) {
        BatchResult::SomeFailed(ids) => {
            assert!(valid && !ids.is_empty());
            assert!(ids.iter().all(|id| IDS.contains(&id.as_str())));
        }
        BatchResult::AllSucceeded => assert!(valid),
        BatchResult::AllFailed => {}
    }
    let whole = lambda::partial_batch(false, Ok(data), &IDS);
    assert_eq!(whole, BatchResult::AllSucceeded);
}

/// A mapping's filter, then a message's body: twice the filter is the same, one that lets nothing
/// through adds nothing, and what is stored reads as the same.
pub fn filter(data: &[u8]) {
    const NOTHING: &str = r#"{"messageId":["another"]}"#;
    let Some((pattern, body)) = first_text_line(data) else {
        return;
    };
    let criteria = |more: &[&str]| {
        let patterns = std::iter::once(&pattern).chain(more);
        FilterCriteria::parse(patterns.map(|one| (*one).to_owned()).collect())
    };
    let Ok(alone) = criteria(&[]) else {
        return;
    };
    let record = json!({
        "messageId": "m-1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {"a": {"stringValue": "x", "dataType": "String"}},
        "awsRegion": PLACE.1,
    });
    let accepted = alone.accept(record.clone());
    for more in [pattern, NOTHING] {
        let more = criteria(&[more]).expect("both are patterns");
        assert_eq!(more.accept(record.clone()), accepted);
    }
    let stored = serde_json::to_string(&alone).expect("texts have a JSON form");
    let read = serde_json::from_str::<FilterCriteria>(&stored);
    assert!(read.is_ok_and(|read| read == alone));
}

/// An action, then settings of the chaos on a line each: one that is refused changes nothing,
/// and the chaos can be stored and drawn from.
pub fn chaos(data: &[u8]) {
    let Some((action, settings)) = first_text_line(data) else {
        return;
    };
    let mut chaos = ChaosProfile::named("aws", 1).expect("a preset");
    for setting in settings.lines().take(8) {
        let before = chaos.clone();
        if chaos.set(setting).is_err() {
            assert_eq!(chaos, before);
        }
    }
    let stored = serde_json::to_string(&chaos).expect("it has a JSON form");
    let read = serde_json::from_str::<ChaosProfile>(&stored);
    assert!(read.is_ok_and(|read| read == chaos));
    chaos.draw_fault(action, &mut SeededIds(1));
    if let Ok(chaos) = serde_json::from_slice::<ChaosProfile>(data) {
        chaos.draw_fault("sqs:SendMessage", &mut SeededIds(1));
    }
}

/// What a damaged file may hold of roles and users, sessions, functions and logs: a first byte says of
/// which, then come keys and values.
pub fn stored_state(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let mut entries = entries(rest).into_iter();
    let mut some = |count| -> Vec<Entry> { entries.by_ref().take(count).collect() };
    // What is wrong is said; nothing is to panic.
    match kind {
        b'R' => {
            let loaded = iam::Loaded {
                roles: some(2),
                users: some(2),
                account: some(1),
                policies: some(1),
            };
            drop(Iam::load(PLACE.0, loaded));
        }
        b'S' => drop(Sessions::load(some(4))),
        b'L' => {
            let loaded = lambda::Loaded {
                functions: some(1),
                mappings: some(1),
                invocations: some(2),
            };
            drop(Registry::load(PLACE, loaded));
        }
        b'E' => {
            let loaded = logs::Loaded {
                groups: some(1),
                streams: some(1),
                events: some(3),
            };
            if let Ok(mut store) = LogStore::load(PLACE.0, PLACE.1, loaded) {
                let made = store.create_group("new", &Default::default(), NOW);
                drop(made);
            }
        }
        _ => {}
    }
}

/// Keys and values, each behind its length: a byte for a key, two for a value.
pub(crate) fn entries(data: &[u8]) -> Vec<Entry> {
    let mut rest = data;
    let mut take = |length: usize| {
        let (taken, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(taken.to_vec())
    };
    let mut entries = Vec::new();
    while let Some([key]) = take(1).as_deref() {
        let Some(key) = take(usize::from(*key)) else {
            break;
        };
        let Some([high, low]) = take(2).as_deref().map(|length| [length[0], length[1]]) else {
            break;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(value) = take(length) else { break };
        entries.push((key, value));
    }
    entries
}
