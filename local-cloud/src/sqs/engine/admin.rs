//! Creating, finding, configuring, tagging, purging and deleting queues.

use super::queue::{Queue, QueueId};
use super::settings::{self, Attributes, SETTABLE, Settings};
use super::{QUEUES, Sqs, StaleView, Transaction, Update, error};
use crate::error::AwsError;
use crate::storage::Change;

/// Seconds of lab time between two purges, and between a queue's deletion and the creation of another
/// with its name.
const COOLDOWN: u64 = 60;

/// The attributes that cannot be set.
const READABLE: [&str; 6] = [
    "QueueArn",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
];

impl Sqs {
    /// Creates a queue. An existing one is returned unchanged when it has all given attributes.
    ///
    /// # Errors
    /// `QueueNameExists`, `QueueDeletedRecently`, `InvalidParameterValue`, and the errors of invalid
    /// attributes or tags.
    pub fn create_queue(
        &mut self,
        name: &str,
        attributes: &Attributes,
        tags: Attributes,
        tx: &mut Transaction<'_>,
    ) -> Result<QueueId, AwsError> {
        check_name(name)?;
        if let Some(id) = self.names.get(name) {
            let existing = &self.queue(*id)?.settings;
            let mut requested = existing.clone();
            requested.set(attributes)?;
            let differs = |key: &&String| existing.get(key) != requested.get(key);
            return match attributes.keys().find(differs) {
                None => {
                    tx.rests_on_earlier = true;
                    Ok(*id)
                }
                Some(key) => Err(error::name_exists(key)),
            };
        }
        let now = tx.now.lab;
        self.deleted.retain(|_, at| at.plus_seconds(COOLDOWN) > now);
        if self.deleted.contains_key(name) {
            return Err(error::deleted_recently());
        }
        let mut settings = Settings::default();
        settings.set(attributes)?;
        self.check_redrive(name, attributes, &settings, &tx.view)?;
        check_tags(&tags)?;
        let id = self.next_queue;
        self.next_queue += 1;
        let mut queue = Queue::new(id, tx.bytes(), name.to_owned(), settings, tx.now.wall);
        queue.tags = tags;
        tx.changes.push(queue.save());
        tx.updates.push(Update::Created(id));
        tx.updates
            .push(Update::Tagged(self.arn(name), Attributes::new()));
        self.names.insert(name.to_owned(), id);
        self.queues.insert(id, queue);
        Ok(id)
    }

