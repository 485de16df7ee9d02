"""CloudWatch Logs: groups, streams, events; each error that a client can cause."""

import time

GROUP_GONE = "The specified log group does not exist."
STREAM_GONE = "The specified log stream does not exist."
DAY = 86_400_000


def groups(logs):
    logs.ok("DescribeLogGroups", "none there")
    logs.ok("CreateLogGroup", "the least", logGroupName="/least")
    logs.ok("CreateLogGroup", "with tags", logGroupName="/tagged", tags={"a": "1"})
    logs.no("ResourceAlreadyExistsException", "CreateLogGroup", "again", logGroupName="/least",
            text="The specified log group already exists")
    logs.no("InvalidParameterException", "CreateLogGroup", "a wrong name", logGroupName="a b")
    logs.no("InvalidParameterException", "CreateLogGroup", "no name")
    logs.ok("PutRetentionPolicy", "a week", logGroupName="/least", retentionInDays=7)
    logs.ok("DescribeLogGroups", "two")
    logs.ok("DescribeLogGroups", "by prefix", logGroupNamePrefix="/le")
    logs.ok("DescribeLogGroups", "by pattern", logGroupNamePattern="EAS")
    page = logs.ok("DescribeLogGroups", "page one", limit=1)
    logs.ok("DescribeLogGroups", "page two", limit=1, nextToken=logs.opaque(page, "nextToken"))
    logs.no("InvalidParameterException", "DescribeLogGroups", "51", limit=51)
    logs.no("InvalidParameterException", "DescribeLogGroups", "a token that is none", nextToken="?")
    logs.no("InvalidParameterException", "PutRetentionPolicy", "8 days", logGroupName="/least", retentionInDays=8)
    logs.ok("DeleteRetentionPolicy", "a week", logGroupName="/least")
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:/tagged"
    logs.ok("TagResource", "one more", resourceArn=arn, tags={"b": ""})
    logs.ok("ListTagsForResource", "two", resourceArn=arn)
    logs.ok("ListTagsLogGroup", "two", logGroupName="/tagged")
    logs.ok("UntagResource", "one", resourceArn=arn, tagKeys=["a"])
    logs.no("TooManyTagsException", "TagResource", "51", resourceArn=arn, tags={f"tag{number}": "" for number in range(51)})
    logs.no("InvalidParameterException", "TagResource", "a key of AWS's", resourceArn=arn, tags={"aws:x": ""})
    logs.no("InvalidParameterException", "TagResource", "of no ARN", resourceArn="nonsense", tags={"a": ""})
    gone = "arn:aws:logs:us-east-1:000000000000:log-group:/none"
    for operation, rest in [("TagResource", {"tags": {"a": ""}}), ("UntagResource", {"tagKeys": ["a"]}), ("ListTagsForResource", {})]:
        logs.no("ResourceNotFoundException", operation, "of none", resourceArn=gone, **rest)
    logs.ok("DeleteLogGroup", "with tags", logGroupName="/tagged")
    for operation, rest in [("DeleteLogGroup", {}), ("PutRetentionPolicy", {"retentionInDays": 1}),
                            ("DeleteRetentionPolicy", {}), ("ListTagsLogGroup", {})]:
        logs.no("ResourceNotFoundException", operation, "of none", logGroupName="/none", text=GROUP_GONE, **rest)


