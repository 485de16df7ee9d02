//! Event source mappings, simulated step by step as the poller of the local cloud works. A
//! mapping leases messages while fewer batches than its concurrency are running, gathers them
//! until the batch is full or its window ends, invokes the function, and settles the batch by the
//! function's reply.

use std::rc::Rc;

use local_cloud::clock::LabMs;
use local_cloud::lambda::engine::{BatchResult, partial_batch};
use local_cloud::sqs::engine::{Leased, Settlement};
use serde_json::json;

use super::history::Handle;
use super::model::MessageState;
use super::random::Random;
use super::{CheckResult, Simulation, ensure};

#[derive(Debug)]
pub(crate) struct Mapping {
    queue: String,
    enabled: bool,
    batch_size: usize,
    max_bytes: usize,
    window: u64,
    reports: bool,
    concurrency: usize,
    /// Whether a lease is not durable yet.
    waiting: bool,
    gathering: Option<Gathering>,
    batches: Vec<Vec<LeasedMessage>>,
}

#[derive(Debug, Default)]
struct Gathering {
    held: Vec<LeasedMessage>,
    /// When the batch window ends.
    end: LabMs,
}

/// A message that a mapping holds.
#[derive(Debug, Clone)]
struct LeasedMessage {
    message: Leased,
    handle: Handle,
}

impl Mapping {
    pub(crate) fn draw(rng: &mut Random, names: u64) -> Self {
        Self {
            queue: format!("q{}", rng.below(names)),
            enabled: !rng.one_in(4),
            batch_size: rng.pick(&[1, 2, 10, 10, 100]),
            max_bytes: rng.pick(&[1_500, 6 << 20]),
            window: rng.pick(&[0, 0, 1, 20]),
            reports: rng.one_in(2),
            concurrency: rng.pick(&[1, 2, 5]),
            waiting: false,
            gathering: None,
            batches: Vec::new(),
        }
    }

    /// Drops the state of the process.
    pub(crate) fn reset(&mut self) {
        self.waiting = false;
        self.gathering = None;
        self.batches.clear();
    }
}

impl Simulation {
    fn any_mapping(&mut self) -> Option<usize> {
        let length = self.mappings.len();
        (length > 0).then(|| self.rng.index(length))
    }

    pub(crate) fn toggle(&mut self) -> CheckResult<()> {
        if let Some(index) = self.any_mapping() {
            let enabled = !self.mappings[index].enabled;
            self.mappings[index].enabled = enabled;
            self.note(|_| format!("mapping {index} enabled: {enabled}"));
        }
        Ok(())
    }

    pub(crate) fn poll(&mut self) -> CheckResult<()> {
        match self.any_mapping() {
            Some(index) => self.poll_with(index),
            None => Ok(()),
        }
    }

    /// One iteration of a mapping's poll loop.
    fn poll_with(&mut self, index: usize) -> CheckResult<()> {
        let mapping = &self.mappings[index];
        if mapping.waiting {
            return Ok(());
        }
        let Some(gathering) = &mapping.gathering else {
            let free = mapping.enabled && mapping.batches.len() < mapping.concurrency;
            return match free {
                true => self.lease(index, mapping.batch_size, mapping.max_bytes),
                false => Ok(()),
            };
        };
        let sizes = gathering.held.iter().map(|held| held.message.body.len());
        let bytes: usize = sizes.sum();
        let complete = gathering.held.len() >= mapping.batch_size
            || bytes >= mapping.max_bytes
            || self.now.lab >= gathering.end
            || !mapping.enabled;
        if complete {
            self.close(index);
            return Ok(());
        }
        let room = mapping.batch_size - gathering.held.len();
        self.lease(index, room, mapping.max_bytes - bytes)
    }

    /// Turns the gathered messages into a batch.
    fn close(&mut self, index: usize) {
        let mapping = &mut self.mappings[index];
        if let Some(gathering) = mapping.gathering.take() {
            mapping.batches.push(gathering.held);
        }
    }

    fn lease(&mut self, index: usize, max: usize, max_bytes: usize) -> CheckResult<()> {
        let Some(id) = self.model.by_name(&self.mappings[index].queue) else {
            // What was gathered is still delivered.
            self.close(index);
            return Ok(());
        };
        if self.engine.has_ready(id) == Some(false) {
            return Ok(());
        }
        let (reply, written) = self.command(|sqs, tx| sqs.lease(id, max, max_bytes, tx))?;
        self.check_error("lease", &reply, &Ok(()))?;
        let received = reply.map_err(|error| error.to_string())?;
        let since = self.now.lab.0;
        let until = since + self.model.queues[&id].setup.visibility * 1000;
        let state = MessageState::Leased { since, until };
        let expected = self.model.deliver(id, (max, max_bytes), state, self.now);
        self.note(|_| {
            let names: Vec<_> = received.iter().map(|one| &*one.message.body).collect();
            format!("mapping {index} leases {max} from {id} -> {names:?}")
        });
        let handles = self.check_deliveries(&received, &expected, true)?;
        let messages = received.into_iter().map(Leased::from);
        let held: Vec<LeasedMessage> = messages
            .zip(handles)
            .map(|(message, handle)| LeasedMessage { message, handle })
            .collect();
        self.mappings[index].waiting = true;
        let (generation, end) = (self.generation, self.now.lab);
        self.submit(written, move |simulation| {
            if simulation.generation == generation {
                simulation.gather(index, held, end);
            }
        });
        Ok(())
    }

