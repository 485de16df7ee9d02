//! Properties of SQS's JSON.

use std::sync::{Arc, LazyLock};

use tokio::runtime::Runtime;

use super::service::{SqsService, queue_name};
use super::wire::{Outgoing, WireAttribute};
use super::{DIALECT, OPERATIONS};
use crate::fuzzing::engines::first_line;
use crate::fuzzing::services::check_refusal;
use crate::iam::RequiredPermission;
use crate::protocol::http::tests::request_of_a_role;
use crate::protocol::json::read as read_json;
use crate::runtime_context::RuntimeContext;
use crate::service::json::read;
use crate::sqs::Queues;
use crate::sqs::engine::fuzzing::survives;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime starts"));

static SERVICE: LazyLock<Arc<SqsService>> = LazyLock::new(|| {
    let _guard = RUNTIME.enter();
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let queues = Queues::open(&context).expect("a new journal can be read");
    Arc::new(SqsService::new(queues, String::new(), &context))
});

/// An operation's name, then a body: it is read or refused, and a message that can be sent is the
/// same when it is received.
pub fn sqs_json(data: &[u8]) {
    let (operation, body) = first_line(data);
    let target = format!("AmazonSQS.{}", String::from_utf8_lossy(operation));
    let request = request_of_a_role(&target, body);
    check_refusal(&DIALECT, read(OPERATIONS, &SERVICE, &request).map(drop));
    if let Ok(message) = read_json::<Outgoing>(body)
        && let Ok(draft) = message.read(&"000000000000".into())
    {
        for attribute in &draft.attributes {
            let written = serde_json::to_vec(&WireAttribute::write(attribute));
            let read = written.map(|json| serde_json::from_slice::<WireAttribute>(&json));
            assert!(matches!(read, Ok(Ok(_))));
        }
        let outcome = survives(draft);
        check_refusal(&DIALECT, outcome);
    }
}

/// The permissions that a request requires; `None` for one that is refused.
pub(crate) fn required(operation: &str, body: &[u8]) -> Option<Vec<RequiredPermission>> {
    let request = request_of_a_role(&format!("AmazonSQS.{operation}"), body);
    let call = read(OPERATIONS, &SERVICE, &request).ok()?;
    call.required_permissions().ok()
}

/// The ARN of the queue with this URL; `None` where the service takes it for none.
pub(crate) fn arn_of_url(url: &str) -> Option<String> {
    let name = queue_name(url).ok()?;
    Some(SERVICE.location.arn("sqs", name))
}
