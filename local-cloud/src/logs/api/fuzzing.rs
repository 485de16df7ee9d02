//! What the fuzz targets check of the requests to CloudWatch Logs.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::service::LogsService;
use super::wire::group_name;
use super::{DIALECT, OPERATIONS, events};
use crate::error::AwsError;
use crate::fuzzing::engines::first_line;
use crate::fuzzing::services::check_refusal;
use crate::iam::RequiredPermission;
use crate::logs::Logs;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::service::Call;
use crate::service::json::read;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

static SERVICE: LazyLock<Arc<LogsService>> = LazyLock::new(|| {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let logs = Logs::open(&context).expect("a new journal can be read");
    Arc::new(LogsService::new(logs, &context))
});

/// An operation's name, then a body, which is read or refused; or `token`, then a page token.
pub fn logs_json(data: &[u8]) {
    let (operation, body) = first_line(data);
    let outcome = match operation {
        b"token" => tokens(&String::from_utf8_lossy(body)),
        operation => call(&String::from_utf8_lossy(operation), body).map(drop),
    };
    check_refusal(&DIALECT, outcome);
}

/// The permissions that a request requires; `None` for one that is refused.
pub(crate) fn required(operation: &str, body: &[u8]) -> Option<Vec<RequiredPermission>> {
    call(operation, body).ok()?.required_permissions().ok()
}

/// The ARN of the stream that the service would use.
pub(crate) fn stream_arns(operation: &str, body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        log_group_name: Option<String>,
        log_group_identifier: Option<String>,
        log_stream_name: Option<String>,
    }
    let is_identified = matches!(operation, "GetLogEvents" | "FilterLogEvents");
    if !is_identified && !matches!(operation, "PutLogEvents" | "DeleteLogGroup") {
        return Vec::new();
    }
    let Ok(input) = serde_json::from_slice::<Input>(body) else {
        return Vec::new();
    };
    let has_stream = matches!(operation, "GetLogEvents" | "PutLogEvents");
    let identifier = input.log_group_identifier.filter(|_| is_identified);
    let name = SERVICE.logs.read(|store, _| {
        let name = group_name(
            store,
            input.log_group_name.as_deref(),
            identifier.as_deref(),
        );
        name.ok().map(str::to_owned)
    });
    // No group can have any other name, so there is nothing to protect.
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    let is_name = |name: &String| !name.is_empty() && name.chars().all(is_allowed);
    let Some(name) = name.filter(is_name) else {
        return Vec::new();
    };
    let stream = input.log_stream_name.filter(|_| has_stream);
    let stream = stream.unwrap_or_default();
    let resource = format!("log-group:{name}:log-stream:{stream}");
    vec![SERVICE.location.arn("logs", &resource)]
}

fn call(operation: &str, body: &[u8]) -> Result<Box<dyn Call>, AwsError> {
    let request = request_of_a_role(&format!("Logs_20140328.{operation}"), body);
    read(OPERATIONS, &SERVICE, &request)
}

fn tokens(text: &str) -> Result<(), AwsError> {
    events::direction(text).map(drop)?;
    events::position(text).map(drop)
}
