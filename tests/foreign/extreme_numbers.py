"""Every number that a request may hold, beyond what the service takes: each is refused with an error of the
service, and none is a fault of the cloud.

Usage: extreme_numbers.py PATH-TO-ORDERS-LAB

The members come from botocore's models, for every operation that the cloud has. Prints a line for each
operation and `N passed, N failed`; exits 1 when one failed.
"""

import base64
import copy
import http.client
import io
import json
import sys
import urllib.parse
import zipfile

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import lab
from aws_inspector import REGION, AwsInspector

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/numbers"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
CONSUME = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})

# JSON's way to write numbers that no member of any operation takes.
NEVER = ["1e400", "-1e400", "1.5", "0.1e1", "9223372036854775808", "18446744073709551616", "-9223372036854775809",
         "1" + "0" * 300, "NaN", "Infinity", '"1e400"', '"' + "9" * 400 + '"']
# What no member of 32 bits takes.
NEVER_INTEGER = ["-1", "2147483648", "-2147483649", "9223372036854775807"]
# What is refused where it is out of range, and never a fault.
ANY = ["0", "-0", "1", "1E2", "-1", "2147483647", "-9223372036854775808", "true", "[]", "{}"]
# Texts that stand for numbers, in attributes and forms.
TEXTS = ["", " 1", "+1", "-1", "1.5", "1e400", "0x10", "9" * 20, "9" * 400, "NaN", "١", "2147483648", "-9223372036854775809"]


class Client:
    """Sends signed requests with any bytes."""

    def __init__(self, variables):
        self.host = urllib.parse.urlsplit(variables["AWS_ENDPOINT_URL"]).netloc
        self.credentials = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def send(self, signing_name, method, path, headers, body):
        """The status of the reply and its text."""
        request = AWSRequest(method, f"http://{self.host}{path}", headers, body)
        SigV4Auth(self.credentials, signing_name, REGION).add_auth(request)
        self.connection.request(method, path, body, dict(request.headers))
        reply = self.connection.getresponse()
        return reply.status, reply.read().decode()


def members(shape, path=(), seen=()):
    """The paths and types of the numbers in a shape. Lists hold one item, and maps one entry `key`."""
    if shape.name in seen:
        return
    seen = (*seen, shape.name)
    if shape.type_name in ("integer", "long", "float", "double", "timestamp"):
        yield path, shape.type_name
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from members(member, (*path, name), seen)
    elif shape.type_name == "list":
        yield from members(shape.member, (*path, 0), seen)
    elif shape.type_name == "map":
        yield from members(shape.value, (*path, "key"), seen)


MARK = "\ue000"


def with_mark(base, path):
    """The input with a mark at the path, which is created where it does not exist."""
    whole = copy.deepcopy(base)
    at = whole
    for step, following in zip(path, [*path[1:], None]):
        empty = MARK if following is None else [] if following == 0 else {}
        if isinstance(at, list):
            at.append(empty) if not at else None
            if following is None:
                at[0] = MARK
        elif following is None or step not in at:
            at[step] = empty
        at = at[step]
    return whole


def requests(model, operation, whole, token):
    """The request with this input, with the token in place of the mark: method, path, headers, body."""
    metadata = model.metadata
    if metadata["protocol"] in ("json", "smithy-rpc-v2-cbor") or "targetPrefix" in metadata:
        headers = {"Content-Type": f"application/x-amz-json-{metadata.get('jsonVersion', '1.0')}",
                   "X-Amz-Target": f"{metadata['targetPrefix']}.{operation.name}"}
        return "POST", "/", headers, json.dumps(whole).replace(json.dumps(MARK), token).encode()
    text = token.strip('"')
    if metadata["protocol"] == "query":
        form = {"Action": operation.name, "Version": metadata["apiVersion"]}
        form.update({name: text if value == MARK else value for name, value in whole.items()})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return "POST", "/", headers, urllib.parse.urlencode(form).encode()
    path, query, body = operation.http["requestUri"], {}, {}
    for name, member in operation.input_shape.members.items():
        if name not in whole:
            continue
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri":
            path = path.replace("{" + wire + "}", urllib.parse.quote(whole[name], safe=""))
        elif place == "querystring":
            query[wire] = text if whole[name] == MARK else whole[name]
        else:
            body[wire] = whole[name]
    if query:
        path += "?" + urllib.parse.urlencode(query)
    body = json.dumps(body).replace(json.dumps(MARK), token).encode() if body else b""
    return operation.http["method"], path, {"Content-Type": "application/json"}, body


def package():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.external_attr = 0o755 << 16
        archive.writestr(bootstrap, "#!/bin/sh\nsleep 60\n")
    return whole.getvalue()


