//! What SQS keeps on disk: which collections, keys and values.
//!
//! A message is two entries: its content, written once, and how its delivery stands, written
//! at each receive, so that a receive does not write the body again.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::message::{Content, Delivery};
use super::queue::Record;
use super::tasks::Task;
use crate::clock::LabMs;
use crate::storage::{Change, Collection, Entry};

/// Queues by id.
pub const QUEUES: Collection = "sqs_queue";
/// Messages' contents by queue id and sequence number.
pub const CONTENTS: Collection = "sqs_message";
/// How deliveries stand, by the same key; none for a message never received nor delayed.
pub const DELIVERIES: Collection = "sqs_delivery";
/// Move tasks by handle.
pub const TASKS: Collection = "sqs_task";
/// When queues were deleted, by name.
pub const DELETED: Collection = "sqs_deleted";

pub(super) fn queue(record: &Record) -> Change {
    Change::put(QUEUES, record.id.to_be_bytes(), json(record))
}

pub(super) fn no_queue(id: u32) -> Change {
    Change::delete(QUEUES, id.to_be_bytes())
}

pub(super) fn content(queue: u32, sequence: u64, content: &Content) -> Change {
    Change::put(CONTENTS, key(queue, sequence), json(content))
}

pub(super) fn delivery(queue: u32, sequence: u64, delivery: &Delivery) -> Change {
    Change::put(DELIVERIES, key(queue, sequence), json(delivery))
}

pub(super) fn gone(queue: u32, sequence: u64) -> [Change; 2] {
    [
        Change::delete(CONTENTS, key(queue, sequence)),
        Change::delete(DELIVERIES, key(queue, sequence)),
    ]
}

pub(super) fn task(task: &Task) -> Change {
    Change::put(TASKS, task.handle.as_bytes(), json(task))
}

pub(super) fn no_task(handle: &str) -> Change {
    Change::delete(TASKS, handle.as_bytes())
}

pub(super) fn deleted(name: &str, at: LabMs) -> Change {
    Change::put(DELETED, name.as_bytes(), json(&at))
}

pub(super) fn not_deleted(name: &str) -> Change {
    Change::delete(DELETED, name.as_bytes())
}

/// Reads a value back.
pub(super) fn read<T: DeserializeOwned>(entry: &Entry) -> Result<T, String> {
    serde_json::from_slice(&entry.1)
        .map_err(|problem| format!("an entry of a queue makes no sense: {problem}"))
}

/// Reads a message's key back: queue id and sequence number.
pub(super) fn read_key(key: &[u8]) -> Result<(u32, u64), String> {
    let parts = key
        .split_first_chunk()
        .and_then(|(queue, rest)| Some((*queue, *rest.first_chunk()?)));
    let (queue, sequence) = parts.ok_or("the key of a message is cut short")?;
    Ok((u32::from_be_bytes(queue), u64::from_be_bytes(sequence)))
}

fn key(queue: u32, sequence: u64) -> Vec<u8> {
    [&queue.to_be_bytes()[..], &sequence.to_be_bytes()].concat()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("what is stored has only text keys")
}
