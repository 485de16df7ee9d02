//! Approximate counts: on AWS they are gathered from many machines and lag behind; how far is
//! the chaos's affair.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::LabMs;
use crate::faults::FaultInjector;
use crate::sqs::engine::{Attributes, QueueId};

/// What all counts' names begin with.
const COUNT: &str = "ApproximateNumberOfMessages";

/// The counts as they were told last.
#[derive(Debug)]
pub(super) struct StaleCounts {
    faults: Arc<FaultInjector>,
    told: Mutex<HashMap<QueueId, Told>>,
}

#[derive(Debug)]
struct Told {
    until: LabMs,
    counts: Attributes,
}

impl StaleCounts {
    /// Nothing was told yet.
    pub(super) fn new(faults: Arc<FaultInjector>) -> Self {
        Self {
            faults,
            told: Mutex::default(),
        }
    }

    /// A queue's attributes, with counts as old as the chaos has it.
    pub(super) fn settle(&self, id: QueueId, fresh: Attributes, now: LabMs) -> Attributes {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, told| now < told.until);
        let delay = self.faults.delay(|delays| delays.counts);
        if delay == 0 {
            return fresh;
        }
        let is_count = |name: &String| name.starts_with(COUNT);
        let told = told.entry(id).or_insert_with(|| Told {
            until: LabMs(now.0 + delay),
            counts: Attributes::new(),
        });
        let mut shown = fresh;
        for (name, count) in shown.iter_mut().filter(|(name, _)| is_count(name)) {
            *count = told
                .counts
                .entry(name.clone())
                .or_insert_with(|| count.clone())
                .clone();
        }
        shown
    }
}