def prepared(inspector):
    """Creates what requests are about. Returns, for each operation, an input that is accepted but for its number."""
    dead = inspector.sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = inspector.arn("sqs", "dead")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})
    url = inspector.sqs.create_queue(QueueName="queue", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    inspector.sqs.send_message(QueueUrl=url, MessageBody="a")
    handle = inspector.sqs.receive_message(QueueUrl=url, VisibilityTimeout=43000)["Messages"][0]["ReceiptHandle"]
    table = inspector.dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})["TableDescription"]
    inspector.iam.create_role(RoleName="numbers", AssumeRolePolicyDocument=TRUST)
    inspector.iam.put_role_policy(RoleName="numbers", PolicyName="all", PolicyDocument=CONSUME)
    inspector.iam.create_user(UserName="numbers")
    own = inspector.iam.create_policy(PolicyName="numbers", PolicyDocument=CONSUME)["Policy"]["Arn"]
    function = dict(FunctionName="numbers", Runtime="provided.al2023", Role=ROLE, Handler="h")
    inspector.awslambda.create_function(**function, Code={"ZipFile": package()})
    inspector.awslambda.get_waiter("function_active_v2").wait(FunctionName="numbers")
    mapping = inspector.awslambda.create_event_source_mapping(
        FunctionName="numbers", EventSourceArn=inspector.arn("sqs", "queue"), Enabled=False)["UUID"]
    inspector.logs.create_log_group(logGroupName="group")
    inspector.logs.create_log_stream(logGroupName="group", logStreamName="stream")
    stream = {"logGroupName": "group", "logStreamName": "stream"}
    statement = {"Statement": 'SELECT * FROM "table"'}
    query = {"TableName": "table", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"N": "1"}}}
    zipped = base64.b64encode(package()).decode()
    keys = {key: table[key] for key in ("KeySchema", "AttributeDefinitions")}
    role, user, policy = {"RoleName": "numbers"}, {"UserName": "numbers"}, {"PolicyArn": own}
    return {
        "ChangeMessageVisibility": {"QueueUrl": url, "ReceiptHandle": handle},
        "ChangeMessageVisibilityBatch": {"QueueUrl": url, "Entries": [{"Id": "a", "ReceiptHandle": handle}]},
        "ListDeadLetterSourceQueues": {"QueueUrl": dead}, "ListMessageMoveTasks": {"SourceArn": dead_arn},
        "ListQueues": {}, "ReceiveMessage": {"QueueUrl": url, "WaitTimeSeconds": 0},
        "SendMessage": {"QueueUrl": url, "MessageBody": "a"},
        "SendMessageBatch": {"QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "a"}]},
        "StartMessageMoveTask": {"SourceArn": dead_arn},
        "CreateTable": {"TableName": "table2", "BillingMode": "PROVISIONED", **keys}, "UpdateTable": {"TableName": "table"},
        "ExecuteStatement": statement, "ListTables": {}, "Query": query, "Scan": {"TableName": "table"},
        "DescribeStream": {"StreamArn": table["LatestStreamArn"]}, "ListStreams": {},
        "GetRecords": {"ShardIterator": "x"}, "GetShardIterator": {"StreamArn": table["LatestStreamArn"]},
        "CreateEventSourceMapping": {"FunctionName": "numbers", "EventSourceArn": dead_arn},
        "UpdateEventSourceMapping": {"UUID": mapping}, "ListEventSourceMappings": {}, "ListFunctions": {},
        "CreateFunction": {**function, "FunctionName": "numbers2", "Code": {"ZipFile": zipped}},
        "UpdateFunctionConfiguration": {"FunctionName": "numbers"}, "PutFunctionConcurrency": {"FunctionName": "numbers"},
        "CreateRole": {"RoleName": "numbers2", "AssumeRolePolicyDocument": TRUST}, "UpdateRole": role,
        "ListAttachedRolePolicies": role, "ListInstanceProfilesForRole": role, "ListRolePolicies": role, "ListRoleTags": role,
        "ListAccessKeys": user, "ListAttachedUserPolicies": user, "ListGroupsForUser": user, "ListUserPolicies": user,
        "ListUserTags": user, "ListEntitiesForPolicy": policy, "ListPolicyTags": policy, "ListPolicyVersions": policy,
        "AssumeRole": {"RoleArn": ROLE, "RoleSessionName": "numbers"},
        "DescribeLogGroups": {}, "DescribeLogStreams": {"logGroupName": "group"}, "FilterLogEvents": {"logGroupName": "group"},
        "GetLogEvents": stream, "PutLogEvents": {**stream, "logEvents": [{"message": "a"}]},
        "PutRetentionPolicy": {"logGroupName": "group"},
    }


def forms(url):
    """Requests with texts for numbers: what they are, the service, and the request for a text."""
    sqs = lambda operation, whole: ("POST", "/", {"Content-Type": "application/x-amz-json-1.0",
                                    "X-Amz-Target": f"AmazonSQS.{operation}"}, json.dumps(whole).encode())
    dynamodb = lambda operation, whole: ("POST", "/", {"Content-Type": "application/x-amz-json-1.0",
                                         "X-Amz-Target": f"DynamoDB_20120810.{operation}"}, json.dumps(whole).encode())
    query = lambda form: ("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"},
                          urllib.parse.urlencode({"Version": "2012-11-05", **form}).encode())
    for name in ("VisibilityTimeout", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod",
                 "ReceiveMessageWaitTimeSeconds", "KmsDataKeyReusePeriodSeconds"):
        yield f"SetQueueAttributes {name}", "sqs", lambda text, name=name: sqs(
            "SetQueueAttributes", {"QueueUrl": url, "Attributes": {name: text}})
        yield f"CreateQueue {name}", "sqs", lambda text, name=name: sqs(
            "CreateQueue", {"QueueName": "other", "Attributes": {name: text}})
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    yield "maxReceiveCount", "sqs", lambda text: sqs("SetQueueAttributes", {"QueueUrl": url, "Attributes": {
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": text})}})
    for name in ("VisibilityTimeout", "MaxNumberOfMessages", "WaitTimeSeconds"):
        yield f"ReceiveMessage {name}, a form", "sqs", lambda text, name=name: query(
            {"Action": "ReceiveMessage", "QueueUrl": url, name: text})
    yield "SendMessage DelaySeconds, a form", "sqs", lambda text: query(
        {"Action": "SendMessage", "QueueUrl": url, "MessageBody": "a", "DelaySeconds": text})
    yield "PutItem N", "dynamodb", lambda text: dynamodb("PutItem", {"TableName": "table", "Item": {"id": {"N": text}}})
    yield "UpdateItem N", "dynamodb", lambda text: dynamodb("UpdateItem", {
        "TableName": "table", "Key": {"id": {"N": "1"}}, "UpdateExpression": "ADD n :n",
        "ExpressionAttributeValues": {":n": {"N": text}}})
    yield "PutItem NS", "dynamodb", lambda text: dynamodb(
        "PutItem", {"TableName": "table", "Item": {"id": {"N": "1"}, "s": {"NS": [text]}}})
    yield "PartiQL", "dynamodb", lambda text: dynamodb("ExecuteStatement", {
        "Statement": f"SELECT * FROM \"table\" WHERE id = {text}"})
    yield "PartiQL parameter", "dynamodb", lambda text: dynamodb("ExecuteStatement", {
        "Statement": 'SELECT * FROM "table" WHERE id = ?', "Parameters": [{"N": text}]})


class Tries:
    """Sends requests with numbers, and remembers which were not answered as they should be."""

    def __init__(self, client):
        self.client = client
        self.count = 0
        self.wrong = []

    def __call__(self, what, signing_name, request, token, must):
        """Tries a request. `must` says that it must be refused, alone or in its reply's `Failed`."""
        self.count += 1
        status, text = self.client.send(signing_name, *request)
        is_refused = 400 <= status < 500 or status == 200 and '"Failed":[{' in text
        if status >= 500 or must and not is_refused:
            self.wrong.append(f"{what} {token[:30]}: {status} {text[:150]}")

    def end(self):
        wrong, self.wrong = self.wrong, []
        assert not wrong, "".join(f"\n      {one}" for one in wrong)


def run(check, cloud):
    inspector = AwsInspector(cloud.variables())
    inputs = prepared(inspector)
    tries = Tries(Client(cloud.variables()))
    session = botocore.session.get_session()
    for name in ("sqs", "lambda", "dynamodb", "dynamodbstreams", "iam", "sts", "logs", "resourcegroupstaggingapi"):
        model = session.get_service_model(name)
        for operation in map(model.operation_model, model.operation_names):
            numbers = list(members(operation.input_shape)) if operation.input_shape else []
            if operation.name not in inputs and not numbers:
                continue
            base = inputs.get(operation.name, {})

            def all_are_refused():
                for path, kind in numbers:
                    whole = with_mark(base, path)
                    never = NEVER + (NEVER_INTEGER if kind == "integer" else [])
                    for token in [*never, *ANY]:
                        # Some services read times with a fraction, and texts as times.
                        must = token in never and (kind == "integer" or token not in ("1.5", "0.1e1"))
                        request = requests(model, operation, whole, token)
                        tries(path, model.signing_name, request, token, must)
                tries.end()

            check(f"{name} {operation.name} ({len(numbers)})", all_are_refused)
    for name, service, request in forms(inspector.url("queue")):

        def texts_are_no_fault():
            for text in TEXTS:
                never = ("1e400", "0x10", "9" * 400, "NaN") if service == "dynamodb" else ("1.5", "1e400", "0x10", "9" * 400, "NaN")
                tries(name, service, request(text), text, text in never)
            tries.end()

        check(name, texts_are_no_fault)
    print(f"{tries.count} requests")


check = lab.Checks()
with lab.local(sys.argv[1]) as cloud:
    cloud.good("local", "start", "--speed", "1")
    run(check, cloud)
sys.exit(check.code())
