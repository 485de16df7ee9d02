//! SQS's standard queues as a pure state machine.
//!
//! Commands take the time and, where they make something new, a source of identifiers; what
//! must become durable goes into `changes`, in order. `queue` keeps one queue's messages;
//! `tasks` moves dead letters back; this file joins queues: names, dead-letter moves, removal.

mod attributes;
mod delivery;
pub(crate) mod error;
mod handle;
pub(crate) mod message;
mod queue;
mod stored;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;

pub use delivery::{Leased, NewMessage, Received, Sent, Settlement};
pub use message::{MessageAttribute, MessageAttributes};
pub use stored::{CONTENTS, DELETED, DELIVERIES, QUEUES, TASKS};
pub use tasks::{Task, TaskStatus};

use crate::clock::{LabMs, Now};
use crate::error::AwsError;
use crate::storage::{Change, Collection, Entry};
use attributes::Attributes;
use message::{Content, Delivery, Message};
use queue::{Queue, Record};

/// Seconds of lab time between deleting a queue and making one of the same name, and between
/// two purges.
const COOLDOWN: u64 = 60;

/// All queues.
#[derive(Debug)]
pub struct Engine {
    account: String,
    region: String,
    queues: BTreeMap<String, Queue>,
    names: HashMap<u32, String>,
    next_id: u32,
    deleted: BTreeMap<String, LabMs>,
    tasks: Vec<Task>,
    awakened: Vec<u32>,
}

impl Engine {
    /// Restores the queues from what was stored; `load` gives a collection's entries.
    ///
    /// # Errors
    /// When `load` fails, or (as text) when an entry makes no sense.
    pub fn load<E>(
        account: &str,
        region: &str,
        mut load: impl FnMut(Collection) -> Result<Vec<Entry>, E>,
        damaged: impl Fn(String) -> E,
    ) -> Result<Self, E> {
        let mut engine = Self {
            account: account.to_owned(),
            region: region.to_owned(),
            queues: BTreeMap::new(),
            names: HashMap::new(),
            next_id: 1,
            deleted: BTreeMap::new(),
            tasks: Vec::new(),
            awakened: Vec::new(),
        };
        let (queues, tasks, deleted) = (load(QUEUES)?, load(TASKS)?, load(DELETED)?);
        let (contents, deliveries) = (load(CONTENTS)?, load(DELIVERIES)?);
        engine
            .restore(&queues, &tasks, &deleted)
            .map_err(&damaged)?;
        engine
            .restore_messages(&contents, &deliveries)
            .map_err(&damaged)?;
        Ok(engine)
    }

    fn restore(
        &mut self,
        queues: &[Entry],
        tasks: &[Entry],
        deleted: &[Entry],
    ) -> Result<(), String> {
        for record in all::<Record>(queues)? {
            self.next_id = self.next_id.max(record.id.saturating_add(1));
            self.insert_queue(record);
        }
        self.tasks = all(tasks)?;
        self.tasks.sort_by_key(|task| task.started);
        for entry in deleted {
            let name = String::from_utf8(entry.0.clone()).map_err(|problem| problem.to_string())?;
            self.deleted.insert(name, stored::read(entry)?);
        }
        Ok(())
    }

    fn restore_messages(&mut self, contents: &[Entry], deliveries: &[Entry]) -> Result<(), String> {
        let mut deliveries = deliveries.iter().peekable();
        for entry in contents {
            // Both are ordered by the same key.
            while deliveries
                .next_if(|delivery| delivery.0 < entry.0)
                .is_some()
            {}
            let delivery: Delivery = match deliveries.next_if(|delivery| delivery.0 == entry.0) {
                Some(delivery) => stored::read(delivery)?,
                None => Delivery::default(),
            };
            let content: Content = stored::read(entry)?;
            let (id, sequence) = stored::read_key(&entry.0)?;
            let name = self
                .names
                .get(&id)
                .ok_or("a message's queue is not there")?;
            if let Some(queue) = self.queues.get_mut(name) {
                queue.insert(sequence, Message::new(content, delivery));
            }
        }
        Ok(())
    }

