//! Groups and streams. Names, limits and messages follow the CloudWatch Logs API reference.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::events::{Event, Position};
use super::stored::Positions;
use super::{Applied, EVENT_OVERHEAD, LogStore, Outcome, invalid, not_found};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::storage::Change;

const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];
const DAY_MS: u64 = 86_400_000;

/// A log group.
#[derive(Debug)]
pub struct Group {
    /// Unique in the account and region.
    pub name: String,
    /// The time of its creation.
    pub created: WallMs,
    /// The age in days at which events are removed; `None` for never.
    pub retention_days: Option<u32>,
    /// Values by key.
    pub tags: BTreeMap<String, String>,
    /// Streams by name.
    pub streams: BTreeMap<String, Stream>,
    /// The size of its events as CloudWatch Logs counts it.
    pub bytes: usize,
    pub(super) id: u64,
    pub(super) events: BTreeMap<Position, Event>,
}

/// A log stream.
#[derive(Debug)]
pub struct Stream {
    /// The time of its creation.
    pub created: WallMs,
    /// When its last event was received.
    pub last_ingestion: Option<WallMs>,
    pub(super) id: u64,
    pub(super) positions: Positions,
}

impl Stream {
    pub(super) fn new(id: u64, created: WallMs) -> Self {
        Self {
            created,
            last_ingestion: None,
            id,
            positions: Positions::new(),
        }
    }

    /// The times of the oldest and the newest event.
    pub fn span(&self) -> Option<(WallMs, WallMs)> {
        Some((self.positions.first()?.time, self.positions.last()?.time))
    }
}

impl Group {
    pub(super) fn new(id: u64, name: String, created: WallMs) -> Self {
        Self {
            name,
            created,
            retention_days: None,
            tags: BTreeMap::new(),
            streams: BTreeMap::new(),
            bytes: 0,
            id,
            events: BTreeMap::new(),
        }
    }

    /// Stores an event of an existing stream.
    pub(super) fn insert(&mut self, stream: &str, at: Position, ingested: WallMs, message: String) {
        let Some((name, _)) = self.streams.get_key_value(stream) else {
            return;
        };
        let name: Arc<str> = Arc::from(name.as_str());
        let Some(stream) = self.streams.get_mut(stream) else {
            return;
        };
        stream.positions.insert(at);
        stream.last_ingestion = stream.last_ingestion.max(Some(ingested));
        self.bytes += message.len() + EVENT_OVERHEAD;
        let event = Event {
            stream_id: stream.id,
            stream: name,
            ingested,
            message,
        };
        self.events.insert(at, event);
    }

    /// Removes the oldest event.
    pub(super) fn drop_oldest(&mut self) -> Option<Change> {
        let (at, event) = self.events.pop_first()?;
        self.bytes = self
            .bytes
            .saturating_sub(event.message.len() + EVENT_OVERHEAD);
        if let Some(stream) = self.streams.get_mut(&*event.stream) {
            stream.positions.remove(&at);
        }
        Some(self.delete_event(event.stream_id, at.sequence))
    }

    /// The time before which events have expired.
    pub(super) fn expiry(&self, now: Now) -> WallMs {
        let age = self
            .retention_days
            .map_or(u64::MAX, |days| u64::from(days) * DAY_MS);
        WallMs(now.wall.0.saturating_sub(age))
    }

    /// Removes the events that have expired.
    pub(super) fn expire(&mut self, now: Now) -> Vec<Change> {
        let expiry = self.expiry(now);
        let mut changes = Vec::new();
        while self
            .events
            .first_key_value()
            .is_some_and(|(at, _)| at.time < expiry)
        {
            changes.extend(self.drop_oldest());
        }
        changes
    }
}

impl LogStore {
    /// A group's ARN, without the `:*` that some replies add.
    pub fn arn(&self, group: &str) -> String {
        format!("{}{group}", self.arn_prefix)
    }

