//! Events: appending them, reading them from a stream, and filtering those of a group.

use std::sync::Arc;

use super::groups::Group;
use super::pattern::Pattern;
use super::{Applied, EVENT_OVERHEAD, GROUP_BYTES, LogStore, Outcome, invalid, not_found};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::storage::Change;

const HOUR_MS: u64 = 3_600_000;
const MAX_BATCH_BYTES: usize = 1 << 20;
const MAX_PAGE_BYTES: usize = 1 << 20;

/// The position of an event in its group: by time, then in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The time of the event.
    pub time: WallMs,
    /// The number of the event, which is unique in the cloud.
    pub sequence: u64,
}

impl Position {
    /// The position before all events of this time.
    pub fn at(time: WallMs) -> Self {
        Self { time, sequence: 0 }
    }

    /// The position right after this event.
    #[must_use]
    pub fn after(self) -> Self {
        Self {
            sequence: self.sequence.saturating_add(1),
            ..self
        }
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The name of its stream.
    pub stream: Arc<str>,
    /// When it was received.
    pub ingested: WallMs,
    /// The logged text.
    pub message: String,
    pub(super) stream_id: u64,
}

/// The times of the selected events: from one up to, and without, the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first time, inclusive.
    pub from: WallMs,
    /// The end, exclusive.
    pub until: WallMs,
}

/// Where a stream is read from, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Forward from a position.
    Forward(Position),
    /// Backward from a position: the events before it that are nearest to it.
    Backward(Position),
}

/// Events with their positions, in order.
pub type PositionedEvents = Vec<(Position, Event)>;

/// A page of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The events of the page.
    pub events: PositionedEvents,
    /// Where the page begins.
    pub start: Position,
    /// Where the page ends.
    pub end: Position,
}

/// Selects events of a group. An event must fulfil all conditions.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// The names of the streams; `None` for all streams.
    pub streams: Option<&'a [String]>,
    /// The start of the stream's name.
    pub stream_prefix: &'a str,
    /// The pattern that the message matches.
    pub pattern: &'a Pattern,
    /// When the event happened.
    pub window: Window,
    /// Where the page begins.
    pub from: Position,
    /// The maximum number of events of the page.
    pub limit: usize,
}

/// Which events of a batch were rejected, as indices into the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rejected {
    /// The first event that is more than two hours in the future.
    pub too_new_start: Option<usize>,
    /// The end (exclusive) of the events that are older than two weeks.
    pub too_old_end: Option<usize>,
    /// The end (exclusive) of the events that are older than the group's retention.
    pub expired_end: Option<usize>,
}

impl LogStore {
    /// Appends events. Group and stream are created where they do not exist; such a group has no
    /// tags.
    pub fn append(
        &mut self,
        group: &str,
        stream: &str,
        events: Vec<(WallMs, String)>,
        now: Now,
    ) -> Outcome<()> {
        let mut changes = Vec::with_capacity(events.len());
        if self.group(group).is_err() {
            changes.extend(self.create_group(group, &Default::default(), now)?.changes);
        }
        if !self.group(group)?.streams.contains_key(stream) {
            changes.extend(self.create_stream(group, stream, now)?.changes);
        }
        changes.extend(self.insert_all(group, stream, events, now)?);
        Ok(Applied::new((), changes))
    }

    /// Appends a batch that a client sends. The events are ordered by time.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `InvalidParameterException`.
    pub fn put_events(
        &mut self,
        group: &str,
        stream: &str,
        mut events: Vec<(WallMs, String)>,
        now: Now,
    ) -> Outcome<Rejected> {
        check_batch(&events)?;
        let expiry = self.group(group)?.expiry(now);
        if !self.group(group)?.streams.contains_key(stream) {
            return Err(not_found("stream"));
        }
        let ahead = WallMs(now.wall.0.saturating_add(2 * HOUR_MS));
        let oldest = WallMs(now.wall.0.saturating_sub(14 * 24 * HOUR_MS));
        let before = |time| events.partition_point(|(at, _)| *at < time);
        let (new, old, expired) = (
            events.partition_point(|(at, _)| *at <= ahead),
            before(oldest),
            before(expiry),
        );
        let rejected = Rejected {
            too_new_start: (new < events.len()).then_some(new),
            too_old_end: (old > 0).then_some(old),
            expired_end: (expired > 0).then_some(expired),
        };
        events.truncate(new);
        events.drain(..old.max(expired).min(new));
        let changes = self.insert_all(group, stream, events, now)?;
        Ok(Applied::new(rejected, changes))
    }

