"""Lambda's event source mappings: their states, settings and validations, and their events."""

import json

from cases.lambda_ import ACCOUNT, ARN, asked, settle
from cases.sqs import arn, url

GONE = "The resource you requested does not exist."
NONE = "00000000-0000-0000-0000-000000000000"


def enabled(output):
    return output and output["State"] == "Enabled"


def mappings(functions):
    sqs = functions.run.of("sqs")
    sqs.ok("CreateQueue", "for a mapping", QueueName="source")
    sqs.ok("CreateQueue", "for another mapping", QueueName="source-two", Attributes={"VisibilityTimeout": "2"})
    functions.ok("CreateFunction", "for a mapping", **asked("mapped"))
    settle(functions, "mapped")
    functions.ok("ListEventSourceMappings", "none there")
    made = functions.ok("CreateEventSourceMapping", "the least", EventSourceArn=arn("source"), FunctionName="mapped")
    here = {"UUID": made["UUID"]}
    functions.until("GetEventSourceMapping", enabled, **here)
    functions.ok("GetEventSourceMapping", "enabled", **here)
    functions.ok("ListEventSourceMappings", "all")
    functions.ok("ListEventSourceMappings", "of a queue", EventSourceArn=arn("source"))
    functions.ok("ListEventSourceMappings", "of a function", FunctionName="mapped")
    functions.ok("ListEventSourceMappings", "of another queue", EventSourceArn=arn("nothing"))
    functions.ok("UpdateEventSourceMapping", "much", BatchSize=10000, MaximumBatchingWindowInSeconds=300,
                 FunctionResponseTypes=["ReportBatchItemFailures"], ScalingConfig={"MaximumConcurrency": 2}, **here)
    functions.until("GetEventSourceMapping", enabled, **here)
    functions.ok("GetEventSourceMapping", "changed", **here)
    functions.ok("UpdateEventSourceMapping", "back", BatchSize=10, MaximumBatchingWindowInSeconds=0,
                 FunctionResponseTypes=[], ScalingConfig={}, **here)
    functions.until("GetEventSourceMapping", enabled, **here)
    functions.ok("UpdateEventSourceMapping", "off", Enabled=False, **here)
    functions.until("GetEventSourceMapping", lambda output: output and output["State"] == "Disabled", **here)
    functions.ok("GetEventSourceMapping", "disabled", **here)
    functions.ok("UpdateEventSourceMapping", "on", Enabled=True, **here)
    functions.until("GetEventSourceMapping", enabled, **here)


def validations(functions):
    functions.ok("CreateFunction", "for validations", **asked("validated"))
    settle(functions, "validated")
    make = {"EventSourceArn": arn("source-two"), "FunctionName": "validated", "Enabled": False}
    functions.no("InvalidParameterValueException", "CreateEventSourceMapping", "a function slower than its queue",
                 text="Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds", **make)
    for case, wrong, text in [
        ("a batch of 11 without a window", {"BatchSize": 11},
         "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"),
        ("a queue that is not there", {"EventSourceArn": arn("none")},
         "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
         "Message: The specified queue does not exist."),
        ("a function that is not there", {"FunctionName": "none"}, "Function does not exist"),
        ("a starting position", {"StartingPosition": "LATEST"}, "StartingPosition is not valid for SQS event sources."),
        ("no source", {"EventSourceArn": None}, None),
        ("an odd response type", {"FunctionResponseTypes": ["Nonsense"]}, None),
    ]:
        asked_for = {name: value for name, value in {**make, "EventSourceArn": arn("source-three"), **wrong}.items() if value is not None}
        if case.startswith("a batch"):
            functions.run.of("sqs").ok("CreateQueue", "for validations", QueueName="source-three")
        functions.no("InvalidParameterValueException", "CreateEventSourceMapping", case, text=text, **asked_for)
    make["EventSourceArn"] = arn("source-three")
    for case, wrong in [
        ("a batch of 0", {"BatchSize": 0}), ("a batch of 10001", {"BatchSize": 10001}),
        ("a window of 301", {"MaximumBatchingWindowInSeconds": 301}),
        ("a concurrency of 1", {"ScalingConfig": {"MaximumConcurrency": 1}}),
        ("a concurrency of 1001", {"ScalingConfig": {"MaximumConcurrency": 1001}}),
        ("no function", {"FunctionName": None}),
    ]:
        asked_for = {name: value for name, value in {**make, **wrong}.items() if value is not None}
        functions.no("ValidationException", "CreateEventSourceMapping", case, **asked_for)
    made = functions.ok("CreateEventSourceMapping", "for validations", **make)
    functions.no("ResourceConflictException", "CreateEventSourceMapping", "again", **make,
                 text=f'An event source mapping with SQS arn (" {arn("source-three")} ") and function (" validated ") '
                 f'already exists. Please update or delete the existing mapping with UUID {made["UUID"]}')
    functions.until("GetEventSourceMapping", lambda output: output and output["State"] == "Disabled", UUID=made["UUID"])
    functions.ok("DeleteEventSourceMapping", "for validations", UUID=made["UUID"])
    for operation in ["GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"]:
        functions.no("ResourceNotFoundException", operation, "of none", UUID=NONE, text=GONE)


