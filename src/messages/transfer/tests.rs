use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;

use proptest::prelude::*;

use tokio::time::Instant;

use super::*;

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It is refused and has no effect.
    Refused,
    /// It has its effect, and the reply is lost.
    ReplyLost,
    /// The process is killed before it.
    KilledBefore,
    /// The process is killed after it.
    KilledAfter,
}

/// The process is killed, or a call failed.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    Call,
    Killed,
}

/// Two queues in memory.
#[derive(Default)]
struct TwoQueues {
    source: RefCell<Vec<MessageRecord>>,
    hidden: RefCell<Vec<String>>,
    kept: RefCell<Vec<String>>,
    destination: RefCell<Vec<MessageRecord>>,
    /// The number of the call that goes wrong, from 0, and how.
    fault: Cell<Option<(usize, Fault)>>,
    calls: Cell<usize>,
    /// Whether messages are hidden for so short a time that some come again.
    is_forgetful: Cell<bool>,
    is_killed: Cell<bool>,
}

impl TwoQueues {
    fn of(texts: &[String]) -> Self {
        let message = |(index, text): (usize, &String)| MessageRecord {
            message_id: format!("m{index}"),
            body: text.clone(),
            ..MessageRecord::default()
        };
        let queues = Self::default();
        *queues.source.borrow_mut() = texts.iter().enumerate().map(message).collect();
        queues
    }

    /// The next call's fault.
    fn fault(&self) -> Result<Option<Fault>, Failure> {
        if self.is_killed.get() {
            return Err(Failure::Killed);
        }
        let call = self.calls.replace(self.calls.get() + 1);
        let fault = self.fault.get().filter(|(at, _)| *at == call);
        let fault = fault.map(|(_, fault)| fault);
        if fault == Some(Fault::KilledBefore) {
            self.is_killed.set(true);
            return Err(Failure::Killed);
        }
        Ok(fault)
    }

    /// How a call ends whose effect took place.
    fn end<T>(&self, fault: Option<Fault>, reply: T) -> Result<T, Failure> {
        match fault {
            None => Ok(reply),
            Some(Fault::KilledAfter) => {
                self.is_killed.set(true);
                Err(Failure::Killed)
            }
            Some(_) => Err(Failure::Call),
        }
    }

    /// The process starts again; what it held becomes visible.
    fn restart(&self) {
        self.is_killed.set(false);
        self.fault.set(None);
        self.hidden.borrow_mut().clear();
        self.kept.borrow_mut().clear();
    }
}

impl Queues for TwoQueues {
    type Error = Failure;

    async fn receive(&self) -> Result<Vec<Held>, Failure> {
        let fault = self.fault()?;
        if fault == Some(Fault::Refused) {
            return Err(Failure::Call);
        }
        let source = self.source.borrow();
        let mut hidden = self.hidden.borrow_mut();
        let forgets = self.is_forgetful.get() && self.calls.get().is_multiple_of(3);
        let visible = source
            .iter()
            .filter(|one| forgets || !hidden.contains(&one.message_id));
        let some: Vec<MessageRecord> = visible.take(3).cloned().collect();
        hidden.extend(some.iter().map(|one| one.message_id.clone()));
        let held = some.into_iter().map(|message| Held {
            message,
            receipt_handle: String::new(),
            since: Instant::now(),
        });
        self.end(fault, held.collect())
    }

    async fn send(
        &self,
        batch: &[&MessageRecord],
    ) -> Result<Vec<SendOutcome>, SendFailure<Failure>> {
        let fault = self.fault().map_err(SendFailure::Unknown)?;
        if fault == Some(Fault::Refused) {
            return Err(SendFailure::NotSent(Failure::Call));
        }
        let mut destination = self.destination.borrow_mut();
        let outcomes = batch.iter().map(|message| {
            if message.body == "refused" {
                return SendOutcome::Refused("it says so".to_owned());
            }
            let new = format!("n{}", destination.len());
            destination.push(MessageRecord {
                message_id: new.clone(),
                ..(*message).clone()
            });
            SendOutcome::Accepted(new)
        });
        let outcomes = outcomes.collect();
        self.end(fault, outcomes).map_err(SendFailure::Unknown)
    }

    async fn remove(&self, held: &[Held]) -> Result<(), Failure> {
        let fault = self.fault()?;
        if fault == Some(Fault::Refused) {
            return Err(Failure::Call);
        }
        let removed =
            |message: &MessageRecord| held.iter().any(|one| one.id() == message.message_id);
        self.source.borrow_mut().retain(|message| !removed(message));
        let gone = |id: &String| held.iter().any(|one| one.id() == id);
        self.hidden.borrow_mut().retain(|id| !gone(id));
        self.end(fault, ())
    }

    fn keep(&self, held: &Held) {
        self.kept.borrow_mut().push(held.id().to_owned());
    }

