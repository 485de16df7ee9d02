"""Tests of the check itself: it finds what is wrong with each reply, and nothing wrong with valid ones."""

import json
import unittest

import botocore.session

import model
from differences import Difference, Table

SESSION = botocore.session.get_session()
XML = ('<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path>'
       "<RoleName>r</RoleName><RoleId>AROAAAAAAAAAAAAAAAAAA</RoleId><Arn>arn:aws:iam::000000000000:role/r</Arn>"
       "<CreateDate>2026-01-01T00:00:00Z</CreateDate>{}</Role></GetRoleResult><ResponseMetadata><RequestId>x</RequestId>"
       "</ResponseMetadata></GetRoleResponse>")


def problems(service, operation, body, status=200, kind="application/x-amz-json-1.0", **headers):
    headers = {"x-amzn-requestid": "x", "content-type": kind, **{key.replace("_", "-"): value for key, value in headers.items()}}
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = SESSION.get_service_model(service).operation_model(operation)
    return model.check_reply(found, status, headers, body).problems


def sqs_error(code, status, header):
    body = {"__type": f"com.amazonaws.sqs#{code}", "message": "text"}
    return problems("sqs", "GetQueueUrl", body, status, x_amzn_query_error=header)


class ReplyCheck(unittest.TestCase):
    def assert_found(self, found, *words):
        self.assertTrue(any(all(word in one for word in words) for one in found), f"{words} not in {found}")

    def test_right_replies_pass(self):
        self.assertEqual(problems("sqs", "GetQueueUrl", {"QueueUrl": "http://x"}), [])
        self.assertEqual(problems("iam", "GetRole", XML.format("").encode(), kind="text/xml"), [])
        self.assertEqual(sqs_error("QueueDoesNotExist", 400, "AWS.SimpleQueueService.NonExistentQueue;Sender"), [])
        self.assertEqual(problems("lambda", "DeleteFunction", b"", 204), [])

    def test_members(self):
        self.assert_found(problems("sqs", "ListDeadLetterSourceQueues", {}), "queueUrls", "missing")
        self.assert_found(problems("sqs", "GetQueueUrl", {"QueueURL": "x"}), "QueueURL", "no model")
        self.assert_found(problems("sqs", "GetQueueUrl", {"QueueUrl": 1}), "QueueUrl", "int")
        self.assert_found(problems("sqs", "ListQueues", {"QueueUrls": "x"}), "QueueUrls", "str")

    def test_numbers_times_and_enumerations(self):
        task = {"Results": [{"ApproximateNumberOfMessagesMoved": "1"}]}
        self.assert_found(problems("sqs", "ListMessageMoveTasks", task), "Moved", "str")
        attributes = {"Attributes": {"Nonsense": "1"}}
        self.assert_found(problems("sqs", "GetQueueAttributes", attributes), "enumeration")
        table = {"Table": {"TableStatus": "PERHAPS", "CreationDateTime": "2026-01-01T00:00:00Z"}}
        found = problems("dynamodb", "DescribeTable", table)
        self.assert_found(found, "PERHAPS")
        self.assert_found(found, "CreationDateTime", "str")

    def test_xml(self):
        self.assert_found(problems("iam", "GetRole", XML.format("<Odd/>").encode(), kind="text/xml"), "Odd")
        self.assert_found(problems("iam", "GetRole", XML.format("").replace("Z</C", "</C").encode(), kind="text/xml"), "8601")
        self.assert_found(problems("iam", "GetRole", XML.format("").replace("2010", "2011").encode(), kind="text/xml"), "document")
        lacking = XML.format("").replace("<Path>/</Path>", "").encode()
        self.assert_found(problems("iam", "GetRole", lacking, kind="text/xml"), "Path", "missing")
        odd = XML.format("<MaxSessionDuration>x</MaxSessionDuration>").encode()
        self.assert_found(problems("iam", "GetRole", odd, kind="text/xml"), "MaxSessionDuration")

    def test_errors(self):
        right = "AWS.SimpleQueueService.NonExistentQueue;Sender"
        self.assert_found(sqs_error("QueueDoesNotExist", 404, right), "status 404")
        self.assert_found(sqs_error("QueueDoesNotExist", 400, "QueueDoesNotExist;Sender"), "x-amzn-query-error")
        self.assert_found(sqs_error("OverLimit", 403, "OverLimit;Sender"), "no error OverLimit")
        missing = {"Type": "User", "Message": "text"}
        self.assertEqual(problems("lambda", "GetFunction", missing, 404, "application/json",
                                  x_amzn_errortype="ResourceNotFoundException"), [])
        self.assert_found(problems("lambda", "GetFunction", missing, 404, "application/json"), "without a code")

    def test_headers(self):
        self.assert_found(problems("sqs", "GetQueueUrl", {"QueueUrl": "x"}, kind="text/plain"), "content-type")
        found = SESSION.get_service_model("sqs").operation_model("GetQueueUrl")
        self.assert_found(model.check_reply(found, 200, {}, b"{}").problems, "requestid")


class Differences(unittest.TestCase):
    ROW = '[[difference]]\ncalls = "sqs/*"\nwhat = "text"\nreason = "words"\n'

    def test_what_is_listed_is_explained_and_the_rest_is_not(self):
        listed, other = Difference("sqs/A/b", "text", "x", "y"), Difference("sqs/A/b", "code", "x", "y")
        table = Table(self.ROW)
        table.explain([listed, other])
        self.assertEqual((listed.reason, other.reason, table.stale()), ("words", None, []))

    def test_a_row_that_covers_nothing_is_stale(self):
        table = Table(self.ROW)
        table.explain([])
        self.assertEqual(len(table.stale()), 1)