    fn insert_all(
        &mut self,
        group: &str,
        stream: &str,
        events: Vec<(WallMs, String)>,
        now: Now,
    ) -> Result<Vec<Change>, AwsError> {
        let mut sequence = self.next_sequence;
        let group = self.group_mut(group)?;
        let mut changes = Vec::with_capacity(events.len());
        for (time, message) in events {
            let at = Position { time, sequence };
            sequence += 1;
            group.insert(stream, at, now.wall, message);
            changes.extend(
                group
                    .events
                    .get(&at)
                    .map(|event| group.put_event(event, at)),
            );
        }
        changes.extend(group.expire(now));
        while group.bytes > GROUP_BYTES {
            changes.extend(group.drop_oldest());
        }
        self.next_sequence = sequence;
        Ok(changes)
    }

    /// A page of a stream's events.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn get_events(
        &self,
        group: &str,
        stream: &str,
        window: Window,
        direction: Direction,
        limit: usize,
        now: Now,
    ) -> Result<Page, AwsError> {
        let group = self.group(group)?;
        let stream = group
            .streams
            .get(stream)
            .ok_or_else(|| not_found("stream"))?;
        let low = Position::at(window.from.max(group.expiry(now)));
        let high = Position::at(window.until).max(low);
        let events = |at: &Position| Some((*at, group.events.get(at)?.clone()));
        match direction {
            Direction::Forward(from) => {
                let range = stream.positions.range(from.clamp(low, high)..high);
                let events = page(range.filter_map(events), limit);
                let end = events.last().map_or(from, |(at, _)| at.after());
                let start = events.first().map_or(from, |(at, _)| *at);
                Ok(Page { events, start, end })
            }
            Direction::Backward(until) => {
                let range = stream.positions.range(low..until.clamp(low, high)).rev();
                let mut events = page(range.filter_map(events), limit);
                events.reverse();
                let end = events.last().map_or(until, |(at, _)| at.after());
                let start = events.first().map_or(until, |(at, _)| *at);
                Ok(Page { events, start, end })
            }
        }
    }

    /// A page of a group's events, ordered by time, and where the next page begins.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn filter_events(
        &self,
        group: &str,
        filter: &Filter<'_>,
        now: Now,
    ) -> Result<(PositionedEvents, Option<Position>), AwsError> {
        let group = self.group(group)?;
        for name in filter.streams.unwrap_or_default() {
            if !group.streams.contains_key(name) {
                return Err(not_found("stream"));
            }
        }
        let events = page(select(group, filter, now), filter.limit);
        let Some((last, _)) = events.last() else {
            return Ok((events, None));
        };
        let next = Filter {
            from: last.after(),
            ..*filter
        };
        let has_more = select(group, &next, now).next().is_some();
        Ok((events, has_more.then_some(next.from)))
    }
}

/// The events that a filter selects.
fn select<'a>(
    group: &'a Group,
    filter: &'a Filter<'a>,
    now: Now,
) -> impl Iterator<Item = (Position, Event)> + 'a {
    let low = Position::at(filter.window.from.max(group.expiry(now)));
    let high = Position::at(filter.window.until).max(low);
    let range = group.events.range(filter.from.clamp(low, high)..high);
    let is_selected = move |event: &Event| {
        let is_named = |names: &[String]| names.iter().any(|name| **name == *event.stream);
        filter.streams.is_none_or(is_named)
            && event.stream.starts_with(filter.stream_prefix)
            && filter.pattern.matches(&event.message)
    };
    range
        .filter(move |(_, event)| is_selected(event))
        .map(|(at, event)| (*at, event.clone()))
}

/// As many events as a page holds: at most `limit` and at most a mebibyte, but at least one.
fn page(events: impl Iterator<Item = (Position, Event)>, limit: usize) -> PositionedEvents {
    let mut bytes = 0;
    let fits_page = |(_, event): &(Position, Event)| {
        let first = bytes == 0;
        bytes += event.message.len() + EVENT_OVERHEAD;
        first || bytes <= MAX_PAGE_BYTES
    };
    events.take(limit).take_while(fits_page).collect()
}

fn check_batch(events: &[(WallMs, String)]) -> Result<(), AwsError> {
    let bytes: usize = events
        .iter()
        .map(|(_, text)| text.len() + EVENT_OVERHEAD)
        .sum();
    if events.is_empty() || events.len() > 10_000 {
        return Err(invalid("A batch has 1 to 10000 log events."));
    }
    if events.iter().any(|(_, text)| text.is_empty()) {
        return Err(invalid("Log event message must not be empty."));
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}"
        )));
    }
    if !events.is_sorted_by_key(|(at, _)| *at) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let times = events.first().zip(events.last());
    if times.is_some_and(|((first, _), (last, _))| last.0 - first.0 > 24 * HOUR_MS) {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}
