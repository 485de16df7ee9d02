"""A bad day: what each service says when it throttles, fails, or is not done yet."""

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
]


def refusals(functions):
    if not functions.is_local:
        return
    for setting, which in [("throttled=1", 2), ("failed=1", 3)]:
        functions.weather("calm", setting)
        for call in CALLS:
            functions.run.of(call[0]).no(call[which], call[1], setting.removesuffix("=1"))
    functions.weather("calm")


def delays(functions):
    """A function and a mapping that take their time refuse changes meanwhile."""
    if not functions.is_local:
        return
    functions.weather("calm", "function-delay=60s", "mapping-delay=60s")
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
    functions.weather("calm")


SECTIONS = [refusals, delays]