    /// `CreateQueue`; one that is there with the same attributes is no error.
    ///
    /// # Errors
    /// When the name or an attribute is wrong, differs from what is there, or the name was that of a
    /// queue deleted within the last 60 s of lab time.
    pub fn create(
        &mut self,
        name: &str,
        given: &BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        valid_name(name)?;
        let mut attributes = Attributes::default();
        given
            .iter()
            .try_for_each(|(name, value)| attributes.set(name, value))?;
        if let Some(queue) = self.queues.get(name) {
            let (wanted, there) = (attributes.texts(), queue.record.attributes.texts());
            let differs = given
                .keys()
                .find(|name| wanted.get(name.as_str()) != there.get(name.as_str()));
            return differs.map_or(Ok(()), |attribute| Err(error::queue_name_exists(attribute)));
        }
        if let Some(at) = self.deleted.get(name) {
            if now.lab < at.plus_seconds(COOLDOWN) {
                return Err(error::queue_deleted_recently());
            }
            self.deleted.remove(name);
            changes.push(stored::not_deleted(name));
        }
        self.check_redrive(&attributes, &self.arn(name))?;
        let record = Record {
            id: self.next_id,
            name: name.to_owned(),
            attributes,
            tags,
            created: now.wall,
            modified: now.wall,
            purged: None,
        };
        self.next_id += 1;
        changes.push(stored::queue(&record));
        self.insert_queue(record);
        Ok(())
    }