    /// Deletes a queue and its messages.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn delete_queue(&mut self, id: QueueId, tx: &mut Transaction<'_>) -> Result<(), AwsError> {
        let mut queue = self.queues.remove(&id).ok_or_else(error::no_queue)?;
        queue.clear(&mut tx.changes);
        let change = Change::delete(QUEUES, id.to_be_bytes());
        tx.changes.push(change);
        tx.woken.insert(id);
        self.forget_tasks(id, 0, tx);
        self.names.remove(&queue.name);
        let arn = self.arn(&queue.name);
        tx.updates.push(Update::Deleted(id, queue.name.clone()));
        tx.updates.push(Update::Tagged(arn, queue.tags));
        self.deleted.insert(queue.name, tx.now.lab);
        Ok(())
    }

    /// A queue's name.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn name(&self, id: QueueId) -> Result<&str, AwsError> {
        Ok(&self.queue(id)?.name)
    }

    /// The names of the queues that start with `prefix` and follow `after`, in order.
    pub fn names<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
    ) -> impl Iterator<Item = &'a str> {
        let from = after.unwrap_or_default().max(prefix).to_owned();
        self.names
            .range(from..)
            .map(|(name, _)| name.as_str())
            .skip_while(move |name| after == Some(*name))
            .take_while(move |name| name.starts_with(prefix))
    }

    /// The names of the queues whose dead-letter queue this is, in order.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn dead_letter_sources(&self, id: QueueId) -> Result<Vec<&str>, AwsError> {
        let arn = self.arn(&self.queue(id)?.name);
        let source = |queue: &&Queue| {
            let policy = queue.settings.redrive.as_ref();
            policy.is_some_and(|policy| policy.target == arn)
        };
        let queues = self.names.values().filter_map(|id| self.queues.get(id));
        Ok(queues.filter(source).map(|queue| &*queue.name).collect())
    }

    /// The named attributes that a queue has; `All` stands for all.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `InvalidAttributeName`.
    pub fn attributes(
        &mut self,
        id: QueueId,
        names: &[String],
        tx: &mut Transaction<'_>,
    ) -> Result<Attributes, AwsError> {
        self.queue_mut(id)?.advance(tx);
        let queue = self.queue(id)?;
        let settings = tx.view.earlier_settings(id).unwrap_or(&queue.settings);
        let attribute = |name: &str| self.attribute(queue, settings, name);
        let all = READABLE.iter().chain(&SETTABLE).copied();
        if names.iter().any(|name| name == "All") {
            return Ok(all.filter_map(attribute).collect());
        }
        let known = |name: &String| {
            all.clone().any(|known| known == name)
                || matches!(
                    name.as_str(),
                    "Policy"
                        | "KmsMasterKeyId"
                        | "KmsDataKeyReusePeriodSeconds"
                        | "FifoQueue"
                        | "ContentBasedDeduplication"
                        | "DeduplicationScope"
                        | "FifoThroughputLimit"
                )
        };
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            return Err(error::unknown_attribute(unknown));
        }
        Ok(names.iter().filter_map(|name| attribute(name)).collect())
    }

    fn attribute(
        &self,
        queue: &Queue,
        settings: &Settings,
        name: &str,
    ) -> Option<(String, String)> {
        let value = match name {
            "QueueArn" => self.arn(&queue.name),
            "CreatedTimestamp" => queue.created.seconds().to_string(),
            "LastModifiedTimestamp" => queue.modified.seconds().to_string(),
            "ApproximateNumberOfMessages" => queue.ready.len().to_string(),
            "ApproximateNumberOfMessagesNotVisible" => queue.in_flight.to_string(),
            "ApproximateNumberOfMessagesDelayed" => queue.delayed.to_string(),
            other => settings.get(other)?,
        };
        Some((name.to_owned(), value))
    }

    /// Sets attributes, all or none.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, and the errors of invalid attributes.
    pub fn set_attributes(
        &mut self,
        id: QueueId,
        attributes: &Attributes,
        tx: &mut Transaction<'_>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(id)?;
        let mut settings = queue.settings.clone();
        settings.set(attributes)?;
        self.check_redrive(&queue.name, attributes, &settings, &tx.view)?;
        let queue = self.queue_mut(id)?;
        let before = std::mem::replace(&mut queue.settings, settings);
        tx.updates.push(Update::AttributesSet(id, Box::new(before)));
        queue.modified = tx.now.wall;
        tx.changes.push(queue.save());
        Ok(())
    }

    fn check_redrive(
        &self,
        name: &str,
        given: &Attributes,
        settings: &Settings,
        view: &StaleView,
    ) -> Result<(), AwsError> {
        let (Some(value), Some(policy)) = (given.get("RedrivePolicy"), &settings.redrive) else {
            return Ok(());
        };
        let wrong = |reason| error::invalid_value(value, "RedrivePolicy", reason);
        let source = self.arn(name);
        if policy.target == source {
            return Err(wrong("A queue cannot be its own dead letter target."));
        }
        let target = self.by_arn(&policy.target).ok();
        let target = target
            .filter(|id| view.knows(*id))
            .ok_or_else(|| wrong("Dead letter target does not exist."))?;
        if self.settings(target)?.allows(&source) {
            return Ok(());
        }
        Err(wrong(
            "The dead letter target's RedriveAllowPolicy does not allow this queue.",
        ))
    }

    /// Deletes all messages of a queue.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `PurgeQueueInProgress`.
    pub fn purge(&mut self, id: QueueId, tx: &mut Transaction<'_>) -> Result<(), AwsError> {
        let queue = self.queue_mut(id)?;
        let cooling = |at: &crate::clock::LabMs| at.plus_seconds(COOLDOWN) > tx.now.lab;
        if queue.purged.as_ref().is_some_and(cooling) {
            return Err(error::purge_in_progress(&queue.name));
        }
        queue.purged = Some(tx.now.lab);
        queue.clear(&mut tx.changes);
        tx.changes.push(queue.save());
        Ok(())
    }

    /// A queue's tags.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn tags(&self, id: QueueId) -> Result<&Attributes, AwsError> {
        Ok(&self.queue(id)?.tags)
    }

    /// Adds or replaces tags.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `InvalidParameterValue`.
    pub fn tag(
        &mut self,
        id: QueueId,
        tags: Attributes,
        tx: &mut Transaction<'_>,
    ) -> Result<(), AwsError> {
        let queue = self.queue_mut(id)?;
        let mut all = queue.tags.clone();
        all.extend(tags);
        check_tags(&all)?;
        let before = std::mem::replace(&mut queue.tags, all);
        tx.changes.push(queue.save());
        let arn = self.arn(self.name(id)?);
        tx.updates.push(Update::Tagged(arn, before));
        Ok(())
    }

    /// Removes tags.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn untag(
        &mut self,
        id: QueueId,
        keys: &[String],
        tx: &mut Transaction<'_>,
    ) -> Result<(), AwsError> {
        let queue = self.queue_mut(id)?;
        let before = queue.tags.clone();
        queue.tags.retain(|key, _| !keys.contains(key));
        tx.changes.push(queue.save());
        let arn = self.arn(self.name(id)?);
        tx.updates.push(Update::Tagged(arn, before));
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.ends_with(".fifo") {
        return Err(settings::no_fifo());
    }
    let char = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if (1..=80).contains(&name.len()) && name.bytes().all(char) {
        return Ok(());
    }
    Err(error::invalid(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ))
}

fn check_tags(tags: &Attributes) -> Result<(), AwsError> {
    let fits = |(key, value): (&String, &String)| {
        (1..=128).contains(&key.chars().count())
            && value.chars().count() <= 256
            && !key.to_ascii_lowercase().starts_with("aws:")
    };
    if tags.len() <= 50 && tags.iter().all(fits) {
        return Ok(());
    }
    Err(error::invalid(
        "A queue can have 50 tags, with keys of 1 to 128 characters that do not start with aws: \
         and values of at most 256.",
    ))
}
