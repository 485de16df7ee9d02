//! Tags on their way: DynamoDB's are eventually consistent, so for a while after a change
//! `ListTagsOfResource` may answer as before it. Kept in memory alone: a restart ends every wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::DIALECT;
use crate::clock::{Clock, LabMs};
use crate::faults::FaultInjector;
use crate::protocol::http::Reply;
use crate::runtime_context::RuntimeContext;

/// The tags that were, by tables' ARNs.
#[derive(Debug)]
pub(super) struct StaleTags {
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    earlier: Mutex<HashMap<String, Earlier>>,
}

#[derive(Debug)]
struct Earlier {
    until: LabMs,
    /// What `ListTagsOfResource` answered.
    listed: Value,
}

impl StaleTags {
    /// All tags are everywhere.
    pub(super) fn new(context: &RuntimeContext) -> Self {
        Self {
            clock: Arc::clone(&context.clock),
            faults: Arc::clone(&context.faults),
            earlier: Mutex::default(),
        }
    }

    /// The table whose tags must be listed before the operation changes them, as they will be told
    /// on for a while.
    pub(super) fn about_to_change(&self, operation: &str, body: &[u8]) -> Option<String> {
        let changes = matches!(operation, "TagResource" | "UntagResource");
        if !changes || self.faults.is_off() {
            return None;
        }
        text(body, "/ResourceArn")
    }

    /// The tags that were listed are told on for a while.
    pub(super) fn changed(&self, table_arn: String, listed: &Reply) {
        if listed.status != 200 {
            return;
        }
        let listed = serde_json::from_slice(&listed.body).unwrap_or_default();
        let until = self.until();
        let mut earlier = self.lock();
        let kept = earlier.entry(table_arn);
        let kept = kept.or_insert(Earlier { until, listed });
        kept.until = kept.until.max(until);
    }

    /// The reply as whoever asks is told it; a new table has no tags at first.
    pub(super) fn after(&self, operation: &str, body: &[u8], reply: Reply) -> Reply {
        if reply.status != 200 {
            return reply;
        }
        match operation {
            "CreateTable" if !self.faults.is_off() => {
                if let Some(arn) = text(&reply.body, "/TableDescription/TableArn") {
                    let listed = json!({ "Tags": [] });
                    let until = self.until();
                    self.lock().insert(arn, Earlier { until, listed });
                }
                reply
            }
            "ListTagsOfResource" => self.told(body).unwrap_or(reply),
            _ => reply,
        }
    }

    fn told(&self, body: &[u8]) -> Option<Reply> {
        let mut earlier = self.lock();
        let now = self.clock.now().lab;
        earlier.retain(|_, earlier| now < earlier.until);
        let earlier = earlier.get(&text(body, "/ResourceArn")?)?;
        let is_told = self.faults.is_behind();
        is_told.then(|| DIALECT.output(&earlier.listed))
    }

    fn until(&self) -> LabMs {
        LabMs(self.clock.now().lab.0 + self.faults.delay(|delays| delays.tags))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Earlier>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(body: &[u8], pointer: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.pointer(pointer)?.as_str().map(str::to_owned)
}
