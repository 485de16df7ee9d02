"""SQS: queues, messages, batches, dead letters, move tasks; each error that a client can cause."""

import json

GONE = "The specified queue does not exist."
ACCOUNT = "000000000000"
ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"


def url(sqs, name):
    return f"{sqs.run.target.endpoint}/{ACCOUNT}/{name}"


def arn(name):
    return ARN + name


def policy(target, count):
    return json.dumps({"deadLetterTargetArn": arn(target), "maxReceiveCount": count})


def queues(sqs):
    sqs.ok("ListQueues", "none there")
    sqs.ok("CreateQueue", "by name alone", QueueName="plain")
    sqs.ok("CreateQueue", "again", QueueName="plain")
    sqs.ok("CreateQueue", "again with what it has", QueueName="plain", Attributes={"DelaySeconds": "0"})
    sqs.no("QueueNameExists", "CreateQueue", "with another delay", QueueName="plain", Attributes={"DelaySeconds": "1"},
           text="A queue already exists with the same name and a different value for attribute DelaySeconds")
    sqs.ok("CreateQueue", "with everything", QueueName="full", tags={"team": "orders", "empty": ""}, Attributes={
        "VisibilityTimeout": "0", "DelaySeconds": "900", "MaximumMessageSize": "1024", "MessageRetentionPeriod": "60",
        "ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": policy("plain", "3"), "SqsManagedSseEnabled": "false",
        "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn("plain")]}),
    })
    sqs.ok("GetQueueUrl", "by name", QueueName="plain")
    sqs.ok("GetQueueUrl", "of the account's", QueueName="plain", QueueOwnerAWSAccountId=ACCOUNT)
    sqs.no("QueueDoesNotExist", "GetQueueUrl", "of none", QueueName="none", text=GONE)
    sqs.no("QueueDoesNotExist", "GetQueueUrl", "of another account's", QueueName="plain",
           QueueOwnerAWSAccountId="111111111111")
    sqs.no("MissingRequiredParameterException", "GetQueueUrl", "of nothing")
    sqs.ok("ListQueues", "all")
    sqs.ok("ListQueues", "by prefix", QueueNamePrefix="fu")
    page = sqs.ok("ListQueues", "page one", MaxResults=1)
    sqs.ok("ListQueues", "page two", MaxResults=1, NextToken=sqs.opaque(page, "NextToken"))
    sqs.no("InvalidParameterValueException", "ListQueues", "page too long", MaxResults=1001)
    sqs.ok("ListDeadLetterSourceQueues", "of a target", QueueUrl=url(sqs, "plain"))
    sqs.ok("ListDeadLetterSourceQueues", "of no target", QueueUrl=url(sqs, "full"))
    sqs.no("QueueDoesNotExist", "ListDeadLetterSourceQueues", "of none", QueueUrl=url(sqs, "none"), text=GONE)
    sqs.ok("DeleteQueue", "with everything", QueueUrl=url(sqs, "full"))
    sqs.no("QueueDeletedRecently", "CreateQueue", "too soon", QueueName="full",
           text="You must wait 60 seconds after deleting a queue before you can create another with the same name.")
    sqs.no("QueueDoesNotExist", "DeleteQueue", "again", QueueUrl=url(sqs, "full"), text=GONE)
    sqs.no("MissingRequiredParameterException", "DeleteQueue", "of nothing",
           text="The request must contain the parameter QueueUrl.")
    sqs.no("QueueDoesNotExist", "DeleteQueue", "by a URL that is none", QueueUrl="nonsense")


