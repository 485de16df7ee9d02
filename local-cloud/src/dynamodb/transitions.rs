//! Tables on their way: dynoxide's are there and gone at once, AWS's take their time. In off
//! chaos nothing of this happens. Kept in memory alone: a restart ends every transition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::DIALECT;
use crate::clock::{Clock, LabMs};
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::protocol::http::Reply;
use crate::runtime_context::RuntimeContext;

/// The tables that are being created, updated or deleted.
#[derive(Debug)]
pub(super) struct Transitions {
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    tables: Mutex<HashMap<String, Transition>>,
}

#[derive(Debug)]
struct Transition {
    until: LabMs,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Creating,
    Updating,
    /// With the table's last description.
    Deleting(Value),
}

impl Transitions {
    /// No transitions yet.
    pub(super) fn new(context: &RuntimeContext) -> Self {
        Self {
            clock: Arc::clone(&context.clock),
            faults: Arc::clone(&context.faults),
            tables: Mutex::default(),
        }
    }

    /// The answer to a request about a table on its way; `None` for one that goes on as usual.
    pub(super) fn before(&self, operation: &str, body: &[u8]) -> Option<Result<Reply, AwsError>> {
        let mut tables = self.lock();
        if tables.is_empty() {
            return None;
        }
        let now = self.clock.now().lab;
        tables.retain(|_, transition| now < transition.until);
        let name = names(body)
            .into_iter()
            .find(|name| tables.contains_key(name))?;
        let in_use = |what: &str| {
            let message = format!(
                "Attempt to change a resource which is still in use: Table is being {what}: {name}"
            );
            Some(Err(AwsError::new("ResourceInUseException", 400, message)))
        };
        match (&tables.get(&name)?.stage, operation) {
            (Stage::Creating, "DescribeTable" | "CreateTable") => None,
            (Stage::Creating, "DeleteTable" | "UpdateTable") => in_use("created"),
            (Stage::Updating, "DeleteTable" | "UpdateTable") => in_use("updated"),
            (Stage::Updating, _) => None,
            (Stage::Deleting(description), "DescribeTable") => {
                Some(Ok(DIALECT.output(&json!({ "Table": description }))))
            }
            (Stage::Deleting(description), "DeleteTable") => Some(Ok(
                DIALECT.output(&json!({ "TableDescription": description }))
            )),
            (Stage::Deleting(_), "CreateTable" | "UpdateTable") => in_use("deleted"),
            _ => {
                let message = "Requested resource not found";
                Some(Err(AwsError::new(
                    "ResourceNotFoundException",
                    400,
                    message,
                )))
            }
        }
    }

    /// The reply as it reads while its table is on its way, which may begin here.
    pub(super) fn after(&self, operation: &str, body: &[u8], reply: Reply) -> Reply {
        if reply.status != 200
            || !matches!(
                operation,
                "CreateTable" | "UpdateTable" | "DeleteTable" | "DescribeTable"
            )
        {
            return reply;
        }
        let Some(name) = names(body).into_iter().next() else {
            return reply;
        };
        if operation == "DescribeTable" {
            return self.describe(&name, reply);
        }
        let delay = self.faults.delay(|delays| delays.table);
        if delay > 0 {
            let stage = match operation {
                "CreateTable" => Stage::Creating,
                "UpdateTable" => Stage::Updating,
                _ => Stage::Deleting(member(&reply, "TableDescription")),
            };
            let until = LabMs(self.clock.now().lab.0 + delay);
            self.lock().insert(name, Transition { until, stage });
        }
        reply
    }

    fn describe(&self, name: &str, reply: Reply) -> Reply {
        let status = match self.lock().get(name).map(|transition| &transition.stage) {
            Some(Stage::Creating) => "CREATING",
            Some(Stage::Updating) => "UPDATING",
            Some(Stage::Deleting(_)) | None => return reply,
        };
        let mut table = member(&reply, "Table");
        table["TableStatus"] = json!(status);
        DIALECT.output(&json!({ "Table": table }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Transition>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn member(reply: &Reply, name: &str) -> Value {
    let mut body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    body.get_mut(name).map(Value::take).unwrap_or_default()
}

/// The tables that a request names: its own, those of a batch, those in PartiQL statements by
/// what stands between double quotes.
fn names(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut names = Vec::new();
    if let Some(name) = body.get("TableName").and_then(Value::as_str) {
        names.push(name.rsplit('/').next().unwrap_or(name).to_owned());
    }
    let requests = body.get("RequestItems").and_then(Value::as_object);
    names.extend(
        requests
            .into_iter()
            .flat_map(|tables| tables.keys().cloned()),
    );
    let lists = ["Statements", "TransactStatements"];
    let statements = lists
        .iter()
        .filter_map(|list| body.get(list)?.as_array())
        .flatten();
    for statement in statements.chain([&body]) {
        let text = statement.get("Statement").and_then(Value::as_str);
        names.extend(
            text.and_then(|text| text.split('"').nth(1))
                .map(str::to_owned),
        );
    }
    names
}
