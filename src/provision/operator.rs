//! The IAM policy for the user of this program: exactly the calls that it makes, on exactly the
//! lab's resources. Pure. `tests/operator.rs` runs the whole demo under it.

use serde_json::{Value, json};

use crate::naming::Names;

/// The labs that the policy is for, in one account and region.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    names: Names,
    any: bool,
}

impl Scope {
    /// One lab.
    pub(crate) fn one(names: Names) -> Self {
        Self { names, any: false }
    }

    /// Every lab in the account and region of these names.
    pub(crate) fn any(names: Names) -> Self {
        Self { names, any: true }
    }

    /// A resource's ARN, or the pattern of its ARN in every lab.
    fn arn(&self, arn: &str, name: &str) -> String {
        match (self.any, arn.rsplit_once(name)) {
            (true, Some((before, after))) => format!("{before}*{name}{after}"),
            _ => arn.to_owned(),
        }
    }

    fn queues(&self) -> Vec<String> {
        let names = [self.names.orders_queue(), self.names.dead_letter_queue()];
        names
            .map(|name| self.arn(&self.names.queue_arn(&name), &name))
            .into()
    }

    fn table(&self) -> String {
        let name = self.names.table();
        self.arn(&self.names.table_arn(&name), &name)
    }

    fn function(&self, name: &str) -> String {
        self.arn(&self.names.function_arn(name), name)
    }

    fn functions(&self) -> Vec<String> {
        let names = [self.names.simulator(), self.names.processor()];
        names.map(|name| self.function(&name)).into()
    }

    /// The function that a mapping may invoke.
    fn processor(&self) -> String {
        self.function(&self.names.processor())
    }

    fn roles(&self) -> Vec<String> {
        let names = [self.names.simulator_role(), self.names.processor_role()];
        names
            .map(|name| self.arn(&self.names.role_arn(&name), &name))
            .into()
    }

    /// CloudWatch Logs checks the ARN of a group with or without `:*`, depending on the call.
    fn log_groups(&self) -> Vec<String> {
        let names = [self.names.simulator(), self.names.processor()];
        let group = |name: &String| {
            let of_lab = self.names.log_group_arn(&Names::log_group(name));
            let arn = self.arn(&of_lab, name);
            [arn.clone(), format!("{arn}:*")]
        };
        names.iter().flat_map(group).collect()
    }
}

/// The policy, also for other `queues`, by their names.
pub(crate) fn operator(scope: &Scope, queues: &[&str]) -> Value {
    let everything = ["*".to_owned()];
    let mut policy = json!({"Version": "2012-10-17", "Statement": [
        allow("Queues", QUEUE_ACTIONS, &scope.queues()),
        allow("Table", TABLE_ACTIONS, &[scope.table()]),
        allow("Functions", FUNCTION_ACTIONS, &scope.functions()),
        {
            "Sid": "Mappings", "Effect": "Allow", "Action": MAPPING_ACTIONS, "Resource": everything,
            "Condition": {"StringLike": {"lambda:FunctionArn": scope.processor()}},
        },
        allow("Roles", ROLE_ACTIONS, &scope.roles()),
        {
            "Sid": "RolesForLambda", "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": scope.roles(),
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        allow("Logs", LOG_ACTIONS, &scope.log_groups()),
        allow("WithoutResource", WIDE_ACTIONS, &everything),
    ]});
    if !queues.is_empty() {
        let arns = queues.iter().map(|name| scope.names.queue_arn(name));
        let arns: Vec<String> = arns.collect();
        let statements = policy["Statement"].as_array_mut();
        statements.into_iter().for_each(|statements| {
            statements.push(allow("OtherQueuesRead", QUEUE_READS, &arns));
            statements.push(allow("OtherQueuesChange", QUEUE_CHANGES, &arns));
        });
    }
    policy
}

/// What `dlq --queue` and `dlq export` need: a look is a receive, and ends with making the messages
/// visible.
const QUEUE_READS: &[&str] = &[
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sqs:ReceiveMessage",
];

/// What `dlq delete`, `purge`, `copy --to` and `import --to` need besides.
const QUEUE_CHANGES: &[&str] = &["sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:SendMessage"];

const QUEUE_ACTIONS: &[&str] = &[
    "sqs:ChangeMessageVisibility",
    "sqs:CreateQueue",
    "sqs:DeleteMessage",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
    "sqs:PurgeQueue",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
    "sqs:StartMessageMoveTask",
    "sqs:TagQueue",
];

const TABLE_ACTIONS: &[&str] = &[
    "dynamodb:CreateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:Scan",
    "dynamodb:TagResource",
    "dynamodb:UpdateTable",
];

const FUNCTION_ACTIONS: &[&str] = &[
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:GetFunction",
    "lambda:InvokeFunction",
    "lambda:TagResource",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
];

const ROLE_ACTIONS: &[&str] = &[
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
];

const LOG_ACTIONS: &[&str] = &[
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:FilterLogEvents",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
];

/// The ids of mappings are not known in advance, so these are granted by function.
const MAPPING_ACTIONS: &[&str] = &[
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
];

/// Actions that AWS grants only on all resources, or, for the tags of mappings, on ids that are not
/// known in advance.
const WIDE_ACTIONS: &[&str] = &[
    "iam:ListAccountAliases",
    "iam:ListRoles",
    "lambda:GetAccountSettings",
    "lambda:GetEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "lambda:ListTags",
    "lambda:TagResource",
    "logs:DescribeLogGroups",
    "tag:GetResources",
];

fn allow(id: &str, actions: &[&str], resources: &[String]) -> Value {
    json!({"Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_for_all_labs_has_wildcards() {
        let names = Names::new(
            "default".parse().expect("a name"),
            "123456789012",
            "eu-west-1",
        );
        let any = Scope::any(names.clone());
        assert_eq!(
            any.queues(),
            [
                "arn:aws:sqs:eu-west-1:123456789012:*orders-queue",
                "arn:aws:sqs:eu-west-1:123456789012:*orders-dl-queue"
            ]
        );
        assert!(
            any.log_groups().contains(
                &"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/*lab-order-processor:*"
                    .to_owned()
            )
        );
        let one = Scope::one(names.clone());
        assert_eq!(one.table(), names.table_arn("orders"));
    }

    #[test]
    fn it_fits_into_a_managed_policy() {
        let longest = "a23456789-123456789-1234".parse().expect("a name");
        let names = Names::new(longest, "123456789012", "ap-southeast-1");
        let policy = operator(&Scope::one(names), &["other", "other-dlq"]).to_string();
        // A user's inline policies may have 2,048 characters together.
        assert!(policy.len() <= 6144, "{}", policy.len());
    }
}
