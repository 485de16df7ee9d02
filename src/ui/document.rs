//! The one JSON document that a command prints with `--json`.
//!
//! [`Document`] and [`ErrorDocument`] are the whole of it: a [`Head`] that all have, then the
//! members of the command's report or the error. The schema in `docs/` is made from them.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Members, Report, printable_json};
use crate::error::{CommandError, ErrorKind};
use crate::globals::TargetKind;

/// The version of the documents' form.
const SCHEMA: u32 = 1;

/// What every document begins with.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Head {
    /// The version of the documents' form. It changes when a member is renamed or removed, or
    /// changes its meaning; new members may come without a new version.
    pub schema: u32,
    /// The command, for example `up` or `local start`; `null` where the command line is wrong.
    pub command: Option<String>,
    /// The lab's name; `null` where the command does not act on a lab.
    pub lab: Option<String>,
    /// Where the command acted; `null` where it acts on no target, or ended before it knew.
    pub target: Option<TargetDocument>,
    /// How long the command took, in seconds.
    pub seconds: f64,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            command: None,
            lab: None,
            target: None,
            seconds: 0.0,
        }
    }
}

/// The account that a command acts on, and who acts there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Target")]
pub struct TargetDocument {
    /// Whether this is the local cloud or AWS.
    pub kind: TargetKind,
    /// The account id: twelve digits.
    pub account: String,
    /// The region, for example `eu-central-1`.
    pub region: String,
    /// The endpoint; `null` where it is AWS's own, and where the local cloud does not run.
    pub endpoint: Option<String>,
    /// The ARN of the user or role whose credentials are used.
    pub caller: String,
    /// The account's alias; `null` where it has none, or the caller may not read it.
    pub alias: Option<String>,
    /// The profile that `--profile` or `AWS_PROFILE` names; `null` where none does.
    pub profile: Option<String>,
}

/// What a command prints that ran to its end.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Document<T> {
    /// What every document begins with.
    #[serde(flatten)]
    pub head: Head,
    /// Whether everything is as it should be. The exit code is 0 if so; it is 1 if not, or that of
    /// the error.
    pub ok: bool,
    /// The command's own members.
    #[serde(flatten)]
    pub report: T,
}

/// What a command prints that failed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct ErrorDocument {
    /// What every document begins with.
    #[serde(flatten)]
    pub head: Head,
    /// Whether everything is as it should be. The exit code is 0 if so; it is 1 if not, or that of
    /// the error.
    #[schemars(extend("const" = false))]
    pub ok: bool,
    /// Why the command failed.
    pub error: ErrorMembers,
}

/// Why a command failed, and what to do next.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ErrorDetails")]
pub(crate) struct ErrorMembers {
    /// Which sort of trouble this is.
    pub kind: ErrorKind,
    /// What happened and why, for people.
    pub message: String,
    /// What to do next, each a sentence for people.
    pub hints: Vec<String>,
    /// The call that failed, for example `sqs:CreateQueue`; `null` where none did.
    pub operation: Option<&'static str>,
    /// The service's error code, for example `AccessDenied`; `null` where it did not answer.
    pub code: Option<String>,
    /// The service's id of the request; `null` where it did not answer.
    pub request_id: Option<String>,
}

impl ErrorMembers {
    fn of(error: &CommandError) -> Self {
        let call = error.call.as_ref();
        Self {
            kind: error.kind,
            message: error.full_message(),
            hints: error.hints.clone(),
            operation: call.map(|call| call.operation),
            code: call.and_then(|call| call.code.clone()),
            request_id: call.and_then(|call| call.request_id.clone()),
        }
    }
}

/// The document for a result, as one line.
pub(super) fn render(head: &Head, result: &Result<Report, CommandError>) -> String {
    let head = head.clone();
    let text = match result {
        Ok(report) => serde_json::to_string(&Document::<&Members> {
            head,
            ok: report.ok,
            report: &report.data,
        }),
        Err(error) => serde_json::to_string(&ErrorDocument {
            head,
            ok: false,
            error: ErrorMembers::of(error),
        }),
    };
    let text = text.expect("only a map whose keys are no strings cannot be written as JSON");
    printable_json(text) + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::FailedCall;

    fn rendered(result: Result<Report, CommandError>) -> serde_json::Value {
        let head = Head {
            command: Some("status".to_owned()),
            ..Head::default()
        };
        serde_json::from_str(&render(&head, &result)).expect("JSON")
    }

    #[test]
    fn a_document_holds_head_and_report() {
        let mut report = Report::new(Members::new()).passed(false);
        report.data.insert("up".to_owned(), true.into());
        assert_eq!(
            rendered(Ok(report)),
            json!({
                "schema": 1, "command": "status", "lab": null, "target": null, "seconds": 0.0,
                "ok": false, "up": true,
            })
        );
    }

    #[test]
    fn an_error_names_the_call_that_failed() {
        let mut error = CommandError::new(ErrorKind::NotFound, "there is none").hint("Make one.");
        error.call = Some(Box::new(FailedCall {
            operation: "sqs:GetQueueUrl",
            code: Some("QueueDoesNotExist".to_owned()),
            request_id: None,
            denied: false,
        }));
        let document = rendered(Err(error));
        assert_eq!(
            document["error"],
            json!({
                "kind": "not_found", "message": "there is none", "hints": ["Make one."],
                "operation": "sqs:GetQueueUrl", "code": "QueueDoesNotExist", "request_id": null,
            })
        );
        assert_eq!(document["ok"], false);
    }
}
