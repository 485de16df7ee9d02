//! How queues and messages are stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::codec::QUEUES;
use super::message::Message;
use super::queue::{Entry, Queue, QueueId, State};
use super::settings::{Attributes, Settings};
use super::tasks::Task;
use super::{Sqs, Tally, codec};
use crate::clock::{LabMs, WallMs};
use crate::storage::{self, Change, next_after};

/// The entries of the four collections.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Of [`QUEUES`].
    pub queues: Vec<storage::Entry>,
    /// Of [`MESSAGES`].
    pub messages: Vec<storage::Entry>,
    /// Of [`DELIVERIES`].
    pub deliveries: Vec<storage::Entry>,
    /// Of [`TASKS`].
    pub tasks: Vec<storage::Entry>,
}

#[derive(Serialize, Deserialize)]
struct StoredQueue {
    nonce: [u8; 8],
    name: String,
    created: WallMs,
    modified: WallMs,
    settings: Settings,
    tags: Attributes,
    purged: Option<LabMs>,
}

impl Sqs {
    /// Loads the stored queues.
    ///
    /// # Errors
    /// Why an entry cannot be read.
    pub fn load(account: &str, region: &str, loaded: Loaded) -> Result<Self, String> {
        let mut sqs = Self {
            account: account.to_owned(),
            arn_prefix: format!("arn:aws:sqs:{region}:{account}:"),
            queues: BTreeMap::new(),
            names: BTreeMap::new(),
            deleted: BTreeMap::new(),
            tasks: BTreeMap::new(),
            next_queue: 1,
            next_sequence: 1,
            next_task: 1,
            tally: Tally::default(),
        };
        for (key, value) in loaded.queues {
            let id = QueueId::from_be_bytes(key.try_into().map_err(|_| "a queue's key")?);
            let stored: StoredQueue = codec::from_json(&value)?;
            let mut queue = Queue::new(
                id,
                stored.nonce,
                stored.name,
                stored.settings,
                stored.created,
            );
            queue.modified = stored.modified;
            queue.tags = stored.tags;
            queue.purged = stored.purged;
            sqs.names.insert(queue.name.clone(), id);
            sqs.queues.insert(id, queue);
            sqs.next_queue = next_after(id)?;
        }
        for (key, value) in loaded.messages {
            let (id, sequence) = codec::read_key(&key)?;
            let queue = sqs.queues.get_mut(&id).ok_or("a message without a queue")?;
            queue.insert(sequence, restored(&value)?);
            sqs.next_sequence = sqs.next_sequence.max(next_after(sequence)?);
        }
        for (key, value) in loaded.deliveries {
            let (id, sequence) = codec::read_key(&key)?;
            let queue = sqs
                .queues
                .get_mut(&id)
                .ok_or("a delivery without a queue")?;
            queue.replay(sequence, &value)?;
        }
        for (key, value) in loaded.tasks {
            let number = u64::from_be_bytes(key.try_into().map_err(|_| "a task's key")?);
            let task: Task = codec::from_json(&value)?;
            sqs.next_sequence = sqs.next_sequence.max(next_after(task.before)?);
            sqs.tasks.insert(number, task);
            sqs.next_task = next_after(number)?;
        }
        Ok(sqs)
    }
}

impl Queue {
    /// Stores the queue itself.
    pub(super) fn save(&self) -> Change {
        let stored = StoredQueue {
            nonce: self.nonce,
            name: self.name.clone(),
            created: self.created,
            modified: self.modified,
            settings: self.settings.clone(),
            tags: self.tags.clone(),
            purged: self.purged,
        };
        Change::put(QUEUES, self.id.to_be_bytes(), codec::to_json(&stored))
    }
}

fn restored(value: &[u8]) -> Result<Entry, String> {
    let (message, until) = Message::decode(value)?;
    let state = match until {
        LabMs(0) => State::Ready,
        until => State::Delayed { until },
    };
    Ok(Entry {
        message: Arc::new(message),
        state,
        receives: 0,
        first_received: WallMs(0),
        recorded: false,
    })
}