    /// The name of the group with this ARN, with or without `:*`.
    ///
    /// # Errors
    /// `InvalidParameterException` for a text that is not the ARN of a group.
    pub fn name_of<'a>(&self, arn: &'a str) -> Result<&'a str, AwsError> {
        arn.strip_prefix(self.arn_prefix.as_str())
            .map(|name| name.strip_suffix(":*").unwrap_or(name))
            .ok_or_else(|| invalid(format!("Invalid resource ARN: {arn}")))
    }

    /// The group of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn group(&self, name: &str) -> Result<&Group, AwsError> {
        self.groups.get(name).ok_or_else(|| not_found("group"))
    }

    /// All groups, ordered by name.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    pub(super) fn group_mut(&mut self, name: &str) -> Result<&mut Group, AwsError> {
        self.groups.get_mut(name).ok_or_else(|| not_found("group"))
    }

    /// Creates a group.
    ///
    /// # Errors
    /// `ResourceAlreadyExistsException`, `InvalidParameterException`.
    pub fn create_group(
        &mut self,
        name: &str,
        tags: &BTreeMap<String, String>,
        now: Now,
    ) -> Outcome<()> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
        if name.is_empty() || name.len() > 512 || !name.chars().all(is_allowed) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
            )));
        }
        if self.groups.contains_key(name) {
            return Err(exists("group"));
        }
        check_tags(tags)?;
        let mut group = Group::new(self.take_id(), name.to_owned(), now.wall);
        group.tags.clone_from(tags);
        let changes = vec![group.put()];
        self.groups.insert(name.to_owned(), group);
        Ok(Applied::new((), changes).with_retagged(self.arn(name), BTreeMap::new()))
    }

    /// Deletes a group with its streams and events.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn delete_group(&mut self, name: &str) -> Outcome<()> {
        let group = self.groups.remove(name).ok_or_else(|| not_found("group"))?;
        let events = group.events.iter();
        let mut changes: Vec<Change> = events
            .map(|(at, event)| group.delete_event(event.stream_id, at.sequence))
            .collect();
        changes.extend(
            group
                .streams
                .values()
                .map(|stream| group.delete_stream(stream)),
        );
        changes.push(group.delete());
        Ok(Applied::new((), changes).with_retagged(self.arn(name), group.tags))
    }

    /// Creates a stream.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ResourceAlreadyExistsException`, `InvalidParameterException`.
    pub fn create_stream(&mut self, group: &str, name: &str, now: Now) -> Outcome<()> {
        if name.is_empty() || name.chars().count() > 512 || name.contains([':', '*']) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [^:*]*"
            )));
        }
        let id = self.take_id();
        let group = self.group_mut(group)?;
        if group.streams.contains_key(name) {
            return Err(exists("stream"));
        }
        let stream = Stream::new(id, now.wall);
        let change = group.put_stream(name, &stream);
        group.streams.insert(name.to_owned(), stream);
        Ok(Applied::new((), vec![change]))
    }

    /// Deletes a stream with its events.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn delete_stream(&mut self, group: &str, name: &str) -> Outcome<()> {
        let group = self.group_mut(group)?;
        let stream = group
            .streams
            .remove(name)
            .ok_or_else(|| not_found("stream"))?;
        let mut changes = Vec::with_capacity(stream.positions.len() + 1);
        for at in &stream.positions {
            if let Some(event) = group.events.remove(at) {
                group.bytes = group
                    .bytes
                    .saturating_sub(event.message.len() + EVENT_OVERHEAD);
            }
            changes.push(group.delete_event(stream.id, at.sequence));
        }
        changes.push(group.delete_stream(&stream));
        Ok(Applied::new((), changes))
    }

    /// Sets the age in days at which events are removed; `None` for never.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `InvalidParameterException` for a number that is not allowed.
    pub fn set_retention(&mut self, group: &str, days: Option<u32>, now: Now) -> Outcome<()> {
        if days.is_some_and(|days| !RETENTION_DAYS.contains(&days)) {
            return Err(invalid(
                "Invalid retention value. Valid values are 1, 3, 5, 7, 14, 30, 60, \
                90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
            ));
        }
        let group = self.group_mut(group)?;
        group.retention_days = days;
        let mut changes = vec![group.put()];
        changes.extend(group.expire(now));
        Ok(Applied::new((), changes))
    }

    /// Adds tags to a group.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `TooManyTagsException`, `InvalidParameterException`.
    pub fn tag(&mut self, group: &str, tags: BTreeMap<String, String>) -> Outcome<()> {
        let mut merged = self.group(group)?.tags.clone();
        merged.extend(tags);
        check_tags(&merged)?;
        self.set_tags(group, merged)
    }

    /// Removes tags from a group.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn untag(&mut self, group: &str, keys: &[String]) -> Outcome<()> {
        let mut rest = self.group(group)?.tags.clone();
        rest.retain(|tag, _| !keys.contains(tag));
        self.set_tags(group, rest)
    }

    fn set_tags(&mut self, name: &str, tags: BTreeMap<String, String>) -> Outcome<()> {
        let group = self.group_mut(name)?;
        let earlier = std::mem::replace(&mut group.tags, tags);
        let changes = vec![group.put()];
        Ok(Applied::new((), changes).with_retagged(self.arn(name), earlier))
    }

    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() > 50 {
        let message = "The number of tags has reached the maximum limit.";
        return Err(AwsError::new("TooManyTagsException", 400, message));
    }
    let is_allowed = |(key, value): (&String, &String)| {
        (1..=128).contains(&key.chars().count())
            && value.chars().count() <= 256
            && !key.to_ascii_lowercase().starts_with("aws:")
    };
    if tags.iter().all(is_allowed) {
        return Ok(());
    }
    Err(invalid(
        "A tag key has 1 to 128 characters and does not begin with aws:, a value has up to 256",
    ))
}

fn exists(what: &str) -> AwsError {
    let message = format!("The specified log {what} already exists");
    AwsError::new("ResourceAlreadyExistsException", 400, message)
}
