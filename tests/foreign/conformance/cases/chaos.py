"""Chaos: what each service returns when it throttles, fails, or is not ready yet."""

import time

from cases.lambda_ import asked, settle
from cases.sqs import arn

# A call of each service, and its errors when throttled and when failed.
CALLS = [
    ("sqs", "ListQueues", "RequestThrottled", "InternalError"),
    ("lambda", "ListFunctions", "TooManyRequestsException", "ServiceException"),
    ("iam", "ListRoles", "Throttling", "ServiceFailure"),
    ("sts", "GetCallerIdentity", "Throttling", "ServiceUnavailable"),
    ("logs", "DescribeLogGroups", "ThrottlingException", "ServiceUnavailableException"),
    ("dynamodb", "ListTables", "ThrottlingException", "InternalServerError"),
    ("resourcegroupstaggingapi", "GetTagKeys", "ThrottledException", "InternalServiceException"),
]


def refusals(functions):
    if not functions.is_local:
        return
    for setting, which in [("throttled=1", 2), ("failed=1", 3)]:
        functions.chaos("off", setting)
        for call in CALLS:
            functions.run.of(call[0]).no(call[which], call[1], setting.removesuffix("=1"))
    functions.chaos("off")


def delays(functions):
    """A function and a mapping that are still being created or updated refuse changes."""
    if not functions.is_local:
        return
    functions.chaos("off", "function-delay=60s", "mapping-delay=60s")
    here = {"FunctionName": "slow"}
    functions.ok("CreateFunction", "slowly", **asked("slow"))
    functions.ok("GetFunction", "that is pending", **here)
    functions.no("ResourceConflictException", "Invoke", "that is pending", Payload=b"{}", **here, text="The operation "
                 "cannot be performed at this time. The function is currently in the following state: Pending")
    functions.no("ResourceConflictException", "UpdateFunctionConfiguration", "that is pending", Timeout=1, **here)
    functions.skip(61)
    settle(functions, "slow")
    functions.ok("UpdateFunctionConfiguration", "slowly", Timeout=1, **here)
    functions.ok("GetFunctionConfiguration", "that is updating", **here)
    functions.no("ResourceConflictException", "UpdateFunctionConfiguration", "that is updating", Timeout=2, **here,
                 text="The operation cannot be performed at this time. An update is in progress for resource: "
                 "arn:aws:lambda:us-east-1:000000000000:function:slow")
    functions.skip(61)
    settle(functions, "slow")
    functions.run.of("sqs").ok("CreateQueue", "for a slow mapping", QueueName="slow")
    made = functions.ok("CreateEventSourceMapping", "slowly", EventSourceArn=arn("slow"), **here)
    mapping = {"UUID": made["UUID"]}
    functions.ok("GetEventSourceMapping", "that is creating", **mapping)
    functions.no("ResourceInUseException", "DeleteEventSourceMapping", "that is creating", **mapping,
                 text="Cannot delete the event source mapping because it is in use.")
    functions.no("ResourceInUseException", "UpdateEventSourceMapping", "that is creating", BatchSize=1, **mapping)
    functions.chaos("off")


def late_lines(functions):
    """What a function prints is delayed, and recreates its log group if the role allows it."""
    if not functions.is_local:
        return
    logs, group = functions.run.of("logs"), {"logGroupName": "/aws/lambda/least"}
    functions.chaos("off", "log-delay=60s")
    logs.ok("TagResource", "of a function", resourceArn="arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/least", tags={"a": ""})
    functions.ok("Invoke", "whose lines are late", FunctionName="least", Payload=b"{}")
    logs.ok("DeleteLogGroup", "of a function", **group)
    time.sleep(0.5)  # lines are delivered in batches
    logs.no("ResourceNotFoundException", "DescribeLogStreams", "before the lines arrive", **group)
    functions.skip(61)
    logs.until("DescribeLogStreams", lambda output: output and output["logStreams"], **group)
    logs.ok("ListTagsLogGroup", "of a group that came back", **group)
    functions.chaos("off")


def slow_updates(functions):
    """A table whose throughput changes is updating for a while, and refuses changes."""
    if not functions.is_local:
        return
    dynamodb, here = functions.run.of("dynamodb"), {"TableName": "slow"}
    dynamodb.ok("CreateTable", "to be updated slowly", BillingMode="PAY_PER_REQUEST", **here,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}])
    functions.chaos("off", "table-delay=60s")
    throughput = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}}
    dynamodb.ok("UpdateTable", "to be provisioned, slowly", **throughput, **here)
    dynamodb.ok("DescribeTable", "that is updating", **here)
    dynamodb.ok("PutItem", "while the table is updating", Item={"id": {"N": "1"}}, **here)
    dynamodb.no("ResourceInUseException", "UpdateTable", "that is updating", BillingMode="PAY_PER_REQUEST", **here,
                text="Attempt to change a resource which is still in use: Table is being updated: slow")
    functions.skip(61)
    output = dynamodb.ok("DescribeTable", "that was updated", **here)["Table"]
    if (output["TableStatus"], output["ProvisionedThroughput"]["WriteCapacityUnits"]) != ("ACTIVE", 6):
        functions.run.fail(f"dynamodb: the updated table is {output}")
    functions.chaos("off")
    dynamodb.ok("UpdateTable", "to be on demand again", BillingMode="PAY_PER_REQUEST", **here)


def new_keys(functions):
    """A new access key is not known for a while."""
    if not functions.is_local:
        return
    iam = functions.run.of("iam")
    iam.ok("CreateUser", "for a new key", UserName="late")
    functions.chaos("off", "role-delay=60s")
    key = iam.ok("CreateAccessKey", "that is new", UserName="late")["AccessKey"]
    with functions.run.signed_by(key):
        functions.run.of("sts").no("InvalidClientTokenId", "GetCallerIdentity", "with a key that is new")
    functions.skip(61)
    with functions.run.signed_by(key):
        functions.run.of("sts").ok("GetCallerIdentity", "with a key that has arrived")
    functions.chaos("off")


SECTIONS = [refusals, delays, late_lines, slow_updates, new_keys]