    async fn release(&self) {
        let kept = self.kept.take();
        self.hidden.borrow_mut().retain(|id| !kept.contains(id));
    }

    fn report(&self, _: u64) {}

    async fn find_successors(&self, held: &[Held]) -> Result<HashMap<String, bool>, Failure> {
        let fault = self.fault()?;
        if fault == Some(Fault::Refused) {
            return Err(Failure::Call);
        }
        let destination = self.destination.borrow();
        let exists = |id: &str| destination.iter().any(|one| predecessor(one) == id);
        let ids = held.iter().map(Held::id);
        let found = ids.map(|id| (id.to_owned(), exists(id))).collect();
        self.end(fault, found)
    }
}

/// Keeps what says `stay`, and puts `!` after the rest.
fn plan(message: &MessageRecord) -> Option<MessageRecord> {
    let body = match message.body.as_str() {
        "stay" => return None,
        "refused" => "refused".to_owned(),
        text => format!("{text}!"),
    };
    Some(MessageRecord {
        body,
        ..message.clone()
    })
}

fn predecessor(message: &MessageRecord) -> String {
    let attribute = message.attributes.get(MOVED_FROM);
    attribute.map(Attribute::text).unwrap_or_default()
}

/// Runs a transfer with the journal that is there, or a new one.
fn transfer(
    queues: &TwoQueues,
    path: &Path,
    workers: usize,
) -> Result<Transferred, TransferError<Failure>> {
    let journal = if path.exists() {
        Journal::open(path)
    } else {
        Journal::create(path, ())
    };
    let cancel = CancellationToken::new();
    let transfer = Transfer::new(queues, journal.expect("a journal"), plan, &cancel);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(transfer.run(workers))
}

/// Each message is where it must be: once, and visible.
fn check(queues: &TwoQueues, texts: &[String]) {
    let source = queues.source.borrow();
    let destination = queues.destination.borrow();
    for (index, text) in texts.iter().enumerate() {
        let id = format!("m{index}");
        let left = source.iter().filter(|one| one.message_id == id).count();
        let mut sent = destination.iter().filter(|one| predecessor(one) == id);
        let stays = matches!(text.as_str(), "stay" | "refused");
        assert_eq!(left, usize::from(stays), "{id} in the source");
        assert_eq!(
            sent.next().map(|one| one.body.clone()),
            (!stays).then(|| format!("{text}!"))
        );
        assert_eq!(sent.next(), None, "{id} was sent twice");
    }
    assert_eq!(*queues.hidden.borrow(), Vec::<String>::new());
}

fn texts() -> Vec<String> {
    let texts = ["a", "stay", "b", "refused", "c", "a", "stay", "d"];
    texts.map(str::to_owned).into()
}

#[test]
fn what_is_selected_is_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    let queues = TwoQueues::of(&texts());
    let done = transfer(&queues, &folder.path().join("journal"), 2).expect("moved");
    assert_eq!(done.moved, 5);
    assert_eq!(done.refused, [("m3".to_owned(), "it says so".to_owned())]);
    check(&queues, &texts());
}

#[test]
fn whatever_call_goes_wrong_nothing_is_lost_or_doubled() {
    let faults = [
        Fault::Refused,
        Fault::ReplyLost,
        Fault::KilledBefore,
        Fault::KilledAfter,
    ];
    for fault in faults {
        let mut tried = 0;
        loop {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("journal");
            let queues = TwoQueues::of(&texts());
            queues.fault.set(Some((tried, fault)));
            let _first = transfer(&queues, &path, 2);
            let is_over = queues.calls.get() <= tried;
            queues.restart();
            transfer(&queues, &path, 2).expect("resumed");
            check(&queues, &texts());
            if is_over {
                break;
            }
            tried += 1;
        }
        assert!(tried > 8, "{fault:?} was tried at {tried} calls");
    }
}

proptest! {
    #[test]
    fn any_faults_in_a_row_lose_and_double_nothing(
        texts in prop::collection::vec(
            prop_oneof![Just("a"), Just("b"), Just("stay"), Just("refused")].prop_map(str::to_owned),
            0..30,
        ),
        faults in prop::collection::vec(
            (0..12usize, prop_oneof![
                Just(Fault::Refused), Just(Fault::ReplyLost),
                Just(Fault::KilledBefore), Just(Fault::KilledAfter),
            ]),
            0..6,
        ),
        workers in 1..4usize,
        is_forgetful in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let queues = TwoQueues::of(&texts);
        queues.is_forgetful.set(is_forgetful);
        for fault in faults {
            queues.calls.set(0);
            queues.fault.set(Some(fault));
            let _unfinished = transfer(&queues, &path, workers);
            queues.restart();
        }
        queues.restart();
        queues.is_forgetful.set(false);
        transfer(&queues, &path, workers).expect("resumed");
        check(&queues, &texts);
    }
}
