//! Event source mappings: what `runtime::functions::poller` does, step by step. A mapping takes
//! messages while a batch's place is free, gathers until the batch is full or its window ends,
//! invokes the function, and settles by what the function said.

use std::rc::Rc;

use local_cloud::clock::LabMs;
use local_cloud::lambda::engine::{BatchResult, partial_batch};
use local_cloud::sqs::engine::{Leased, Settlement};
use serde_json::json;

use super::chance::Chance;
use super::ledger::Handle;
use super::model::Place;
use super::{Outcome, World, ensure};

/// A mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    queue: String,
    enabled: bool,
    batch_size: usize,
    max_bytes: usize,
    window: u64,
    reports: bool,
    places: usize,
    /// A lease is under way: its changes are not durable yet.
    waiting: bool,
    gathering: Option<Gathering>,
    batches: Vec<Vec<Held>>,
}

#[derive(Debug, Default)]
struct Gathering {
    held: Vec<Held>,
    /// When the window ends.
    end: LabMs,
}

/// A message that a mapping holds.
#[derive(Debug, Clone)]
struct Held {
    message: Leased,
    handle: Handle,
}

impl Mapping {
    pub(crate) fn draw(chance: &mut Chance, names: u64) -> Self {
        Self {
            queue: format!("q{}", chance.below(names)),
            enabled: !chance.one_in(4),
            batch_size: chance.pick(&[1, 2, 10, 10, 100]),
            max_bytes: chance.pick(&[1_500, 6 << 20]),
            window: chance.pick(&[0, 0, 1, 20]),
            reports: chance.one_in(2),
            places: chance.pick(&[1, 2, 5]),
            waiting: false,
            gathering: None,
            batches: Vec::new(),
        }
    }

    /// The process is gone, and with it what it held.
    pub(crate) fn forget(&mut self) {
        self.waiting = false;
        self.gathering = None;
        self.batches.clear();
    }
}

impl World {
    fn any_mapping(&mut self) -> Option<usize> {
        let length = self.mappings.len();
        (length > 0).then(|| self.chance.index(length))
    }

    pub(crate) fn toggle(&mut self) -> Outcome<()> {
        if let Some(index) = self.any_mapping() {
            let enabled = !self.mappings[index].enabled;
            self.mappings[index].enabled = enabled;
            self.note(|_| format!("mapping {index} enabled: {enabled}"));
        }
        Ok(())
    }

    pub(crate) fn poll(&mut self) -> Outcome<()> {
        match self.any_mapping() {
            Some(index) => self.poll_with(index),
            None => Ok(()),
        }
    }

    /// A round of a mapping's poller.
    fn poll_with(&mut self, index: usize) -> Outcome<()> {
        let mapping = &self.mappings[index];
        if mapping.waiting {
            return Ok(());
        }
        let Some(gathering) = &mapping.gathering else {
            let free = mapping.enabled && mapping.batches.len() < mapping.places;
            return match free {
                true => self.lease(index, mapping.batch_size, mapping.max_bytes),
                false => Ok(()),
            };
        };
        let bytes = gathering.held.iter().map(|held| held.message.body.len());
        let bytes: usize = bytes.sum();
        let over = gathering.held.len() >= mapping.batch_size
            || bytes >= mapping.max_bytes
            || self.now.lab >= gathering.end
            || !mapping.enabled;
        if over {
            self.close(index);
            return Ok(());
        }
        let room = mapping.batch_size - gathering.held.len();
        self.lease(index, room, mapping.max_bytes - bytes)
    }

    /// Begins a batch with what was gathered.
    fn close(&mut self, index: usize) {
        let mapping = &mut self.mappings[index];
        if let Some(gathering) = mapping.gathering.take() {
            mapping.batches.push(gathering.held);
        }
    }

    fn lease(&mut self, index: usize, max: usize, max_bytes: usize) -> Outcome<()> {
        let Some(id) = self.model.by_name(&self.mappings[index].queue) else {
            // What is held is delivered nevertheless.
            self.close(index);
            return Ok(());
        };
        if self.engine.has_ready(id) == Some(false) {
            return Ok(());
        }
        let (reply, written) = self.command(|sqs, tx| sqs.lease(id, max, max_bytes, tx))?;
        self.agree("a lease", &reply, &Ok(()))?;
        let received = reply.map_err(|error| error.to_string())?;
        let since = self.now.lab.0;
        let until = since + self.model.queues[&id].setup.visibility * 1000;
        let place = Place::Leased { since, until };
        let expected = self.model.deliver(id, (max, max_bytes), place, self.now);
        self.note(|_| {
            let names: Vec<_> = received.iter().map(|one| &*one.message.body).collect();
            format!("mapping {index} leases {max} from {id} -> {names:?}")
        });
        let handles = self.delivered(&received, &expected, true)?;
        let messages = received.into_iter().map(Leased::from);
        let held: Vec<Held> = messages
            .zip(handles)
            .map(|(message, handle)| Held { message, handle })
            .collect();
        self.mappings[index].waiting = true;
        let (life, end) = (self.life, self.now.lab);
        self.submit(written, move |world| {
            if world.life == life {
                world.leased(index, held, end);
            }
        });
        Ok(())
    }

