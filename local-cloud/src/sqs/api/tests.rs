use serde_json::json;

use super::*;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::sqs::Queues;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

fn service() -> Arc<SqsService> {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let queues = Queues::open(&context).unwrap();
    let endpoint = "http://127.0.0.1:1".to_owned();
    Arc::new(SqsService::new(queues, endpoint, &context))
}

async fn call(service: &Arc<SqsService>, operation: &str, input: serde_json::Value) {
    let target = format!("AmazonSQS.{operation}");
    let request = request_of_a_role(&target, input.to_string().as_bytes());
    let reply = Arc::clone(service).read(&request).unwrap().run().await;
    assert_eq!(reply.status, 200, "{operation}");
}

fn required(service: &Arc<SqsService>, operation: &str, input: serde_json::Value) -> Vec<String> {
    let target = format!("AmazonSQS.{operation}");
    let request = request_of_a_role(&target, input.to_string().as_bytes());
    let call = Arc::clone(service).read(&request).unwrap();
    let permissions = call.required_permissions().unwrap().into_iter();
    permissions
        .map(|one| format!("{} {}", one.action, one.resource))
        .collect()
}

fn url(name: &str) -> String {
    format!("http://127.0.0.1:1/000000000000/{name}")
}

#[tokio::test]
async fn a_batch_requires_its_single_action() {
    let input = json!({"QueueUrl": url("orders"), "Entries": []});
    let expected = ["sqs:sendmessage arn:aws:sqs:us-east-1:000000000000:orders"];
    assert_eq!(required(&service(), "SendMessageBatch", input), expected);
}

#[tokio::test]
async fn a_request_whose_queue_cannot_be_told_is_refused() {
    let service = service();
    let refused = |operation: &str, input: serde_json::Value| {
        let target = format!("AmazonSQS.{operation}");
        let request = request_of_a_role(&target, input.to_string().as_bytes());
        let call = Arc::clone(&service).read(&request).unwrap();
        call.required_permissions().unwrap_err().code
    };
    let none = json!({"MessageBody": "x"});
    assert_eq!(
        refused("SendMessage", none),
        "MissingRequiredParameterException"
    );
    let elsewhere = json!({"SourceArn": "arn:aws:sqs:eu-west-1:000000000000:dead"});
    for operation in ["StartMessageMoveTask", "ListMessageMoveTasks"] {
        assert_eq!(
            refused(operation, elsewhere.clone()),
            "ResourceNotFoundException"
        );
    }
    let handle = json!({"TaskHandle": "?"});
    assert_eq!(
        refused("CancelMessageMoveTask", handle),
        "InvalidParameterValueException"
    );
}

#[tokio::test]
async fn tags_at_creation_require_a_permission_of_their_own() {
    let input = json!({"QueueName": "q", "tags": {"a": "b"}});
    let expected = [
        "sqs:createqueue arn:aws:sqs:us-east-1:000000000000:q",
        "sqs:tagqueue arn:aws:sqs:us-east-1:000000000000:q",
    ];
    assert_eq!(required(&service(), "CreateQueue", input), expected);
}

#[tokio::test]
async fn a_move_task_requires_sending_to_the_sources() {
    let service = service();
    let dead = "arn:aws:sqs:us-east-1:000000000000:dead";
    let redrive = json!({"deadLetterTargetArn": dead, "maxReceiveCount": 3}).to_string();
    call(&service, "CreateQueue", json!({"QueueName": "dead"})).await;
    let live = json!({"QueueName": "live", "Attributes": {"RedrivePolicy": redrive}});
    call(&service, "CreateQueue", live).await;
    let required = required(&service, "StartMessageMoveTask", json!({"SourceArn": dead}));
    let expected = [
        "sqs:startmessagemovetask arn:aws:sqs:us-east-1:000000000000:dead",
        "sqs:receivemessage arn:aws:sqs:us-east-1:000000000000:dead",
        "sqs:deletemessage arn:aws:sqs:us-east-1:000000000000:dead",
        "sqs:getqueueattributes arn:aws:sqs:us-east-1:000000000000:dead",
        "sqs:sendmessage arn:aws:sqs:us-east-1:000000000000:live",
    ];
    assert_eq!(required, expected);
}