def event(functions):
    """The event for a message, as the function printed it."""
    if not functions.is_local:
        return
    sqs, logs = functions.run.of("sqs"), functions.run.of("logs")
    sqs.ok("SendMessage", "for a mapping", QueueUrl=url(sqs, "source"), MessageBody="mapped", MessageAttributes={
        "MyAttribute": {"DataType": "String", "StringValue": "foobar"}})
    functions.until("ListEventSourceMappings", lambda output: output and
                    output["EventSourceMappings"][0].get("LastProcessingResult") == "OK", FunctionName="mapped")
    found = logs.until("FilterLogEvents", lambda output: output and output["events"],
                       logGroupName="/aws/lambda/mapped", filterPattern="EVENT")
    record = json.loads(found["events"][0]["message"].removeprefix("EVENT "))["Records"][0]
    wanted = {"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfMessageAttributes", "md5OfBody",
              "eventSource", "eventSourceARN", "awsRegion"}
    fixed = {
        "body": "mapped", "eventSource": "aws:sqs", "eventSourceARN": arn("source"), "awsRegion": "us-east-1",
        "md5OfMessageAttributes": "adb59cd4678ea5a855436b949cd07ab6",
        "messageAttributes": {"MyAttribute": {"stringValue": "foobar", "stringListValues": [], "binaryListValues": [],
                                              "dataType": "String"}},
    }
    attributes = {"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
    if record.keys() != wanted or record.items() < fixed.items() or record["attributes"].keys() != attributes:
        functions.run.fail(f"mappings: the event is {record}")
    for name, value in fixed.items():
        if record.get(name) != value:
            functions.run.fail(f"mappings: the event's {name} is {record.get(name)!r}, not {value!r}")


def ends(functions):
    """Deleting the function leaves the mapping; deleting the mapping takes a moment."""
    found = functions.ok("ListEventSourceMappings", "before the end", FunctionName="mapped")
    here = {"UUID": found["EventSourceMappings"][0]["UUID"]}
    absent = f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:{NONE}"
    functions.no("ResourceNotFoundException", "ListTags", "of no mapping", Resource=absent,
                 text=f"Event source mapping not found: {absent}")
    tags = f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:{here['UUID']}"
    functions.ok("TagResource", "of a mapping", Resource=tags, Tags={"a": "1"})
    functions.ok("ListTags", "of a mapping", Resource=tags)
    functions.ok("UntagResource", "of a mapping", Resource=tags, TagKeys=["a"])
    functions.ok("DeleteFunction", "of a mapping", FunctionName=ARN + "mapped")
    functions.ok("GetEventSourceMapping", "whose function is gone", **here)
    functions.ok("DeleteEventSourceMapping", "enabled", **here)
    functions.until("GetEventSourceMapping", lambda output: output is None, **here)
    functions.no("ResourceNotFoundException", "GetEventSourceMapping", "deleted", text=GONE, **here)


def by_cli(functions):
    functions.cli(["list-event-source-mappings"], lambda output: "EventSourceMappings" in output)


SECTIONS = [mappings, event, ends, validations, by_cli]