def names(sqs):
    for case, name in [("a space", "a b"), ("81 letters", "a" * 81), ("a slash", "a/b")]:
        sqs.no("InvalidParameterValueException", "CreateQueue", f"a name with {case}", QueueName=name,
               text="Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
    sqs.no("MissingRequiredParameterException", "CreateQueue", "no name",
           text="The request must contain the parameter QueueName.")
    sqs.ok("CreateQueue", "80 letters", QueueName="a" * 80)
    sqs.ok("DeleteQueue", "80 letters", QueueUrl=url(sqs, "a" * 80))
    if sqs.is_local:
        sqs.no("UnsupportedOperation", "CreateQueue", "a FIFO queue", QueueName="a.fifo",
               Attributes={"FifoQueue": "true"})


def attributes(sqs):
    sqs.ok("CreateQueue", "for attributes", QueueName="attributes")
    here = {"QueueUrl": url(sqs, "attributes")}
    sqs.ok("GetQueueAttributes", "none", **here)
    sqs.ok("GetQueueAttributes", "all", AttributeNames=["All"], **here)
    sqs.ok("GetQueueAttributes", "two", AttributeNames=["QueueArn", "VisibilityTimeout"], **here)
    sqs.ok("GetQueueAttributes", "one that is not set", AttributeNames=["RedrivePolicy"], **here)
    sqs.no("InvalidAttributeName", "GetQueueAttributes", "unknown", AttributeNames=["Nonsense"], **here)
    sqs.no("QueueDoesNotExist", "GetQueueAttributes", "of none", QueueUrl=url(sqs, "none"), AttributeNames=["All"],
           text=GONE)
    sqs.ok("SetQueueAttributes", "a timeout", Attributes={"VisibilityTimeout": "43200"}, **here)
    sqs.ok("GetQueueAttributes", "after that", AttributeNames=["VisibilityTimeout"], **here)
    sqs.ok("SetQueueAttributes", "RedrivePolicy", Attributes={"RedrivePolicy": policy("plain", 1000)}, **here)
    sqs.ok("GetQueueAttributes", "with a RedrivePolicy", AttributeNames=["All"], **here)
    sqs.ok("SetQueueAttributes", "no RedrivePolicy", Attributes={"RedrivePolicy": ""}, **here)
    sqs.ok("GetQueueAttributes", "in the end", AttributeNames=["All"], **here)
    for name, wrong in [
        ("VisibilityTimeout", "43201"), ("VisibilityTimeout", "x"), ("DelaySeconds", "901"), ("DelaySeconds", "-1"),
        ("MaximumMessageSize", "1023"), ("MaximumMessageSize", "1048577"), ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "1209601"), ("ReceiveMessageWaitTimeSeconds", "21"), ("SqsManagedSseEnabled", "x"),
        ("RedriveAllowPolicy", "{}"), ("RedriveAllowPolicy", "x"),
    ]:
        sqs.no("InvalidAttributeValue", "SetQueueAttributes", f"{name} {wrong}", Attributes={name: wrong},
               text=f"Invalid value for the parameter {name}.", **here)
    sqs.no("InvalidAttributeName", "SetQueueAttributes", "unknown", Attributes={"Nonsense": "1"},
           text="Unknown Attribute Nonsense.", **here)
    sqs.no("MissingRequiredParameterException", "SetQueueAttributes", "none", **here)
    sqs.no("QueueDoesNotExist", "SetQueueAttributes", "of none", Attributes={}, QueueUrl=url(sqs, "none"), text=GONE)
    for case, value in [
        ("no JSON", "x"), ("without a count", json.dumps({"deadLetterTargetArn": arn("plain")})),
        ("without a target", json.dumps({"maxReceiveCount": 1})), ("a count of 0", policy("plain", 0)),
        ("a count of 1001", policy("plain", 1001)), ("to none", policy("none", 1)), ("to itself", policy("attributes", 1)),
    ]:
        sqs.no("InvalidParameterValueException", "SetQueueAttributes", f"RedrivePolicy {case}",
               Attributes={"RedrivePolicy": value}, **here)
    sqs.ok("CreateQueue", "that allows nobody", QueueName="nobody", Attributes={
        "RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})})
    sqs.no("InvalidParameterValueException", "SetQueueAttributes", "RedrivePolicy to one that allows nobody",
           Attributes={"RedrivePolicy": policy("nobody", 1)}, **here)


def tags(sqs):
    sqs.ok("CreateQueue", "for tags", QueueName="tags")
    here = {"QueueUrl": url(sqs, "tags")}
    sqs.ok("ListQueueTags", "none", **here)
    sqs.ok("TagQueue", "two", Tags={"a": "1", "b": ""}, **here)
    sqs.ok("ListQueueTags", "two", **here)
    sqs.ok("UntagQueue", "one, and one that is not there", TagKeys=["a", "z"], **here)
    sqs.ok("ListQueueTags", "one", **here)
    many = {f"tag{number}": "x" for number in range(51)}
    sqs.no("InvalidParameterValueException", "TagQueue", "51", Tags=many, **here)
    sqs.no("InvalidParameterValueException", "TagQueue", "a key of AWS's", Tags={"aws:x": "1"}, **here)
    sqs.no("MissingRequiredParameterException", "TagQueue", "none", **here)
    sqs.no("MissingRequiredParameterException", "UntagQueue", "none", **here)
    for operation, rest in [("TagQueue", {"Tags": {"a": "1"}}), ("UntagQueue", {"TagKeys": ["a"]}), ("ListQueueTags", {})]:
        sqs.no("QueueDoesNotExist", operation, "of none", QueueUrl=url(sqs, "none"), text=GONE, **rest)


def messages(sqs):
    sqs.ok("CreateQueue", "for messages", QueueName="messages")
    here = {"QueueUrl": url(sqs, "messages")}
    sqs.ok("ReceiveMessage", "nothing", **here)
    sqs.ok("SendMessage", "a body", MessageBody="hello", **here)
    received = sqs.ok("ReceiveMessage", "a body", **here)
    handle = received["Messages"][0]["ReceiptHandle"]
    sqs.ok("ChangeMessageVisibility", "to none", ReceiptHandle=handle, VisibilityTimeout=0, **here)
    sqs.ok("SendMessage", "with attributes", MessageBody="with attributes", MessageAttributes={
        "MyAttribute": {"DataType": "String", "StringValue": "foobar"},
        "number": {"DataType": "Number.int", "StringValue": "-12.5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }, MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}},
        **here)
    sqs.ok("SendMessage", "one attribute", MessageBody="x", DelaySeconds=900, MessageAttributes={
        "MyAttribute": {"DataType": "String", "StringValue": "foobar"}}, **here)
    sqs.ok("SendMessage", "of a group", MessageBody="of a group", MessageGroupId="group", **here)
    all_of_it = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10}
    received = sqs.ok("ReceiveMessage", "all of it", VisibilityTimeout=1000, WaitTimeSeconds=0, **all_of_it, **here)
    sqs.ok("GetQueueAttributes", "with messages", AttributeNames=["All"], **here)
    handle = received["Messages"][0]["ReceiptHandle"]
    sqs.ok("ChangeMessageVisibility", "to 0", ReceiptHandle=handle, VisibilityTimeout=0, **here)
    sqs.ok("ReceiveMessage", "by older names", AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
           MessageAttributeNames=["My.*"], **here)
    sqs.ok("DeleteMessage", "by an older handle", ReceiptHandle=handle, **here)
    sqs.ok("DeleteMessage", "again", ReceiptHandle=handle, **here)
    sqs.no("InvalidParameterValueException", "ChangeMessageVisibility", "of a deleted one", ReceiptHandle=handle,
           VisibilityTimeout=5, **here, text="Value * for parameter ReceiptHandle is invalid. Reason: Message does not "
           "exist or is not available for visibility timeout change.")
    sqs.ok("ReceiveMessage", "nothing visible", **here)


def message_errors(sqs):
    sqs.ok("CreateQueue", "for wrong messages", QueueName="wrong")
    here, none = {"QueueUrl": url(sqs, "wrong")}, {"QueueUrl": url(sqs, "none")}
    string = {"DataType": "String", "StringValue": "x"}
    sqs.no("MissingRequiredParameterException", "SendMessage", "an empty body", MessageBody="", **here,
           text="The request must contain the parameter MessageBody.")
    sqs.no("MissingRequiredParameterException", "SendMessage", "no body", **here)
    sqs.no("InvalidMessageContents", "SendMessage", "a control character", MessageBody="a\x01b", **here)
    sqs.no("InvalidParameterValueException", "SendMessage", "too long", MessageBody="x" * (2**20 + 1), **here,
           text="One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")
    sqs.no("InvalidParameterValueException", "SendMessage", "a delay of 901", MessageBody="x", DelaySeconds=901, **here)
    sqs.no("InvalidParameterValueException", "SendMessage", "a deduplication id", MessageBody="x",
           MessageDeduplicationId="x", **here)
    for case, wrong in [
        ("11 attributes", {f"a{number}": string for number in range(11)}),
        ("an attribute without a value", {"a": {"DataType": "String"}}),
        ("an attribute with an empty value", {"a": {"DataType": "String", "StringValue": ""}}),
        ("an attribute of no type", {"a": {"DataType": "Nonsense", "StringValue": "x"}}),
        ("a number that is none", {"a": {"DataType": "Number", "StringValue": "x"}}),
        ("a wrong name", {"a b": string}), ("AWS's name", {"aws.x": string}),
    ]:
        sqs.no("InvalidParameterValueException", "SendMessage", case, MessageBody="x", MessageAttributes=wrong, **here)
    sqs.no("InvalidParameterValueException", "SendMessage", "an unknown system attribute", MessageBody="x",
           MessageSystemAttributes={"Nonsense": string}, **here)
    for case, wrong, text in [
        ("11 messages", {"MaxNumberOfMessages": 11},
         "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
        ("0 messages", {"MaxNumberOfMessages": 0}, None), ("a wait of 21", {"WaitTimeSeconds": 21},
         "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
        ("a visibility of 43201", {"VisibilityTimeout": 43201}, None),
    ]:
        sqs.no("InvalidParameterValueException", "ReceiveMessage", case, text=text, **wrong, **here)
    for operation in ["DeleteMessage", "ChangeMessageVisibility"]:
        rest = {"VisibilityTimeout": 1} if operation == "ChangeMessageVisibility" else {}
        sqs.no("ReceiptHandleIsInvalid", operation, "a wrong handle", ReceiptHandle="nonsense", **rest, **here,
               text='The input receipt handle "nonsense" is not a valid receipt handle.')
        sqs.no("MissingRequiredParameterException", operation, "no handle", **rest, **here,
               text="The request must contain the parameter ReceiptHandle.")
        sqs.no("QueueDoesNotExist", operation, "of none", ReceiptHandle="x", text=GONE, **rest, **none)
    sqs.no("QueueDoesNotExist", "SendMessage", "to none", MessageBody="x", text=GONE, **none)
    sqs.no("QueueDoesNotExist", "ReceiveMessage", "from none", text=GONE, **none)
    sqs.ok("SendMessage", "for a visibility", MessageBody="x", **here)
    handle = sqs.ok("ReceiveMessage", "for a visibility", **here)["Messages"][0]["ReceiptHandle"]
    sqs.no("InvalidParameterValueException", "ChangeMessageVisibility", "to 43201", ReceiptHandle=handle,
           VisibilityTimeout=43201, **here)
    sqs.no("MissingRequiredParameterException", "ChangeMessageVisibility", "to nothing", ReceiptHandle=handle, **here,
           text="The request must contain the parameter VisibilityTimeout.")
    sqs.ok("ChangeMessageVisibility", "to none, for an error", ReceiptHandle=handle, VisibilityTimeout=0, **here)
    sqs.no("MessageNotInflight", "ChangeMessageVisibility", "of a visible one", ReceiptHandle=handle,
           VisibilityTimeout=5, **here)


def batches(sqs):
    sqs.ok("CreateQueue", "for batches", QueueName="batches")
    here, none = {"QueueUrl": url(sqs, "batches")}, {"QueueUrl": url(sqs, "none")}
    body = {"MessageBody": "x"}
    sqs.ok("SendMessageBatch", "three", Entries=[{"Id": "a", **body}, {"Id": "b", **body, "MessageAttributes": {
        "MyAttribute": {"DataType": "String", "StringValue": "foobar"}}}, {"Id": "c", **body}], **here)
    sqs.ok("SendMessageBatch", "one good, one bad", **here, Entries=[
        {"Id": "good", **body}, {"Id": "bad", "MessageBody": "a\x01b"}])
    sqs.ok("SendMessageBatch", "one bad", Entries=[{"Id": "bad", "MessageBody": "x", "DelaySeconds": 901}], **here)
    received = sqs.ok("ReceiveMessage", "a batch", MaxNumberOfMessages=10, **here)["Messages"]
    handles = [{"ReceiptHandle": message["ReceiptHandle"]} for message in received]
    sqs.ok("ChangeMessageVisibilityBatch", "two good, one bad", **here, Entries=[
        {"Id": "a", **handles[0], "VisibilityTimeout": 100}, {"Id": "b", **handles[1], "VisibilityTimeout": 0},
        {"Id": "c", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0}])
    sqs.ok("DeleteMessageBatch", "two good", Entries=[{"Id": "a", **handles[0]}, {"Id": "b", **handles[1]}], **here)
    sqs.ok("DeleteMessageBatch", "one bad", Entries=[{"Id": "a", "ReceiptHandle": "nonsense"}], **here)
    for operation, entry in [
        ("SendMessageBatch", body), ("DeleteMessageBatch", {"ReceiptHandle": "x"}),
        ("ChangeMessageVisibilityBatch", {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
    ]:
        sqs.no("EmptyBatchRequest", operation, "empty", Entries=[], **here,
               text=f"There should be at least one {operation}RequestEntry in the request.")
        sqs.no("TooManyEntriesInBatchRequest", operation, "of 11", **here,
               Entries=[{"Id": str(number), **entry} for number in range(11)],
               text="Maximum number of entries per request are 10. You have sent 11.")
        sqs.no("BatchEntryIdsNotDistinct", operation, "an id twice", Entries=[{"Id": "a", **entry}] * 2, **here,
               text="Id a repeated.")
        sqs.no("InvalidBatchEntryId", operation, "a wrong id", Entries=[{"Id": "a b", **entry}], **here,
               text="A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at "
               "most 80 letters long.")
        sqs.no("QueueDoesNotExist", operation, "of none", Entries=[{"Id": "a", **entry}], text=GONE, **none)
    long = [{"Id": name, "MessageBody": "x" * 600_000} for name in "ab"]
    sqs.no("BatchRequestTooLong", "SendMessageBatch", "too long", Entries=long, **here,
           text="Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.")


def purge(sqs):
    sqs.ok("CreateQueue", "for a purge", QueueName="purge")
    here = {"QueueUrl": url(sqs, "purge")}
    sqs.ok("SendMessage", "for a purge", MessageBody="x", **here)
    sqs.ok("PurgeQueue", "once", **here)
    sqs.ok("GetQueueAttributes", "purged", AttributeNames=["ApproximateNumberOfMessages"], **here)
    sqs.no("PurgeQueueInProgress", "PurgeQueue", "too soon", **here,
           text="Only one PurgeQueue operation on purge is allowed every 60 seconds.")
    sqs.no("QueueDoesNotExist", "PurgeQueue", "of none", QueueUrl=url(sqs, "none"), text=GONE)


def dead_letters(sqs):
    """Three receives, then the fourth moves; then a task moves it back."""
    sqs.ok("CreateQueue", "for the dead", QueueName="dead")
    sqs.ok("CreateQueue", "that dies", QueueName="dying", Attributes={
        "RedrivePolicy": policy("dead", 3), "VisibilityTimeout": "0"})
    here, dead = {"QueueUrl": url(sqs, "dying")}, {"QueueUrl": url(sqs, "dead")}
    sqs.ok("SendMessage", "that dies", MessageBody="poison", **here)
    for number in (1, 2, 3):
        sqs.ok("ReceiveMessage", f"failing, {number}", **here, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    sqs.ok("ReceiveMessage", "that moves", **here)
    found = sqs.ok("ReceiveMessage", "of the dead", MessageSystemAttributeNames=["All"], **dead)
    handle = found["Messages"][0]["ReceiptHandle"]
    sqs.ok("ChangeMessageVisibility", "of the dead", ReceiptHandle=handle, VisibilityTimeout=0, **dead)
    sqs.ok("StartMessageMoveTask", "to where they came from", SourceArn=arn("dead"))
    sqs.until("ListMessageMoveTasks", lambda output: output and output["Results"][0]["Status"] == "COMPLETED",
              SourceArn=arn("dead"))
    sqs.ok("ListMessageMoveTasks", "done", SourceArn=arn("dead"), MaxResults=10)
    sqs.ok("ReceiveMessage", "moved back", MessageSystemAttributeNames=["All"], **here)


def move_tasks(sqs):
    sqs.ok("CreateQueue", "for tasks", QueueName="letters")
    sqs.ok("CreateQueue", "to move to", QueueName="elsewhere")
    sqs.ok("CreateQueue", "whose letters they are", QueueName="writer", Attributes={"RedrivePolicy": policy("letters", 3)})
    start, not_there = "StartMessageMoveTask", "The resource that you specified for the {} parameter doesn't exist."
    sqs.ok("ListMessageMoveTasks", "none", SourceArn=arn("letters"))
    sqs.no("ResourceNotFoundException", start, "from none", SourceArn=arn("none"), text=not_there.format("SourceArn"))
    sqs.no("ResourceNotFoundException", start, "to none", SourceArn=arn("letters"), DestinationArn=arn("none"),
           text=not_there.format("DestinationArn"))
    sqs.no("InvalidParameterValueException", start, "from no dead-letter queue", SourceArn=arn("elsewhere"),
           text="Source queue must be configured as a Dead Letter Queue.")
    sqs.no("InvalidParameterValueException", start, "to itself", SourceArn=arn("letters"), DestinationArn=arn("letters"))
    sqs.no("InvalidParameterValueException", start, "at 501 a second", SourceArn=arn("letters"),
           MaxNumberOfMessagesPerSecond=501)
    sqs.no("MissingRequiredParameterException", start, "from nothing")
    entries = [{"Id": str(number), "MessageBody": "letter"} for number in range(10)]
    for number in range(20):
        sqs.ok("SendMessageBatch", f"letters {number}", QueueUrl=url(sqs, "letters"), Entries=entries)
    task = sqs.ok(start, "slowly", SourceArn=arn("letters"), DestinationArn=arn("elsewhere"), MaxNumberOfMessagesPerSecond=1)
    sqs.ok("ListMessageMoveTasks", "running", SourceArn=arn("letters"))
    sqs.no("InvalidParameterValueException", start, "a second one", SourceArn=arn("letters"),
           text="There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
    sqs.ok("CancelMessageMoveTask", "running", TaskHandle=sqs.opaque(task, "TaskHandle"))
    sqs.ok("ListMessageMoveTasks", "cancelled", SourceArn=arn("letters"))
    sqs.no("ResourceNotFoundException", "CancelMessageMoveTask", "cancelled", TaskHandle=sqs.opaque(task, "TaskHandle"),
           text="Task does not exist.")
    sqs.no("InvalidParameterValueException", "CancelMessageMoveTask", "by nonsense", TaskHandle="nonsense",
           text="Value for parameter TaskHandle is invalid.")
    sqs.no("MissingRequiredParameterException", "CancelMessageMoveTask", "none")
    sqs.no("ResourceNotFoundException", "ListMessageMoveTasks", "of none", SourceArn=arn("none"))
    sqs.no("InvalidParameterValueException", "ListMessageMoveTasks", "11", SourceArn=arn("letters"), MaxResults=11)


def lost_source(sqs):
    """A task whose messages come from a deleted queue fails with the reason."""
    sqs.ok("CreateQueue", "for lost letters", QueueName="lost")
    sqs.ok("CreateQueue", "that will go", QueueName="going", Attributes={
        "RedrivePolicy": policy("lost", 1), "VisibilityTimeout": "0"})
    sqs.ok("CreateQueue", "that stays", QueueName="staying", Attributes={"RedrivePolicy": policy("lost", 1)})
    sqs.ok("SendMessage", "to be lost", QueueUrl=url(sqs, "going"), MessageBody="lost")
    sqs.ok("ReceiveMessage", "failing once", QueueUrl=url(sqs, "going"))
    sqs.ok("ReceiveMessage", "that loses it", QueueUrl=url(sqs, "going"))
    sqs.ok("DeleteQueue", "that goes", QueueUrl=url(sqs, "going"))
    sqs.ok("StartMessageMoveTask", "to a queue that is gone", SourceArn=arn("lost"))
    sqs.until("ListMessageMoveTasks", lambda output: output and output["Results"][0]["Status"] != "RUNNING",
              SourceArn=arn("lost"))
    sqs.ok("ListMessageMoveTasks", "failed", SourceArn=arn("lost"))


def wire(sqs):
    """Requests that no client makes. The old query protocol, which the cloud does not have, is refused."""
    if not sqs.is_local:
        return
    json_type = {"content_type": "application/x-amz-json-1.0"}
    send = {"x_amz_target": "AmazonSQS.SendMessage", **json_type}
    sqs.raw("SerializationException", "SendMessage", "no JSON", body=b"{", **send)
    sqs.raw("SerializationException", "SendMessage", "a number for a body", body=b'{"MessageBody": 1}', **send)
    sqs.raw("SerializationException", "SendMessage", "bytes that are no base64", **send, body=json.dumps({
        "QueueUrl": url(sqs, "plain"), "MessageBody": "x",
        "MessageAttributes": {"a": {"DataType": "Binary", "BinaryValue": "?"}}}).encode())
    form = {"content_type": "application/x-www-form-urlencoded"}
    sqs.raw("UnknownOperationException", "ListQueues", "in the query protocol", **form,
            body=b"Action=ListQueues&Version=2012-11-05")


def signatures(sqs):
    if not sqs.is_local:
        return
    call = {"x_amz_target": "AmazonSQS.ListQueues", "content_type": "application/x-amz-json-1.0", "body": b"{}"}
    sqs.raw("MissingAuthenticationToken", "ListQueues", "unsigned", sign=False, **call)
    sqs.raw("SignatureDoesNotMatch", "ListQueues", "with a wrong secret", sign="wrong", **call)
    sqs.raw("InvalidClientTokenId", "ListQueues", "by an unknown key", key="AKIAIOSFODNN7EXAMPLE", **call)
    sqs.raw("IncompleteSignature", "ListQueues", "half signed", sign=False, authorization="AWS4-HMAC-SHA256 x", **call)


def by_cli(sqs):
    cli, here = sqs.cli, ["--queue-url", url(sqs, "cli")]
    cli(["create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=5", "--tags", "a=1"],
        lambda output: output["QueueUrl"].endswith("/cli"))
    cli(["get-queue-url", "--queue-name", "cli"], lambda output: output["QueueUrl"].endswith("/cli"))
    cli(["send-message", *here, "--message-body", "hello", "--message-attributes",
         "MyAttribute={DataType=String,StringValue=foobar}"],
        lambda output: output["MD5OfMessageAttributes"] == "adb59cd4678ea5a855436b949cd07ab6")
    cli(["get-queue-attributes", *here, "--attribute-names", "All"],
        lambda output: output["Attributes"]["VisibilityTimeout"] == "5")
    received = cli(["receive-message", *here, "--message-attribute-names", "All"],
                   lambda output: output["Messages"][0]["MessageAttributes"]["MyAttribute"]["StringValue"] == "foobar")
    if received:
        cli(["delete-message", *here, "--receipt-handle", received["Messages"][0]["ReceiptHandle"]], lambda output: output == {})
    cli(["list-queue-tags", *here], lambda output: output == {"Tags": {"a": "1"}})
    cli(["delete-queue", *here], lambda output: output == {})
    cli(["get-queue-attributes", *here], None, code="AWS.SimpleQueueService.NonExistentQueue")


SECTIONS = [queues, names, attributes, tags, messages, message_errors, batches, purge, dead_letters, move_tasks,
            lost_source, wire, signatures, by_cli]
