"""A caller without permissions: each service names the action and the caller."""

from cases.sts import ACCOUNT, TRUST

# A call of each service, the action that it needs, and the denial's code.
CALLS = [
    ("sqs", "GetQueueUrl", "sqs:getqueueurl", "AccessDeniedException", {"QueueName": "plain"}),
    ("sqs", "SendMessageBatch", "sqs:sendmessage", "AccessDeniedException", {
        "QueueUrl": f"http://x/{ACCOUNT}/plain", "Entries": [{"Id": "a", "MessageBody": "x"}]}),
    ("lambda", "GetFunction", "lambda:GetFunction", "AccessDeniedException", {"FunctionName": "least"}),
    ("iam", "GetRole", "iam:GetRole", "AccessDenied", {"RoleName": "least"}),
    ("sts", "AssumeRole", "sts:AssumeRole", "AccessDenied", {
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/foreign", "RoleSessionName": "session"}),
    ("logs", "DescribeLogGroups", "logs:DescribeLogGroups", "AccessDeniedException", {}),
    ("dynamodb", "DescribeTable", "dynamodb:DescribeTable", "AccessDeniedException", {"TableName": "orders"}),
]


def denials(sts):
    if not sts.is_local:
        return
    sts.run.of("iam").ok("CreateRole", "without rights", RoleName="powerless", AssumeRolePolicyDocument=TRUST)
    made = sts.ok("AssumeRole", "a role without rights", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/powerless", RoleSessionName="session")
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/powerless/session"
    with sts.run.signed_by(made["Credentials"]):
        for service, operation, action, code, parameters in CALLS:
            sts.run.of(service).no(code, operation, "without rights", **parameters,
                                   text=f"User: {caller} is not authorized to perform: {action}*")
        sts.ok("GetCallerIdentity", "without rights")


SECTIONS = [denials]
