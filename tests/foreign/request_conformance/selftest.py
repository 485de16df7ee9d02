"""Tests of the check itself: it finds what is wrong with each request, and nothing wrong with valid ones."""

import base64
import json
import unittest
import urllib.parse

import rules
import wire

ROLE = "arn:aws:iam::000000000000:role/r"
TRUST = {"Action": "CreateRole", "Version": "2010-05-08", "RoleName": "r", "AssumeRolePolicyDocument": "{}"}
FUNCTION = {"Role": ROLE, "Code": {"ZipFile": base64.b64encode(b"zip").decode()}, "FunctionName": "f",
            "Runtime": "provided.al2023", "Handler": "bootstrap", "MemorySize": 256}


def recorded(service, body=b"", method="POST", path="/", query="", region="us-east-1", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return wire.Record(method, path, query, headers, f"AKID/20260101/{region}/{service}/aws4_request", body, 200, None)


def problems(record):
    try:
        return rules.check(record.request())
    except wire.InvalidRequest as problem:
        return [str(problem)]


def sqs(operation, **parameters):
    return problems(recorded("sqs", json.dumps(parameters).encode(), content_type="application/x-amz-json-1.0",
                             x_amz_target=f"AmazonSQS.{operation}"))


def dynamodb(operation, **parameters):
    return problems(recorded("dynamodb", json.dumps(parameters).encode(), content_type="application/x-amz-json-1.0",
                             x_amz_target=f"DynamoDB_20120810.{operation}"))


def iam(**fields):
    body = urllib.parse.urlencode(fields).encode()
    return problems(recorded("iam", body, content_type="application/x-www-form-urlencoded"))


def function(**changes):
    body = {name: value for name, value in {**FUNCTION, **changes}.items() if value is not None}
    return problems(recorded("lambda", json.dumps(body).encode(), path="/2015-03-31/functions",
                             content_type="application/json"))


def mappings(query):
    return problems(recorded("lambda", method="GET", path="/2015-03-31/event-source-mappings/", query=query))


class RequestCheck(unittest.TestCase):
    def assert_found(self, found, *words):
        self.assertTrue(any(all(word in one for word in words) for one in found), f"{words} not in {found}")

    def test_right_requests_pass(self):
        self.assertEqual(sqs("CreateQueue", QueueName="q", Attributes={"VisibilityTimeout": "30"}, tags={"a": "b"}), [])
        self.assertEqual(iam(**TRUST, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}), [])
        self.assertEqual(function(), [])
        self.assertEqual(mappings("MaxItems=10&FunctionName=f"), [])
        self.assertEqual(dynamodb("GetItem", TableName="t", Key={"id": {"N": "1"}}), [])

    def test_members(self):
        self.assert_found(sqs("CreateQueue", QueueName="q", Tags={}), ".Tags", "no model")
        self.assert_found(sqs("CreateQueue"), ".QueueName", "missing")
        self.assert_found(sqs("CreateQueue", QueueName=1), "QueueName", "int")
        self.assert_found(sqs("SendMessageBatch", QueueUrl="u", Entries=[{"Id": "1"}]), "MessageBody", "missing")
        self.assert_found(iam(**TRUST, Odd="x"), "Odd")
        self.assert_found(function(Odd=1), "Odd")
        self.assert_found(function(Role=None), ".Role", "missing")
        self.assert_found(mappings("Odd=1"), "Odd")
        self.assert_found(dynamodb("GetItem", TableName="t", Key={"id": {"N": "1", "S": "1"}}), "union")

    def test_enumerations(self):
        self.assert_found(sqs("CreateQueue", QueueName="q", Attributes={"VisibilityTimeuot": "30"}), "enumeration")
        self.assert_found(function(Runtime="provided.al2030"), "provided.al2030")
        self.assert_found(function(Architectures=["riscv"]), "riscv")

    def test_patterns(self):
        self.assert_found(function(Role="arn:aws:iam::1:role/r"), "Role", "match")
        self.assert_found(iam(**{**TRUST, "RoleName": "a b"}), "RoleName", "match")
        self.assert_found(iam(**TRUST, **{"Tags.member.1.Key": "a\n", "Tags.member.1.Value": "b"}), "Key", "match")

    def test_lengths(self):
        self.assert_found(iam(**{**TRUST, "RoleName": "r" * 65}), "length", "65")
        self.assert_found(iam(**{**TRUST, "AssumeRolePolicyDocument": ""}), "length", "0")
        self.assert_found(function(Layers=["x"] * 5, Architectures=["arm64", "x86_64"]), "number", "Architectures")
        self.assert_found(dynamodb("BatchExecuteStatement", Statements=[]), "number", "Statements")

    def test_ranges(self):
        self.assert_found(function(MemorySize=64), "MemorySize", "range")
        self.assert_found(function(Timeout=0), "Timeout", "range")
        self.assert_found(mappings("MaxItems=0"), "MaxItems", "range")
        self.assert_found(mappings("MaxItems=ten"), "MaxItems", "str")

    def test_the_request_itself(self):
        self.assert_found(problems(recorded("sqs", b"{}", x_amz_target="AmazonSQS.CreateQueue")), "content-type")
        self.assert_found(sqs("MakeQueue"), "MakeQueue")
        self.assert_found(iam(**{**TRUST, "Version": "2011-06-15"}), "version")
        self.assert_found(problems(recorded("lambda", method="GET", path="/2015-03-31/things")), "no operation")
        self.assert_found(problems(recorded("lambda", region="eu-west-1", method="GET", path="/2015-03-31/functions")), "eu-west-1")
        self.assert_found(problems(recorded("s3", method="GET")), "no service s3")
        self.assert_found(iam(**TRUST, **{"Tags.member.2.Key": "a"}), "numbered")
