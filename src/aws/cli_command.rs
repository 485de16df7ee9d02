//! A call as the command of the AWS CLI that does the same. Pure.

use std::path::Path;

use serde_json::Value;

use super::call::Call;
use crate::shell::quoted;

/// A command up to this width stays on one line.
const WIDTH: usize = 80;

/// The command for a call. `zip` is the file with the code that was taken out of the call.
pub(super) fn cli_command(call: &Call, zip: Option<&Path>) -> String {
    let mut words = vec![format!(
        "aws {} {}",
        service(&call.service),
        dashed(&call.operation)
    )];
    let mut parameters: Vec<(&String, &Value)> = call.parameters.iter().collect();
    // What names things comes before what describes them.
    parameters.sort_by_key(|(_, value)| value.is_object() || value.is_array());
    let payload = call.parameters.get("Payload").filter(|_| is_invoke(call));
    words.extend(
        parameters
            .iter()
            .filter(|(name, _)| payload.is_none() || *name != "Payload")
            .map(|(name, value)| option(name, value)),
    );
    if let Some(zip) = zip {
        let file = format!("fileb://{}", zip.display());
        words.push(format!("--zip-file {}", quoted(&file)));
    }
    let Some(payload) = payload.and_then(Value::as_str) else {
        return joined(&words);
    };
    // Both versions of the CLI take the payload so; they differ in how they decode an argument.
    words.push("--payload fileb:///dev/stdin /dev/stdout".to_owned());
    format!("printf %s {} |\n    {}", quoted(payload), joined(&words))
}

fn is_invoke(call: &Call) -> bool {
    call.operation == "Invoke"
}

/// The service's name in the CLI.
fn service(name: &str) -> String {
    match name {
        "CloudWatch Logs" => "logs".to_owned(),
        "Resource Groups Tagging API" => "resourcegroupstaggingapi".to_owned(),
        name => name.to_lowercase(),
    }
}

/// `--batch-size 10`, `--enabled`, `--tags '{"a":"b"}'`.
fn option(name: &str, value: &Value) -> String {
    let name = dashed(name);
    let value = match value {
        Value::Bool(true) => return format!("--{name}"),
        Value::Bool(false) => return format!("--no-{name}"),
        Value::String(text) => quoted(text),
        Value::Array(elements) if elements.iter().all(Value::is_string) => {
            let elements = elements.iter().filter_map(Value::as_str).map(quoted);
            elements.collect::<Vec<_>>().join(" ")
        }
        other => quoted(&other.to_string()),
    };
    format!("--{name} {value}")
}

/// A name of the API as an option of the CLI: `EventSourceArn` is `event-source-arn`.
fn dashed(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut dashed = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let is_word = |letter: &char| letter.is_lowercase() || letter.is_ascii_digit();
        let starts_word = before.is_some_and(is_word)
            || before.is_some() && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && starts_word {
            dashed.push('-');
        }
        dashed.extend(letter.to_lowercase());
    }
    dashed
}

fn joined(words: &[String]) -> String {
    let line = words.join(" ");
    if line.chars().count() <= WIDTH {
        return line;
    }
    words.join(" \\\n    ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command(service: &str, operation: &str, parameters: Value) -> String {
        let Value::Object(parameters) = parameters else {
            panic!("parameters are members");
        };
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            parameters,
        };
        cli_command(&call, None)
    }

    #[test]
    fn names_are_dashed_as_in_the_cli() {
        for (name, expected) in [
            ("EventSourceArn", "event-source-arn"),
            ("logGroupName", "log-group-name"),
            ("UUID", "uuid"),
            ("KMSKeyArn", "kms-key-arn"),
            (
                "MaximumBatchingWindowInSeconds",
                "maximum-batching-window-in-seconds",
            ),
        ] {
            assert_eq!(dashed(name), expected);
        }
    }

    #[test]
    fn scalars_come_first_and_flags_have_no_value() {
        let mapping = json!({
            "BatchSize": 10, "Enabled": true, "FunctionName": "f",
            "FunctionResponseTypes": ["ReportBatchItemFailures"], "Tags": {"a": "b"},
        });
        assert_eq!(
            command("Lambda", "CreateEventSourceMapping", mapping),
            "aws lambda create-event-source-mapping \\\n    --batch-size 10 \\\n    --enabled \\\n    \
             --function-name f \\\n    --function-response-types ReportBatchItemFailures \\\n    \
             --tags '{\"a\":\"b\"}'"
        );
        let retention = json!({"logGroupName": "/lambda/f", "retentionInDays": 7});
        assert_eq!(
            command("CloudWatch Logs", "PutRetentionPolicy", retention),
            "aws logs put-retention-policy --log-group-name /lambda/f --retention-in-days 7"
        );
        let off = json!({"DeletionProtectionEnabled": false, "TableName": "t"});
        assert_eq!(
            command("DynamoDB", "UpdateTable", off),
            "aws dynamodb update-table --no-deletion-protection-enabled --table-name t"
        );
    }

    #[test]
    fn a_payload_comes_through_a_pipe() {
        let invoke = json!({"FunctionName": "f", "Payload": "{\"count\":5}"});
        assert_eq!(
            command("Lambda", "Invoke", invoke),
            "printf %s '{\"count\":5}' |\n    \
             aws lambda invoke --function-name f --payload fileb:///dev/stdin /dev/stdout"
        );
    }
}