    /// `DeleteQueue`.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete(
        &mut self,
        name: &str,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let mut queue = self
            .queues
            .remove(name)
            .ok_or_else(error::queue_does_not_exist)?;
        queue.clear(changes);
        self.names.remove(&queue.record.id);
        changes.push(stored::no_queue(queue.record.id));
        self.deleted.insert(name.to_owned(), now.lab);
        changes.push(stored::deleted(name, now.lab));
        self.awaken(queue.record.id);
        Ok(())
    }

    /// Names of queues that begin with `prefix` and come after `after`, in order.
    pub fn list(&self, prefix: &str, after: &str) -> impl Iterator<Item = &str> {
        let wanted = move |name: &&str| name.starts_with(prefix) && *name > after;
        self.queues
            .keys()
            .map(String::as_str)
            .filter(move |name| wanted(name))
    }

    /// Whether there is a queue of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn exists(&self, name: &str) -> Result<(), AwsError> {
        if self.queues.contains_key(name) {
            Ok(())
        } else {
            Err(error::queue_does_not_exist())
        }
    }

    /// All attributes as text, read-only ones included.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn attributes(
        &mut self,
        name: &str,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<BTreeMap<&'static str, String>, AwsError> {
        let queue = self.queue(name)?;
        queue.pass(now, changes);
        let [visible, in_flight, delayed] = queue.counts().map(|count| count.to_string());
        let mut texts = queue.record.attributes.texts();
        texts.extend([
            ("QueueArn", queue.arn.clone()),
            (
                "CreatedTimestamp",
                queue.record.created.seconds().to_string(),
            ),
            (
                "LastModifiedTimestamp",
                queue.record.modified.seconds().to_string(),
            ),
            ("ApproximateNumberOfMessages", visible),
            ("ApproximateNumberOfMessagesNotVisible", in_flight),
            ("ApproximateNumberOfMessagesDelayed", delayed),
        ]);
        Ok(texts)
    }

    /// `SetQueueAttributes`.
    ///
    /// # Errors
    /// When there is no such queue or an attribute is wrong; then none is changed.
    pub fn set_attributes(
        &mut self,
        name: &str,
        given: &BTreeMap<String, String>,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(name)?;
        let (mut attributes, arn) = (queue.record.attributes.clone(), queue.arn.clone());
        given
            .iter()
            .try_for_each(|(name, value)| attributes.set(name, value))?;
        self.check_redrive(&attributes, &arn)?;
        let queue = self.queue(name)?;
        queue.record.attributes = attributes;
        queue.record.modified = now.wall;
        changes.push(stored::queue(&queue.record));
        Ok(())
    }

    /// The queue's tags.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn tags(&self, name: &str) -> Result<&BTreeMap<String, String>, AwsError> {
        self.queues
            .get(name)
            .map(|queue| &queue.record.tags)
            .ok_or_else(error::queue_does_not_exist)
    }

    /// `TagQueue` and `UntagQueue`.
    ///
    /// # Errors
    /// When there is no such queue, or it would have more than 50 tags.
    pub fn change_tags(
        &mut self,
        name: &str,
        set: BTreeMap<String, String>,
        unset: &[String],
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(name)?;
        let mut tags = queue.record.tags.clone();
        tags.extend(set);
        tags.retain(|key, _| !unset.contains(key));
        if tags.len() > 50 {
            return Err(error::invalid_parameter("Too many tags added for queue."));
        }
        queue.record.tags = tags;
        changes.push(stored::queue(&queue.record));
        Ok(())
    }

    /// `PurgeQueue`.
    ///
    /// # Errors
    /// When there is no such queue, or it was purged within the last 60 s of lab time.
    pub fn purge(
        &mut self,
        name: &str,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(name)?;
        if queue
            .record
            .purged
            .is_some_and(|at| now.lab < at.plus_seconds(COOLDOWN))
        {
            return Err(error::purge_in_progress(name));
        }
        queue.clear(changes);
        queue.record.purged = Some(now.lab);
        changes.push(stored::queue(&queue.record));
        Ok(())
    }

    /// Names of the queues whose dead letters go to the queue with this ARN.
    pub fn sources_of(&self, target: &str) -> Vec<String> {
        let uses = |queue: &&Queue| {
            queue
                .record
                .attributes
                .redrive
                .as_ref()
                .is_some_and(|redrive| redrive.target == target)
        };
        self.queues
            .values()
            .filter(uses)
            .map(|queue| queue.record.name.clone())
            .collect()
    }

    /// The queue's ARN.
    pub fn arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account)
    }

    /// The id and name of the queue with this ARN.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&mut self, arn: &str) -> Result<(u32, String), AwsError> {
        self.queue_by_arn(arn)
            .map(|queue| (queue.record.id, queue.record.name.clone()))
    }

    /// The visibility timeout of the queue with this ARN, in seconds of lab time.
    ///
    /// # Errors
    /// When there is none.
    pub fn visibility_timeout(&mut self, arn: &str) -> Result<u32, AwsError> {
        self.queue_by_arn(arn)
            .map(|queue| queue.record.attributes.visibility_timeout)
    }

    /// How long a receive waits by default in the queue of this name, in seconds.
    ///
    /// # Errors
    /// When there is none.
    pub fn default_wait(&mut self, name: &str) -> Result<u32, AwsError> {
        self.queue(name).map(|queue| queue.record.attributes.wait)
    }

    /// Lets time pass: messages become visible, tasks make a step.
    pub fn tick(&mut self, now: Now, ids: &mut dyn crate::ids::Ids, changes: &mut Vec<Change>) {
        self.step_tasks(now, ids, changes);
        for queue in self.queues.values_mut() {
            let due = queue
                .next_deadline()
                .is_some_and(|deadline| deadline <= now.lab);
            if due {
                queue.pass(now, changes);
                self.awakened.push(queue.record.id);
            }
        }
    }

    /// When [`Engine::tick`] has something to do.
    pub fn next_wakeup(&self) -> Option<LabMs> {
        self.queues
            .values()
            .filter_map(Queue::next_deadline)
            .chain(self.next_step())
            .min()
    }

    /// Ids of the queues in which something may have become visible, or that were deleted, since
    /// the last call.
    pub fn take_awakened(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.awakened)
    }

    fn awaken(&mut self, id: u32) {
        if !self.awakened.contains(&id) {
            self.awakened.push(id);
        }
    }

    fn insert_queue(&mut self, record: Record) {
        let arn = self.arn(&record.name);
        self.names.insert(record.id, record.name.clone());
        self.queues
            .insert(record.name.clone(), Queue::new(record, arn));
    }

    fn queue(&mut self, name: &str) -> Result<&mut Queue, AwsError> {
        self.queues
            .get_mut(name)
            .ok_or_else(error::queue_does_not_exist)
    }

    fn queue_by_arn(&mut self, arn: &str) -> Result<&mut Queue, AwsError> {
        let name = arn.rsplit(':').next().unwrap_or_default();
        self.queues
            .get_mut(name)
            .filter(|queue| queue.arn == arn)
            .ok_or_else(error::queue_does_not_exist)
    }

    /// Whether the dead-letter queue that attributes name is there and willing.
    fn check_redrive(&self, attributes: &Attributes, source: &str) -> Result<(), AwsError> {
        let Some(redrive) = &attributes.redrive else {
            return Ok(());
        };
        let name = redrive.target.rsplit(':').next().unwrap_or_default();
        let target = self
            .queues
            .get(name)
            .filter(|queue| queue.arn == redrive.target);
        let refuse = |reason: &str| {
            Err(error::invalid_parameter(format!(
                "Value for parameter RedrivePolicy is invalid. Reason: {reason}"
            )))
        };
        match target {
            None => refuse("Dead letter target does not exist."),
            Some(queue) => match &queue.record.attributes.redrive_allow {
                Some(allow) if !allow.allows(source) => refuse(
                    "Queue does not have permission to send dead letters to the target queue.",
                ),
                _ => Ok(()),
            },
        }
    }
}

fn valid_name(name: &str) -> Result<(), AwsError> {
    if name.ends_with(".fifo") {
        return Err(error::unsupported(
            "FIFO queues are not there in this local cloud.",
        ));
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=80).contains(&name.len()) && name.bytes().all(legal) {
        return Ok(());
    }
    Err(error::invalid_parameter(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ))
}

fn all<T: DeserializeOwned>(entries: &[Entry]) -> Result<Vec<T>, String> {
    entries.iter().map(stored::read).collect()
}
