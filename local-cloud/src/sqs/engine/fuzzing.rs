//! Properties of receipt handles, attributes and stored entries.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::message::Message;
use super::settings::SETTABLE;
use super::{
    Attributes, DELIVERIES, Draft, Loaded, MESSAGES, QUEUES, QueueId, Settings, Sqs, Transaction,
};
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::fuzzing::engines::{NOW, PLACE, entries};
use crate::ids::SeededIds;
use crate::storage::Change;

/// An account with the queue `q`, and the changes that store it.
fn account(ids: &mut SeededIds) -> (Sqs, QueueId, Vec<Change>) {
    let mut sqs = Sqs::load(PLACE.0, PLACE.1, Loaded::default()).expect("nothing is sound");
    let mut tx = Transaction::new(NOW, ids);
    let made = sqs.create_queue("q", &Attributes::new(), Attributes::new(), &mut tx);
    let id = made.expect("nothing is in its way");
    (sqs, id, tx.changes)
}

fn draft() -> Draft {
    Draft {
        body: "body".into(),
        attributes: Vec::new(),
        delay_seconds: None,
        group: None,
        trace: None,
        sender: PLACE.0.into(),
    }
}

/// A receipt handle: only handles of the queue are accepted, and only a message's own handle deletes
/// it.
pub fn receipt_handle(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut ids = SeededIds(1);
    let (mut sqs, id, _) = account(&mut ids);
    let mut tx = Transaction::new(NOW, &mut ids);
    let sent = sqs.send(id, draft(), &mut tx);
    sent.expect("the message is a good one");
    let received = sqs.receive(id, 1, None, &mut tx);
    let received = received.expect("the queue is there");
    let own = received.first().map(|one| one.receipt_handle.as_str());
    let own = BASE64.decode(own.expect("a message waits"));
    let own = own.expect("a handle is base64");
    let given = BASE64.decode(text).ok();
    // A handle's first bytes identify the queue and the message, its last four the delivery.
    let is_own = |given: &Vec<u8>| given.len() == own.len() && given.get(..33) == own.get(..33);
    let taken = given.as_ref().is_some_and(is_own);

    let hidden = sqs.change_visibility(id, text, 60, &mut tx);
    assert_eq!(hidden.is_ok(), taken, "{hidden:?}");
    let changes = tx.changes.len();
    let deleted = sqs.delete_message(id, text, &mut tx);
    let has_deleted = tx.changes.len() > changes;
    assert_eq!(has_deleted, taken);
    assert!(deleted.is_ok() || !taken);
    assert!(sqs.cancel_task(text, &mut tx).is_err());
}

/// A queue's attributes, each on a line as `NAME=VALUE`: what is accepted is returned, and setting
/// what is returned changes nothing.
pub fn queue_settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let attributes: Attributes = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut settings = Settings::default();
    if settings.set(&attributes).is_ok() {
        let name = |name: &&str| Some(((*name).to_owned(), settings.get(name)?));
        let shown: Attributes = SETTABLE.iter().filter_map(name).collect();
        let mut again = Settings::default();
        let set = again.set(&shown);
        set.expect("what is shown may be set");
        assert_eq!(again, settings);
        settings.allows("arn:aws:sqs:us-east-1:000000000000:q");
    }
    let mut ids = SeededIds(1);
    let (mut sqs, id, _) = account(&mut ids);
    let mut tx = Transaction::new(NOW, &mut ids);
    let set = sqs.set_attributes(id, &attributes, &mut tx);
    assert!(set.is_err() || tx.changes.len() <= 1);
    let name = text.lines().next().unwrap_or_default();
    let made = sqs.create_queue(name, &attributes, Attributes::new(), &mut tx);
    assert!(made.is_err() || sqs.by_name(name).is_ok());
}

/// A damaged file's queues, messages and deliveries: they are refused with a reason, or can be used. A
/// message that can be read is written unchanged.
pub fn sqs_storage(data: &[u8]) {
    if let Ok((message, until)) = Message::decode(data) {
        let written = message.encode(until);
        let read = Message::decode(&written);
        assert_eq!(read, Ok((message, until)));
    }
    let mut found = entries(data).into_iter();
    // In the order of their keys, each once, as in the file.
    let mut some = |count| {
        let entries: BTreeMap<_, _> = found.by_ref().take(count).collect();
        entries.into_iter().collect()
    };
    let loaded = Loaded {
        queues: some(1),
        messages: some(2),
        deliveries: some(1),
        tasks: some(1),
    };
    let Ok(mut sqs) = Sqs::load(PLACE.0, PLACE.1, loaded) else {
        return;
    };
    let mut ids = SeededIds(1);
    let mut tx = Transaction::new(NOW, &mut ids);
    sqs.tick(&mut tx);
    let queues: Vec<QueueId> = sqs.queues.keys().copied().collect();
    for id in queues {
        let received = sqs.receive(id, 10, None, &mut tx);
        drop(received);
        let sent = sqs.send(id, draft(), &mut tx);
        drop(sent);
    }
    let made = sqs.create_queue("new", &Attributes::new(), Attributes::new(), &mut tx);
    drop(made);
}

/// Sends a message and reads it back from what is stored.
///
/// # Errors
/// The queue's.
pub(crate) fn survives(draft: Draft) -> Result<(), AwsError> {
    let mut ids = SeededIds(1);
    let (mut sqs, id, mut stored) = account(&mut ids);
    let mut tx = Transaction::new(NOW, &mut ids);
    let sent = sqs.send(id, draft, &mut tx)?;
    stored.extend(tx.changes);
    let of = |collection| {
        let changes = stored.iter().filter(|one| one.collection == collection);
        changes
            .filter_map(|one| Some((one.key.clone(), one.value.clone()?)))
            .collect()
    };
    let loaded = Loaded {
        queues: of(QUEUES),
        messages: of(MESSAGES),
        deliveries: of(DELIVERIES),
        tasks: Vec::new(),
    };
    let mut sqs = Sqs::load(PLACE.0, PLACE.1, loaded).expect("it was written here");
    let mut later = NOW;
    later.lab = LabMs(NOW.lab.0 + 900_000);
    let mut tx = Transaction::new(later, &mut ids);
    sqs.tick(&mut tx);
    let received = sqs.receive(id, 1, None, &mut tx)?;
    let received = received.first().map(|one| &one.message);
    assert_eq!(received, Some(&sent.message));
    Ok(())
}
