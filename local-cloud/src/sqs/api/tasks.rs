//! Operations on move tasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::messages::SendMessage;
use super::permissions::{check_arn, on_arn};
use super::service::SqsService;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};
use crate::sqs::engine::{TaskView, error, source_of};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

impl Operation<SqsService> for StartMessageMoveTask {
    const NAME: &'static str = "StartMessageMoveTask";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        let of_source = [
            Self::NAME,
            "ReceiveMessage",
            "DeleteMessage",
            "GetQueueAttributes",
        ];
        check_arn(service, &self.source_arn, "SourceArn")?;
        let destinations = match &self.destination_arn {
            Some(arn) => {
                check_arn(service, arn, "DestinationArn")?;
                vec![arn.clone()]
            }
            None => service.dead_letter_sources(&self.source_arn),
        };
        let of_source = of_source.map(|operation| on_arn(operation, &self.source_arn));
        let of_destinations = destinations
            .iter()
            .map(|arn| on_arn(SendMessage::NAME, arn));
        Ok(of_source.into_iter().chain(of_destinations).collect())
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let rate = self.max_number_of_messages_per_second;
        let start = service
            .queues
            .run(|engine, tx| engine.start_task(&self.source_arn, self.destination_arn, rate, tx));
        Ok(json!({"TaskHandle": start.await?}))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMessageMoveTasks {
    source_arn: String,
    max_results: Option<i64>,
}

impl Operation<SqsService> for ListMessageMoveTasks {
    const NAME: &'static str = "ListMessageMoveTasks";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        check_arn(service, &self.source_arn, "SourceArn")?;
        Ok(vec![on_arn(Self::NAME, &self.source_arn)])
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let asked = self.max_results.unwrap_or(1);
        let max = usize::try_from(asked)
            .ok()
            .filter(|max| (1..=10).contains(max))
            .ok_or_else(|| {
                error::invalid_value(
                    asked,
                    "MaxResults",
                    "Must be between 1 and 10, if provided.",
                )
            })?;
        let tasks = service
            .queues
            .read_as_seen(|engine, view| engine.list_tasks(&self.source_arn, view))?;
        let results: Vec<_> = tasks.into_iter().take(max).map(shown).collect();
        Ok(json!({"Results": results}))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelMessageMoveTask {
    task_handle: String,
}

impl Operation<SqsService> for CancelMessageMoveTask {
    const NAME: &'static str = "CancelMessageMoveTask";
    type Output = Value;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        let source = source_of(&self.task_handle)?;
        check_arn(service, &source, "SourceArn")?;
        Ok(vec![on_arn(Self::NAME, &source)])
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<Value, AwsError> {
        let cancel = service
            .queues
            .run(|engine, tx| engine.cancel_task(&self.task_handle, tx));
        Ok(json!({"ApproximateNumberOfMessagesMoved": cancel.await?}))
    }
}

impl SqsService {
    /// The ARNs of the queues whose dead-letter queue this is.
    fn dead_letter_sources(&self, arn: &str) -> Vec<String> {
        let arns = self.queues.read(|engine| {
            let names = engine.dead_letter_sources(engine.by_arn(arn)?)?;
            let arns = names.into_iter().map(|name| self.location.arn("sqs", name));
            Ok(arns.collect())
        });
        arns.unwrap_or_default()
    }
}

fn shown(task: TaskView) -> Value {
    let mut shown = json!({
        "SourceArn": task.source_arn,
        "Status": task.status.name(),
        "StartedTimestamp": task.started.0,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
    });
    let optional = [
        ("TaskHandle", task.handle.map(Value::from)),
        ("DestinationArn", task.destination_arn.map(Value::from)),
        ("MaxNumberOfMessagesPerSecond", task.rate.map(Value::from)),
        ("FailureReason", task.failure.map(Value::from)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            shown[name] = value;
        }
    }
    shown
}
