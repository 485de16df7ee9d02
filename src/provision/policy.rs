//! The policies of the functions' roles: each function may make exactly its calls, on exactly the
//! resources it uses. Pure.

use serde_json::{Value, json};

use crate::naming::Names;

/// The trust policy of the roles: Lambda may assume them.
pub(crate) fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]})
}

/// The simulator's permissions.
pub(crate) fn simulator(names: &Names) -> Value {
    let queue = names.queue_arn(&names.orders_queue());
    document([
        allow(&["sqs:SendMessage"], &queue),
        logs(names, &names.simulator()),
    ])
}

/// The processor's permissions.
pub(crate) fn processor(names: &Names) -> Value {
    let queue = names.queue_arn(&names.orders_queue());
    let table = names.table_arn(&names.table());
    document([
        allow(
            &[
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
            ],
            &queue,
        ),
        allow(&["dynamodb:PartiQLInsert", "dynamodb:BatchGetItem"], &table),
        logs(names, &names.processor()),
    ])
}

/// The log group is a resource of the lab, so the functions need no permission to create it.
fn logs(names: &Names, function: &str) -> Value {
    let group = names.log_group_arn(&Names::log_group(function));
    allow(
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        &format!("{group}:*"),
    )
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn document<const N: usize>(statements: [Value; N]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements.to_vec()})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(
            "default".parse().expect("a name"),
            "000000000000",
            "us-east-1",
        )
    }

    #[test]
    fn no_policy_has_wildcards() {
        let names = names();
        for policy in [simulator(&names), processor(&names)] {
            let text = policy.to_string();
            assert!(!text.contains("\"*\"") && !text.contains("sqs:*"), "{text}");
        }
    }

    #[test]
    fn the_simulator_may_send_and_log() {
        assert_eq!(
            simulator(&names()),
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["sqs:SendMessage"],
                    "Resource": "arn:aws:sqs:us-east-1:000000000000:orders-queue"},
                {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": format!("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{}:*", names().simulator())},
            ]})
        );
    }

    #[test]
    fn the_processor_may_receive_store_and_log() {
        let names = names();
        assert_eq!(
            processor(&names),
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow",
                    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                    "Resource": "arn:aws:sqs:us-east-1:000000000000:orders-queue"},
                {"Effect": "Allow", "Action": ["dynamodb:PartiQLInsert", "dynamodb:BatchGetItem"],
                    "Resource": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}", names.table())},
                {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": format!("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{}:*", names.processor())},
            ]})
        );
    }

    #[test]
    fn only_lambda_may_assume_the_roles() {
        assert_eq!(
            trust(),
            json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }]})
        );
    }
}