def streams(logs):
    logs.ok("CreateLogGroup", "for streams", logGroupName="/streams")
    here = {"logGroupName": "/streams"}
    logs.ok("DescribeLogStreams", "none", **here)
    logs.ok("CreateLogStream", "one", logStreamName="one", **here)
    logs.ok("CreateLogStream", "two", logStreamName="two", **here)
    logs.no("ResourceAlreadyExistsException", "CreateLogStream", "again", logStreamName="one", **here,
            text="The specified log stream already exists")
    logs.no("InvalidParameterException", "CreateLogStream", "a wrong name", logStreamName="a:b", **here)
    logs.no("ResourceNotFoundException", "CreateLogStream", "of none", logGroupName="/none", logStreamName="x", text=GROUP_GONE)
    now = int(time.time() * 1000)
    events = [{"timestamp": now - 2, "message": "first"}, {"timestamp": now - 1, "message": '{"level": "INFO"}'},
              {"timestamp": now, "message": "last"}]
    put = {"logStreamName": "one", **here}
    logs.ok("PutLogEvents", "three", logEvents=events, **put)
    logs.ok("PutLogEvents", "too old and too new", logEvents=[
        {"timestamp": now - 15 * DAY, "message": "too old"}], **put)
    logs.ok("PutLogEvents", "too new", logEvents=[{"timestamp": now + DAY, "message": "too new"}], **put)
    for case, wrong in [("none", []), ("out of order", events[::-1]), ("an empty one", [{"timestamp": now, "message": ""}]),
                        ("over two days", [{"timestamp": now - 2 * DAY, "message": "x"}, {"timestamp": now, "message": "x"}]),
                        ("over 1 MiB", [{"timestamp": now, "message": "x" * 250_000}] * 5)]:
        logs.no("InvalidParameterException", "PutLogEvents", case, logEvents=wrong, **put)
    logs.no("ResourceNotFoundException", "PutLogEvents", "to no stream", logStreamName="none", logEvents=events, **here,
            text=STREAM_GONE)
    logs.no("ResourceNotFoundException", "PutLogEvents", "to no group", logGroupName="/none", logStreamName="x",
            logEvents=events, text=GROUP_GONE)
    logs.ok("DescribeLogStreams", "two", **here)
    logs.ok("DescribeLogStreams", "by time", orderBy="LastEventTime", descending=True, **here)
    logs.ok("DescribeLogStreams", "by prefix", logStreamNamePrefix="tw", **here)
    page = logs.ok("DescribeLogStreams", "page one", limit=1, **here)
    logs.ok("DescribeLogStreams", "page two", limit=1, nextToken=logs.opaque(page, "nextToken"), **here)
    logs.no("InvalidParameterException", "DescribeLogStreams", "in no order", orderBy="Nonsense", **here)
    logs.no("InvalidParameterException", "DescribeLogStreams", "by time and prefix", orderBy="LastEventTime",
            logStreamNamePrefix="o", **here)
    logs.no("ResourceNotFoundException", "DescribeLogStreams", "of none", logGroupName="/none", text=GROUP_GONE)
    page = logs.ok("GetLogEvents", "from the head", logStreamName="one", startFromHead=True, limit=2, **here)
    logs.ok("GetLogEvents", "forward", logStreamName="one", nextToken=logs.opaque(page, "nextForwardToken"), **here)
    logs.ok("GetLogEvents", "from the tail", logStreamName="one", **here)
    logs.no("ResourceNotFoundException", "GetLogEvents", "of none", logStreamName="none", text=STREAM_GONE, **here)
    logs.no("InvalidParameterException", "GetLogEvents", "a token that is none", logStreamName="one", nextToken="?", **here)
    logs.ok("FilterLogEvents", "all", **here)
    logs.ok("FilterLogEvents", "by a word", filterPattern="first", **here)
    logs.ok("FilterLogEvents", "by JSON", filterPattern='{ $.level = "INFO" }', **here)
    page = logs.ok("FilterLogEvents", "page one", limit=1, **here)
    logs.ok("FilterLogEvents", "page two", limit=1, nextToken=logs.opaque(page, "nextToken"), **here)
    logs.no("InvalidParameterException", "FilterLogEvents", "a pattern that is none", filterPattern="{", **here)
    logs.no("InvalidParameterException", "FilterLogEvents", "names and prefix", logStreamNames=["one"],
            logStreamNamePrefix="o", **here)
    logs.no("ResourceNotFoundException", "FilterLogEvents", "of none", logGroupName="/none", text=GROUP_GONE)
    logs.ok("DeleteLogStream", "two", logStreamName="two", **here)
    logs.no("ResourceNotFoundException", "DeleteLogStream", "again", logStreamName="two", text=STREAM_GONE, **here)


def wire(logs):
    if not logs.is_local:
        return
    call = {"x_amz_target": "Logs_20140328.DescribeLogGroups", "content_type": "application/x-amz-json-1.1"}
    logs.raw("SerializationException", "DescribeLogGroups", "no JSON", body=b"{", **call)
    logs.raw("SerializationException", "DescribeLogGroups", "a text for a number", body=b'{"limit": "x"}', **call)
    logs.raw("MissingAuthenticationTokenException", "DescribeLogGroups", "unsigned", body=b"{}", sign=False, **call)
    logs.raw("UnrecognizedClientException", "DescribeLogGroups", "by an unknown key", body=b"{}", key="AKIAIOSFODNN7EXAMPLE", **call)
    logs.raw("IncompleteSignatureException", "DescribeLogGroups", "half signed", body=b"{}", sign=False,
             authorization="AWS4-HMAC-SHA256 x", **call)
    logs.raw("InvalidSignatureException", "DescribeLogGroups", "with a wrong secret", body=b"{}", sign="wrong", **call)


def by_cli(logs):
    cli, here = logs.cli, ["--log-group-name", "/cli"]
    cli(["create-log-group", *here], lambda output: output == {})
    cli(["describe-log-groups", "--log-group-name-prefix", "/cli"], lambda output: output["logGroups"][0]["logGroupName"] == "/cli")
    cli(["filter-log-events", *here], lambda output: output["events"] == [])
    cli(["delete-log-group", *here], lambda output: output == {})
    cli(["delete-log-group", *here], None, code="ResourceNotFoundException")


SECTIONS = [groups, streams, wire, by_cli]