    /// A lease is there.
    fn leased(&mut self, index: usize, held: Vec<Held>, at: LabMs) {
        for one in &held {
            self.remember(one.handle.clone());
        }
        let mapping = &mut self.mappings[index];
        mapping.waiting = false;
        let (empty, end) = (held.is_empty(), at.plus_seconds(mapping.window));
        let fresh = || Gathering {
            held: Vec::new(),
            end,
        };
        if mapping.gathering.is_none() && empty {
            return;
        }
        let gathering = mapping.gathering.get_or_insert_with(fresh);
        gathering.held.extend(held);
        if empty || mapping.window == 0 {
            self.close(index);
        }
    }

    pub(crate) fn finish(&mut self) -> Outcome<()> {
        match self.any_mapping() {
            Some(index) => self.finish_with(index),
            None => Ok(()),
        }
    }

    /// A batch's function ends, one way or another.
    fn finish_with(&mut self, index: usize) -> Outcome<()> {
        let batches = self.mappings[index].batches.len();
        if batches == 0 {
            return Ok(());
        }
        let at = self.chance.index(batches);
        let batch = self.mappings[index].batches.swap_remove(at);
        let settlements = match self.chance.below(8) {
            // The mapping was disabled while throttled, the function is gone, the cloud stops.
            0 => vec![Settlement::Release; batch.len()],
            _ => self.invoke(index, &batch)?,
        };
        self.settle(index, batch, &settlements)
    }

    /// What the function's end means for each message, by the engine that judges it. What it
    /// should mean is known here, because the answer is made here.
    fn invoke(&mut self, index: usize, batch: &[Held]) -> Outcome<Vec<Settlement>> {
        let reports = self.mappings[index].reports;
        let chance = &mut self.chance;
        let failing: Vec<bool> = batch.iter().map(|_| chance.one_in(3)).collect();
        let both = batch.iter().zip(&failing).filter(|(_, failing)| **failing);
        let named = both.map(|(held, _)| json!({"itemIdentifier": held.message.message_id}));
        let named: Vec<_> = named.collect();
        let (answer, fail): (Option<String>, Vec<bool>) = match chance.below(8) {
            0 => (None, vec![true; batch.len()]),
            1 => (Some("no JSON".to_owned()), vec![reports; batch.len()]),
            2 => {
                let wrong = json!({"batchItemFailures": [{"itemIdentifier": "another"}]});
                (Some(wrong.to_string()), vec![reports; batch.len()])
            }
            3 => (Some("{}".to_owned()), vec![false; batch.len()]),
            4 => (Some("null".to_owned()), vec![false; batch.len()]),
            _ => {
                let said = json!({"batchItemFailures": named}).to_string();
                let fail = failing.iter().map(|failing| reports && *failing);
                (Some(said), fail.collect())
            }
        };
        let ids: Vec<&str> = batch.iter().map(|held| &*held.message.message_id).collect();
        let payload = answer.as_deref().map(str::as_bytes).ok_or(());
        let verdict = partial_batch(reports, payload, &ids);
        let judged = ids.iter().map(|id| match &verdict {
            BatchResult::AllSucceeded => false,
            BatchResult::AllFailed => true,
            BatchResult::SomeFailed(failed) => failed.contains(*id),
        });
        let judged: Vec<bool> = judged.collect();
        ensure!(
            judged == fail,
            "{answer:?} is judged {verdict:?}, should {fail:?}"
        );
        let settlement = |fail| match fail {
            true => Settlement::Fail,
            false => Settlement::Delete,
        };
        Ok(fail.into_iter().map(settlement).collect())
    }

    fn settle(
        &mut self,
        index: usize,
        batch: Vec<Held>,
        settlements: &[Settlement],
    ) -> Outcome<()> {
        let arn = format!("{}{}", super::model::ARN, self.mappings[index].queue);
        let ids = batch.iter().map(|held| held.message.message_id.clone());
        let outcomes: Vec<_> = ids.zip(settlements.iter().copied()).collect();
        self.note(|_| {
            let names = batch.iter().map(|held| held.handle.ident.name());
            let both: Vec<_> = names.zip(settlements).collect();
            format!("mapping {index} settles {both:?}")
        });
        let (id, written) = self.command(|sqs, tx| {
            let id = sqs.by_arn(&arn).ok()?;
            sqs.settle(id, &outcomes, tx);
            Some(id)
        })?;
        let (mut deleted, mut failed) = (Vec::new(), Vec::new());
        for (held, settlement) in batch.into_iter().zip(settlements) {
            let ident = held.handle.ident;
            ident.release();
            let Some(id) = id.filter(|id| self.is_leased(*id, &ident)) else {
                continue;
            };
            match settlement {
                Settlement::Delete => {
                    self.model.settle_deleted(id, &ident);
                    deleted.push(ident);
                }
                Settlement::Fail => {
                    let until = self.model.settle_failed(id, &ident, self.now);
                    failed.push((Rc::clone(&ident), until.unwrap_or_default()));
                }
                Settlement::Release => self.model.settle_released(id, &ident),
            }
        }
        let operation = self.operation;
        self.submit(written, move |_| {
            deleted.iter().for_each(|ident| ident.is_gone());
            for (ident, until) in failed {
                ident.counts();
                ident.hides(operation, until);
            }
        });
        Ok(())
    }

    /// The cloud stops in order: nobody polls, and what is held goes back.
    pub(crate) fn release_all(&mut self) -> Outcome<()> {
        for index in 0..self.mappings.len() {
            self.close(index);
            while let Some(batch) = self.mappings[index].batches.pop() {
                let all = vec![Settlement::Release; batch.len()];
                self.settle(index, batch, &all)?;
            }
        }
        Ok(())
    }
}
