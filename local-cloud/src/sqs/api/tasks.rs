//! Operations on move tasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::SqsService;
use crate::error::AwsError;
use crate::sqs::engine::{TaskView, error};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartInput {
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInput {
    source_arn: String,
    max_results: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelInput {
    task_handle: String,
}

impl SqsService {
    pub(super) async fn start_task(&self, input: StartInput) -> Result<Value, AwsError> {
        let rate = input.max_number_of_messages_per_second;
        let handle = self
            .queues
            .run(|engine, tx| engine.start_task(&input.source_arn, input.destination_arn, rate, tx))
            .await?;
        Ok(json!({"TaskHandle": handle}))
    }

    pub(super) fn list_tasks(&self, input: ListInput) -> Result<Value, AwsError> {
        let asked = input.max_results.unwrap_or(1);
        let max = usize::try_from(asked).ok();
        let max = max.filter(|max| (1..=10).contains(max)).ok_or_else(|| {
            error::invalid_value(
                asked,
                "MaxResults",
                "Must be between 1 and 10, if provided.",
            )
        })?;
        let tasks = self
            .queues
            .see(|engine, view| engine.list_tasks(&input.source_arn, view))?;
        let results: Vec<_> = tasks.into_iter().take(max).map(shown).collect();
        Ok(json!({"Results": results}))
    }

    pub(super) async fn cancel_task(&self, input: CancelInput) -> Result<Value, AwsError> {
        let moved = self
            .queues
            .run(|engine, tx| engine.cancel_task(&input.task_handle, tx))
            .await?;
        Ok(json!({"ApproximateNumberOfMessagesMoved": moved}))
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
