//! The stored form of groups, streams and events.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::events::{Event, Position};
use super::{Group, LogStore, Stream};
use crate::clock::WallMs;
use crate::storage::{Change, Collection, Entry, next_after};

/// Groups, by their ids.
pub const GROUPS: Collection = "logs_group";
/// Streams, by the id of their group and their own.
pub const STREAMS: Collection = "logs_stream";
/// Events, by the ids of their group and stream and their sequence number.
pub const EVENTS: Collection = "logs_event";

/// The stored entries.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The entries of [`GROUPS`].
    pub groups: Vec<Entry>,
    /// The entries of [`STREAMS`].
    pub streams: Vec<Entry>,
    /// The entries of [`EVENTS`].
    pub events: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct StoredGroup {
    name: String,
    created: WallMs,
    retention_days: Option<u32>,
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct StoredStream {
    name: String,
    created: WallMs,
}

impl LogStore {
    /// Restores the groups from stored entries.
    ///
    /// # Errors
    /// Says what is wrong with an entry that cannot be read.
    pub fn load(account: &str, region: &str, loaded: Loaded) -> Result<Self, String> {
        let mut store = Self {
            arn_prefix: format!("arn:aws:logs:{region}:{account}:log-group:"),
            groups: BTreeMap::new(),
            next_id: 1,
            next_sequence: 1,
        };
        let mut by_id = BTreeMap::new();
        for (key, value) in loaded.groups {
            let [id] = ids(&key)?;
            let stored: StoredGroup = parse(&value)?;
            let mut group = Group::new(id, stored.name, stored.created);
            group.retention_days = stored.retention_days;
            group.tags = stored.tags;
            store.next_id = store.next_id.max(next_after(id)?);
            by_id.insert(id, group);
        }
        let mut names = BTreeMap::new();
        for (key, value) in loaded.streams {
            let [group, id] = ids(&key)?;
            let stored: StoredStream = parse(&value)?;
            let group = by_id.get_mut(&group).ok_or("a stream without its group")?;
            store.next_id = store.next_id.max(next_after(id)?);
            names.insert(id, stored.name.clone());
            let stream = Stream::new(id, stored.created);
            group.streams.insert(stored.name, stream);
        }
        for (key, value) in loaded.events {
            let [group, stream, sequence] = ids(&key)?;
            let (time, ingested, message): (WallMs, WallMs, String) = parse(&value)?;
            let group = by_id.get_mut(&group).ok_or("an event without its group")?;
            let stream = names.get(&stream).ok_or("an event without its stream")?;
            store.next_sequence = store.next_sequence.max(next_after(sequence)?);
            let at = Position { time, sequence };
            group.insert(stream, at, ingested, message);
        }
        let named = by_id.into_values().map(|group| (group.name.clone(), group));
        store.groups = named.collect();
        Ok(store)
    }
}

impl Group {
    pub(super) fn put(&self) -> Change {
        let stored = StoredGroup {
            name: self.name.clone(),
            created: self.created,
            retention_days: self.retention_days,
            tags: self.tags.clone(),
        };
        Change::put(GROUPS, key(&[self.id]), json(&stored))
    }

    pub(super) fn put_stream(&self, name: &str, stream: &Stream) -> Change {
        let stored = StoredStream {
            name: name.to_owned(),
            created: stream.created,
        };
        Change::put(STREAMS, key(&[self.id, stream.id]), json(&stored))
    }

    pub(super) fn put_event(&self, event: &Event, at: Position) -> Change {
        let key = key(&[self.id, event.stream_id, at.sequence]);
        Change::put(
            EVENTS,
            key,
            json(&(at.time, event.ingested, &event.message)),
        )
    }

    pub(super) fn delete(&self) -> Change {
        Change::delete(GROUPS, key(&[self.id]))
    }

    pub(super) fn delete_stream(&self, stream: &Stream) -> Change {
        Change::delete(STREAMS, key(&[self.id, stream.id]))
    }

    pub(super) fn delete_event(&self, stream: u64, sequence: u64) -> Change {
        Change::delete(EVENTS, key(&[self.id, stream, sequence]))
    }
}

fn key(ids: &[u64]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.to_be_bytes()).collect()
}

fn ids<const N: usize>(key: &[u8]) -> Result<[u64; N], String> {
    let read = |part: &[u8]| part.try_into().map(u64::from_be_bytes);
    let ids: Result<Vec<u64>, _> = key.chunks(8).map(read).collect();
    ids.ok()
        .and_then(|ids| ids.try_into().ok())
        .ok_or_else(|| format!("a log entry's key is {}", hex::encode(key)))
}

fn parse<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(value).map_err(|problem| format!("a log entry: {problem}"))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts, numbers and maps of texts always have a JSON form")
}

/// The positions of a stream's events.
pub(super) type Positions = BTreeSet<Position>;
