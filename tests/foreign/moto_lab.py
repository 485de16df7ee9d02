"""Builds and removes a lab on moto's server, an independent implementation of AWS.

Usage: moto_lab.py PATH-TO-ORDERS-LAB

From an empty home it runs `up`, `up` again, `status`, `list` and `down` with `--target aws`. boto3
checks what `up` says that it created, setting by setting, and that `down` leaves nothing. Prints a
line for each check and `N passed, N failed`; exits 1 when one failed.
"""

import base64
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import lab
from aws_inspector import REGION, AwsInspector, pairs
from lab import same

sys.path.insert(0, str(Path(__file__).resolve().parent / "conformance"))

import targets  # noqa: E402  (of the conformance run)

# Not the local cloud's account: ARNs must contain the account id that the target reports.
ACCOUNT = "123456789012"
QUEUE, DEAD, TABLE = "orders-queue", "orders-dl-queue", "orders"
SIMULATOR, PROCESSOR = "lab-order-simulator", "lab-order-processor"
ROLES = {SIMULATOR: "lab-lambda-sqs-order-simulator", PROCESSOR: "lab-lambda-sqs-order-processor"}
WHOLE = 10  # resources of a lab

# Where moto differs from AWS, so that the tool or this script does without:
# - it returns no tags for a missing log group, where AWS has no such resource;
# - GetResources finds no event source mappings, so that `list` counts one resource less;
# - functions run in Docker, if at all, so no order is sent here;
# - nothing is delayed: roles do not propagate, tables are active at once, names of queues are free.
FOUND_BY_TAG = WHOLE - 1

WANTED = {
    "queues": [DEAD, QUEUE], "tables": [TABLE], "functions": [PROCESSOR, SIMULATOR],
    "mappings": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PROCESSOR}"],
    "roles": sorted(ROLES.values()),
    "log groups": [f"/aws/lambda/{PROCESSOR}", f"/aws/lambda/{SIMULATOR}"],
}


def arn(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def queues(inspector):
    orders, dead = inspector.queue(QUEUE), inspector.queue(DEAD)
    redrive = json.loads(orders["RedrivePolicy"])
    same((redrive["deadLetterTargetArn"], int(redrive["maxReceiveCount"])), (arn("sqs", DEAD), 3))
    same(orders["VisibilityTimeout"], "30")
    same([one["MessageRetentionPeriod"] for one in (orders, dead)], [str(4 * 86_400)] * 2)
    assert "RedrivePolicy" not in dead, dead


def table(inspector):
    found = inspector.dynamodb.describe_table(TableName=TABLE)["Table"]
    same(found["KeySchema"], [{"AttributeName": "id", "KeyType": "HASH"}])
    same(found["AttributeDefinitions"], [{"AttributeName": "id", "AttributeType": "N"}])
    same(found["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")


def roles(inspector):
    same(inspector.iam.list_policies(Scope="Local")["Policies"], [])
    for name in ROLES.values():
        trust = inspector.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        [statement] = trust["Statement"]
        same(statement["Principal"], {"Service": "lambda.amazonaws.com"})
        same(inspector.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"], [])
        [policy] = inspector.iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = inspector.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for statement in document["Statement"]:
            assert ACCOUNT in statement["Resource"], statement
            assert not any("*" in action for action in statement["Action"]), statement


def functions(inspector):
    variables = {SIMULATOR: inspector.url(QUEUE), PROCESSOR: TABLE}
    for name, role in ROLES.items():
        found = inspector.awslambda.get_function(FunctionName=name)["Configuration"]
        same(found["Role"], f"arn:aws:iam::{ACCOUNT}:role/{role}")
        same((found["Runtime"], found["Handler"]), ("provided.al2023", "bootstrap"))
        same((found["MemorySize"], found["Architectures"]), (256, ["x86_64"]))
        assert variables[name] in found["Environment"]["Variables"].values(), found["Environment"]
        same(len(base64.b64decode(found["CodeSha256"])), hashlib.sha256().digest_size)
    same(inspector.awslambda.get_function(FunctionName=PROCESSOR)["Configuration"]["Timeout"], 5)


def mapping(inspector):
    found = inspector.mapping()
    same((found["EventSourceArn"], found["BatchSize"]), (arn("sqs", QUEUE), 10))
    same(found["State"], "Enabled")
    same(found["FunctionResponseTypes"], ["ReportBatchItemFailures"])


def tags(inspector):
    places = [("queue", QUEUE), ("queue", DEAD), ("table", TABLE), ("trigger", PROCESSOR)]
    for name, role in ROLES.items():
        places += [("function", name), ("role", role), ("log_group", f"/aws/lambda/{name}")]
    same(len(places), WHOLE)
    for place in places:
        found = inspector.tags(*place)
        same(found.get("orders-lab:lab"), "default")
        assert {"orders-lab:version", "orders-lab:created"} <= found.keys(), (place, found)


def outcomes(tool, command, wanted):
    found = tool.outcomes(command)
    same((set(found.values()), len(found)), ({wanted}, WHOLE))


def status(tool):
    document = tool.good("status")
    same((document["up"], document["drifted"]), (True, False))
    same(document["target"]["account"], ACCOUNT)
    same(tool.good("up", "--plan")["to_do"], 0)


def listed(tool):
    [found] = tool.good("list")["labs"]
    same((found["name"], len(found["resources"])), ("default", FOUND_BY_TAG))


def removed(tool):
    document = tool.good("down")
    same({one["outcome"] for one in document["resources"]}, {"deleted"})
    same((document["certificate"]["left"], document["certificate"]["by_tag"]), ([], True))


def run(check, tool, inspector):
    check("up makes everything", lambda: outcomes(tool, "up", "created"))
    check("boto3 sees each part once", lambda: same(inspector.everything(), WANTED))
    for name, look in [("queues", queues), ("table", table), ("roles", roles), ("functions", functions),
                       ("mapping", mapping), ("tags", tags)]:
        check(f"boto3 sees the {name} as the lab describes them", lambda look=look: look(inspector))
    check("up again changes nothing", lambda: outcomes(tool, "up", "unchanged"))
    check("status knows the lab and no drift", lambda: status(tool))
    check("list finds it by its tags", lambda: listed(tool))
    check("down removes everything", lambda: removed(tool))
    check("boto3 sees nothing left", lambda: same(inspector.left(), {}))
    check("down again finds nothing", lambda: outcomes(tool, "down", "absent"))


def main(program):
    check = lab.Checks()
    with targets.moto(ACCOUNT) as server, tempfile.TemporaryDirectory(prefix="orders-lab-moto-") as home:
        variables = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_REGION": REGION,
                     "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        tool = lab.Tool(program, home, "--target", "aws", "--yes", **variables)
        run(check, tool, AwsInspector(variables, ACCOUNT))
    return check.code()


sys.exit(main(sys.argv[1]))