    /// A lease is durable: its messages join the batch.
    fn gather(&mut self, index: usize, held: Vec<LeasedMessage>, at: LabMs) {
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

    pub(crate) fn finish(&mut self) -> CheckResult<()> {
        match self.any_mapping() {
            Some(index) => self.finish_with(index),
            None => Ok(()),
        }
    }

    /// Ends the invocation of one batch, with a random result.
    fn finish_with(&mut self, index: usize) -> CheckResult<()> {
        let batches = self.mappings[index].batches.len();
        if batches == 0 {
            return Ok(());
        }
        let at = self.rng.index(batches);
        let batch = self.mappings[index].batches.swap_remove(at);
        let settlements = match self.rng.below(8) {
            // The mapping is disabled while throttled, the function is deleted, or the cloud stops.
            0 => vec![Settlement::Release; batch.len()],
            _ => self.invoke(index, &batch)?,
        };
        self.settle(index, batch, &settlements)
    }

    /// Makes up a reply of the function, and checks that the engine reads from it which messages
    /// failed.
    fn invoke(&mut self, index: usize, batch: &[LeasedMessage]) -> CheckResult<Vec<Settlement>> {
        let reports = self.mappings[index].reports;
        let rng = &mut self.rng;
        let failing: Vec<bool> = batch.iter().map(|_| rng.one_in(3)).collect();
        let failures: Vec<_> = batch
            .iter()
            .zip(&failing)
            .filter(|(_, failing)| **failing)
            .map(|(held, _)| json!({"itemIdentifier": held.message.message_id}))
            .collect();
        let (reply, expected): (Option<String>, Vec<bool>) = match rng.below(8) {
            0 => (None, vec![true; batch.len()]),
            1 => (Some("no JSON".to_owned()), vec![reports; batch.len()]),
            2 => {
                let wrong = json!({"batchItemFailures": [{"itemIdentifier": "another"}]});
                (Some(wrong.to_string()), vec![reports; batch.len()])
            }
            3 => (Some("{}".to_owned()), vec![false; batch.len()]),
            4 => (Some("null".to_owned()), vec![false; batch.len()]),
            _ => {
                let text = json!({"batchItemFailures": failures}).to_string();
                let expected = failing.iter().map(|failing| reports && *failing);
                (Some(text), expected.collect())
            }
        };
        let ids: Vec<&str> = batch.iter().map(|held| &*held.message.message_id).collect();
        let payload = reply.as_deref().map(str::as_bytes).ok_or(());
        let result = partial_batch(reports, payload, &ids);
        let failed = ids.iter().map(|id| match &result {
            BatchResult::AllSucceeded => false,
            BatchResult::AllFailed => true,
            BatchResult::SomeFailed(failed) => failed.contains(*id),
        });
        ensure!(
            failed.eq(expected.iter().copied()),
            "the reply {reply:?} gives {result:?}, expected failures: {expected:?}"
        );
        let settlement = |failed| match failed {
            true => Settlement::Fail,
            false => Settlement::Delete,
        };
        Ok(expected.into_iter().map(settlement).collect())
    }

    fn settle(
        &mut self,
        index: usize,
        batch: Vec<LeasedMessage>,
        settlements: &[Settlement],
    ) -> CheckResult<()> {
        let arn = format!("{}{}", super::model::ARN, self.mappings[index].queue);
        let ids = batch.iter().map(|held| held.message.message_id.clone());
        let outcomes: Vec<_> = ids.zip(settlements.iter().copied()).collect();
        self.note(|_| {
            let names = batch.iter().map(|held| held.handle.history.name());
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
            let history = held.handle.history;
            history.release();
            let Some(id) = id.filter(|id| self.is_leased(*id, &history)) else {
                continue;
            };
            match settlement {
                Settlement::Delete => {
                    self.model.settle_deleted(id, &history);
                    deleted.push(history);
                }
                Settlement::Fail => {
                    let until = self.model.settle_failed(id, &history, self.now);
                    failed.push((Rc::clone(&history), until.unwrap_or_default()));
                }
                Settlement::Release => self.model.settle_released(id, &history),
            }
        }
        let operation = self.operation;
        self.submit(written, move |_| {
            deleted.iter().for_each(|history| history.confirm_deleted());
            for (history, until) in failed {
                history.confirm_receive();
                history.confirm_hidden(operation, until);
            }
        });
        Ok(())
    }

    /// The cloud shuts down cleanly: polling stops, and all leases are released.
    pub(crate) fn release_all(&mut self) -> CheckResult<()> {
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
