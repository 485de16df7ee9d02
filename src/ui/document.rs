//! The one JSON document that a command prints with `--json`.

use serde_json::{Map, Value, json};

use super::Report;
use crate::error::CommandError;

/// What every document begins with.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The command's name, for example `up`, or `local start`.
    pub command: String,
    /// The lab, where the command is about one.
    pub lab: Option<String>,
    /// The target, once it is known.
    pub target: Option<Value>,
    /// How long the command took, in milliseconds.
    pub milliseconds: u64,
}

impl Document {
    /// The document for a result, as one line.
    pub fn render(&self, result: &Result<Report, CommandError>) -> String {
        let mut document = Map::new();
        document.insert("schema".to_owned(), json!(1));
        document.insert("command".to_owned(), json!(self.command));
        match result {
            Ok(report) => {
                if let Some(lab) = &self.lab {
                    document.insert("lab".to_owned(), json!(lab));
                }
                if let Some(target) = &self.target {
                    document.insert("target".to_owned(), target.clone());
                }
                document.insert("ok".to_owned(), json!(report.ok));
                let seconds = std::time::Duration::from_millis(self.milliseconds).as_secs_f64();
                document.insert("seconds".to_owned(), json!(seconds));
                document.extend(report.data.clone());
            }
            Err(error) => {
                document.insert("ok".to_owned(), json!(false));
                document.insert("error".to_owned(), error_members(error));
            }
        }
        format!("{}\n", Value::Object(document))
    }
}

/// An error, with the call that failed where one did.
fn error_members(error: &CommandError) -> Value {
    let mut members = json!({
        "kind": error.kind.name(),
        "message": error.full_message(),
        "hints": error.hints,
    });
    if let (Some(call), Some(members)) = (&error.call, members.as_object_mut()) {
        members.insert("operation".to_owned(), json!(call.operation));
        members.insert("code".to_owned(), json!(call.code));
        members.insert("request_id".to_owned(), json!(call.request_id));
    }
    members
}
