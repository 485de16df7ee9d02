"""Builds and removes a lab on moto's server: a judge that we did not write and do not ask for much.

Usage: moto_lab.py PATH-TO-ORDERS-LAB

From an empty home, `up`, `up` again, `status`, `list` and `down` with `--target aws`. What `up` says
that it made is looked for by boto3, setting by setting, and after `down` boto3 looks whether
anything is left. Prints a line for each check and `N passed, N failed`; exits 1 when one failed.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent / "conformance"))

import targets  # noqa: E402  (of the conformance run)

PROGRAM = Path(sys.argv[1]).resolve()
# Not the local cloud's: ARNs must be made of what the target says that the account is.
ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUE, DEAD, TABLE = "orders-queue", "orders-dl-queue", "orders"
SIMULATOR, PROCESSOR = "lab-order-simulator", "lab-order-processor"
ROLES = {SIMULATOR: "lab-lambda-sqs-order-simulator", PROCESSOR: "lab-lambda-sqs-order-processor"}
WHOLE = 10  # resources of a lab

# Where moto is not like AWS, so that the tool or this script does without:
# - it has the tags of a log group that is not there (none), where AWS has no such resource;
# - GetResources finds no event source mappings, so that `list` counts one resource less;
# - functions run in Docker, if at all, so that no order is sent here;
# - nothing takes its time: no role is propagating, no table on its way, no name of a queue kept.
FOUND_BY_TAG = WHOLE - 1

passed, failed = 0, 0


def check(name, test):
    """Runs one check and counts it."""
    global passed, failed
    try:
        test()
        passed += 1
        print(f"ok    {name}")
    except Exception as problem:  # a check that breaks has failed, whatever broke it
        failed += 1
        print(f"FAIL  {name}: {type(problem).__name__}: {problem}")


def same(found, wanted):
    assert found == wanted, f"{found!r}, not {wanted!r}"


class Lab:
    """The tool with an empty home, as a user of AWS runs it."""

    def __init__(self, endpoint, home):
        self.environment = {
            "HOME": home, "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def good(self, *arguments):
        command = [PROGRAM, *arguments, "--target", "aws", "--yes", "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)


class Eyes:
    """What boto3 sees."""

    def __init__(self, endpoint):
        def client(service):
            return boto3.client(service, endpoint_url=endpoint, region_name=REGION,
                                aws_access_key_id="testing", aws_secret_access_key="testing")
        self.sqs, self.dynamodb, self.awslambda = client("sqs"), client("dynamodb"), client("lambda")
        self.iam, self.logs = client("iam"), client("logs")

    def url(self, queue):
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def queue(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=["All"])["Attributes"]

    def mapping(self):
        [mapping] = self.awslambda.list_event_source_mappings()["EventSourceMappings"]
        return mapping

    def everything(self):
        """Everything there is, by kind."""
        return {
            "queues": sorted(url.rsplit("/", 1)[1] for url in self.sqs.list_queues().get("QueueUrls", [])),
            "tables": self.dynamodb.list_tables()["TableNames"],
            "functions": sorted(one["FunctionName"] for one in self.awslambda.list_functions()["Functions"]),
            "mappings": [one["FunctionArn"] for one in self.awslambda.list_event_source_mappings()["EventSourceMappings"]],
            "roles": sorted(one["RoleName"] for one in self.iam.list_roles()["Roles"]),
            "policies": [one["PolicyName"] for one in self.iam.list_policies(Scope="Local")["Policies"]],
            "log groups": sorted(one["logGroupName"] for one in self.logs.describe_log_groups()["logGroups"]),
        }


WANTED = {
    "queues": [DEAD, QUEUE], "tables": [TABLE], "functions": [PROCESSOR, SIMULATOR],
    "mappings": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PROCESSOR}"],
    "roles": sorted(ROLES.values()), "policies": [],
    "log groups": [f"/aws/lambda/{PROCESSOR}", f"/aws/lambda/{SIMULATOR}"],
}


def arn(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def queues(eyes):
    orders, dead = eyes.queue(QUEUE), eyes.queue(DEAD)
    redrive = json.loads(orders["RedrivePolicy"])
    same((redrive["deadLetterTargetArn"], int(redrive["maxReceiveCount"])), (arn("sqs", DEAD), 3))
    same(orders["VisibilityTimeout"], "30")
    same([one["MessageRetentionPeriod"] for one in (orders, dead)], [str(4 * 86_400)] * 2)
    assert "RedrivePolicy" not in dead, dead


def table(eyes):
    found = eyes.dynamodb.describe_table(TableName=TABLE)["Table"]
    same(found["KeySchema"], [{"AttributeName": "id", "KeyType": "HASH"}])
    same(found["AttributeDefinitions"], [{"AttributeName": "id", "AttributeType": "N"}])
    same(found["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")


def roles(eyes):
    for name in ROLES.values():
        trust = eyes.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        [statement] = trust["Statement"]
        same(statement["Principal"], {"Service": "lambda.amazonaws.com"})
        same(eyes.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"], [])
        [policy] = eyes.iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = eyes.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for statement in document["Statement"]:
            assert ACCOUNT in statement["Resource"], statement
            assert not any("*" in action for action in statement["Action"]), statement


def functions(eyes):
    variables = {SIMULATOR: eyes.url(QUEUE), PROCESSOR: TABLE}
    for name, role in ROLES.items():
        found = eyes.awslambda.get_function(FunctionName=name)["Configuration"]
        same(found["Role"], f"arn:aws:iam::{ACCOUNT}:role/{role}")
        same((found["Runtime"], found["Handler"]), ("provided.al2023", "bootstrap"))
        same((found["MemorySize"], found["Architectures"]), (256, ["x86_64"]))
        assert variables[name] in found["Environment"]["Variables"].values(), found["Environment"]
        same(len(base64.b64decode(found["CodeSha256"])), hashlib.sha256().digest_size)
    same(eyes.awslambda.get_function(FunctionName=PROCESSOR)["Configuration"]["Timeout"], 5)


def mapping(eyes):
    found = eyes.mapping()
    same((found["EventSourceArn"], found["BatchSize"]), (arn("sqs", QUEUE), 10))
    same(found["State"], "Enabled")
    same(found["FunctionResponseTypes"], ["ReportBatchItemFailures"])


def tags(eyes):
    def listed(tags):
        return {one["Key"]: one["Value"] for one in tags}
    found = [eyes.sqs.list_queue_tags(QueueUrl=eyes.url(name)).get("Tags") for name in (QUEUE, DEAD)]
    found.append(listed(eyes.dynamodb.list_tags_of_resource(ResourceArn=arn("dynamodb", f"table/{TABLE}"))["Tags"]))
    for name, role in ROLES.items():
        found.append(eyes.awslambda.list_tags(Resource=arn("lambda", f"function:{name}"))["Tags"])
        found.append(listed(eyes.iam.list_role_tags(RoleName=role)["Tags"]))
        found.append(eyes.logs.list_tags_for_resource(resourceArn=arn("logs", f"log-group:/aws/lambda/{name}"))["tags"])
    uuid = eyes.mapping()["UUID"]
    found.append(eyes.awslambda.list_tags(Resource=arn("lambda", f"event-source-mapping:{uuid}"))["Tags"])
    same(len(found), WHOLE)
    for tags in found:
        same(tags and tags.get("orders-lab:lab"), "default")
        assert {"orders-lab:version", "orders-lab:created"} <= tags.keys(), tags


def outcomes(document, wanted):
    same({one["outcome"] for one in document["resources"]}, {wanted})
    same(len(document["resources"]), WHOLE)


def status(lab):
    document = lab.good("status")
    same((document["up"], document["drifted"]), (True, False))
    same(document["target"]["account"], ACCOUNT)
    same(lab.good("up", "--plan")["to_do"], 0)


def listed(lab):
    [found] = lab.good("list")["labs"]
    same((found["name"], len(found["resources"])), ("default", FOUND_BY_TAG))


def removed(lab):
    document = lab.good("down")
    outcomes(document, "deleted")
    same((document["certificate"]["left"], document["certificate"]["by_tag"]), ([], True))


def run(target, home):
    lab, eyes = Lab(target.endpoint, home), Eyes(target.endpoint)
    check("up makes everything", lambda: outcomes(lab.good("up"), "created"))
    check("boto3 sees each part once", lambda: same(eyes.everything(), WANTED))
    for name, look in [("queues", queues), ("table", table), ("roles", roles), ("functions", functions),
                       ("mapping", mapping), ("tags", tags)]:
        check(f"boto3 sees the {name} as the lab describes them", lambda look=look: look(eyes))
    check("up again changes nothing", lambda: outcomes(lab.good("up"), "unchanged"))
    check("status knows the lab and no drift", lambda: status(lab))
    check("list finds it by its tags", lambda: listed(lab))
    check("down removes everything", lambda: removed(lab))
    check("boto3 sees nothing left", lambda: same({kind for kind, all in eyes.everything().items() if all}, set()))
    check("down again finds nothing", lambda: outcomes(lab.good("down"), "absent"))


with targets.moto(ACCOUNT) as server, tempfile.TemporaryDirectory(prefix="orders-lab-moto-") as empty:
    run(server, empty)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
