"""Whatever somebody changes behind a lab's back is seen by `status`, attribute by attribute, and
put right by `up`. boto3 is the somebody.

    python tests/foreign/drift.py target/debug/orders-lab
"""

import datetime
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import zipfile

import boto3
from botocore.config import Config

QUEUE, DEAD, TABLE = "orders-queue", "orders-dl-queue", "orders"
SIMULATOR, PROCESSOR = "lab-order-simulator", "lab-order-processor"
ROLE = "lab-lambda-sqs-order-processor"
GROUP = "/aws/lambda/lab-order-processor"
TRIGGER = f"{QUEUE} -> {PROCESSOR}"
ACCOUNT, REGION = "000000000000", "us-east-1"
ANYONE = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]})


class Lab:
    """A lab in a state directory of its own."""

    def __init__(self, tool, home):
        self.tool = os.path.abspath(tool)
        self.environment = {"ORDERS_LAB_HOME": home, "HOME": home, "PATH": os.environ["PATH"]}

    def run(self, *arguments):
        """Exit code and document of a command."""
        done = subprocess.run([self.tool, *arguments, "--json"], env=self.environment, text=True,
                              capture_output=True, timeout=120)
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError:
            raise SystemExit(f"{arguments} ({done.returncode}): {done.stdout}{done.stderr}")

    def good(self, *arguments):
        code, document = self.run(*arguments)
        if code != 0:
            raise SystemExit(f"{arguments} ended with {code}: {json.dumps(document, indent=1)}")
        return document


class Clients:
    """boto3's clients for the lab's cloud."""

    def __init__(self, variables):
        def client(service):
            return boto3.client(
                service, endpoint_url=variables["AWS_ENDPOINT_URL"], region_name=REGION,
                aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                config=Config(retries={"max_attempts": 2}))
        self.sqs, self.dynamodb, self.awslambda = client("sqs"), client("dynamodb"), client("lambda")
        self.iam, self.logs = client("iam"), client("logs")

    def url(self, queue):
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def mapping(self):
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
        return self.awslambda.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"][0]


def queue(name, **attributes):
    return lambda c: c.sqs.set_queue_attributes(QueueUrl=c.url(name), Attributes=attributes)


def function(name, **settings):
    return lambda c: c.awslambda.update_function_configuration(FunctionName=name, **settings)


def mapping(**settings):
    return lambda c: c.awslambda.update_event_source_mapping(UUID=c.mapping()["UUID"], **settings)


def redrive(count):
    dead = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{DEAD}"
    return json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": count})


def other_code(c):
    """Another program."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\nexit 1\n")
    c.awslambda.update_function_code(FunctionName=PROCESSOR, ZipFile=package.getvalue())


def role_again(c):
    """Another role of the same name, which the function does not have. Roles are dated in whole
    seconds, so the new one is made in a later one than the function was changed in."""
    found = c.iam.get_role(RoleName=ROLE)["Role"]
    policy = c.iam.get_role_policy(RoleName=ROLE, PolicyName="orders-lab")["PolicyDocument"]
    c.iam.delete_role_policy(RoleName=ROLE, PolicyName="orders-lab")
    c.iam.delete_role(RoleName=ROLE)
    changed = c.awslambda.get_function_configuration(FunctionName=PROCESSOR)["LastModified"]
    changed = datetime.datetime.strptime(changed, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    time.sleep(max(0.0, math.floor(changed) + 1 - time.time()))
    c.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(found["AssumeRolePolicyDocument"]),
                      Tags=found["Tags"])
    c.iam.put_role_policy(RoleName=ROLE, PolicyName="orders-lab", PolicyDocument=json.dumps(policy))


def throughput(c):
    c.dynamodb.update_table(TableName=TABLE, BillingMode="PROVISIONED",
                            ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 3})


TAGS = [
    ("queue", QUEUE, lambda c, key: c.sqs.untag_queue(QueueUrl=c.url(QUEUE), TagKeys=[key])),
    ("table", TABLE, lambda c, key: c.dynamodb.untag_resource(
        ResourceArn=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}", TagKeys=[key])),
    ("role", ROLE, lambda c, key: c.iam.untag_role(RoleName=ROLE, TagKeys=[key])),
    ("function", PROCESSOR, lambda c, key: c.awslambda.untag_resource(
        Resource=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PROCESSOR}", TagKeys=[key])),
    ("trigger", TRIGGER, lambda c, key: c.awslambda.untag_resource(
        Resource=c.mapping()["EventSourceMappingArn"], TagKeys=[key])),
    ("log_group", GROUP, lambda c, key: c.logs.untag_resource(
        resourceArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}", tagKeys=[key])),
]

# What is changed: kind, name, setting as `status` calls it, and how.
CASES = [
    ("queue", QUEUE, "VisibilityTimeout", queue(QUEUE, VisibilityTimeout="45")),
    ("queue", QUEUE, "DelaySeconds", queue(QUEUE, DelaySeconds="5")),
    ("queue", QUEUE, "ReceiveMessageWaitTimeSeconds", queue(QUEUE, ReceiveMessageWaitTimeSeconds="7")),
    ("queue", QUEUE, "MessageRetentionPeriod", queue(QUEUE, MessageRetentionPeriod="60")),
    ("queue", QUEUE, "RedrivePolicy", queue(QUEUE, RedrivePolicy=redrive(9))),
    ("queue", QUEUE, "RedrivePolicy", queue(QUEUE, RedrivePolicy="")),
    ("queue", DEAD, "VisibilityTimeout", queue(DEAD, VisibilityTimeout="1")),
    ("queue", DEAD, "MessageRetentionPeriod", queue(DEAD, MessageRetentionPeriod="1209600")),
    ("table", TABLE, "billing", throughput),
    ("role", ROLE, "trust policy", lambda c: c.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=ANYONE)),
    ("role", ROLE, "policy", lambda c: c.iam.put_role_policy(
        RoleName=ROLE, PolicyName="orders-lab", PolicyDocument=EVERYTHING)),
    ("role", ROLE, "policy", lambda c: c.iam.delete_role_policy(RoleName=ROLE, PolicyName="orders-lab")),
    ("role", ROLE, "other policies", lambda c: c.iam.put_role_policy(
        RoleName=ROLE, PolicyName="more", PolicyDocument=EVERYTHING)),
    ("role", ROLE, "other policies", lambda c: c.iam.attach_role_policy(
        RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")),
    ("function", PROCESSOR, "code (SHA-256)", other_code),
    ("function", PROCESSOR, "memory", function(PROCESSOR, MemorySize=128)),
    ("function", PROCESSOR, "timeout", function(PROCESSOR, Timeout=6)),
    ("function", PROCESSOR, "environment", function(PROCESSOR, Environment={"Variables": {"OTHER": "b"}})),
    ("function", PROCESSOR, "handler", function(PROCESSOR, Handler="other")),
    ("function", PROCESSOR, "role", function(PROCESSOR, Role=f"arn:aws:iam::{ACCOUNT}:role/lab-lambda-sqs-order-simulator")),
    ("function", PROCESSOR, "role", role_again),
    ("function", PROCESSOR, "reserved concurrency", lambda c: c.awslambda.put_function_concurrency(
        FunctionName=PROCESSOR, ReservedConcurrentExecutions=0)),
    ("function", SIMULATOR, "memory", function(SIMULATOR, MemorySize=1024)),
    ("trigger", TRIGGER, "batch size", mapping(BatchSize=1)),
    ("trigger", TRIGGER, "batch window", mapping(MaximumBatchingWindowInSeconds=5)),
    ("trigger", TRIGGER, "maximum concurrency", mapping(ScalingConfig={"MaximumConcurrency": 2})),
    ("trigger", TRIGGER, "function response types", mapping(FunctionResponseTypes=[])),
    ("trigger", TRIGGER, "filters", mapping(FilterCriteria={"Filters": [{"Pattern": '{"body":{"a":[1]}}'}]})),
    ("trigger", TRIGGER, "state", mapping(Enabled=False)),
    ("log_group", GROUP, "retention in days", lambda c: c.logs.put_retention_policy(
        logGroupName=GROUP, retentionInDays=3)),
] + [
    (kind, name, "tag orders-lab:owner", lambda c, untag=untag: untag(c, "orders-lab:owner"))
    for kind, name, untag in TAGS
] + [
    ("queue", QUEUE, "tag orders-lab:settings", lambda c: c.sqs.tag_queue(
        QueueUrl=c.url(QUEUE), Tags={"orders-lab:settings": "made up"})),
]


def trial(lab, clients, kind, name, setting, change):
    """Changes one thing; what is wrong with how the lab takes it, or None."""
    change(clients)
    status = lab.good("status")
    differ = {(one["kind"], one["name"]): [each["setting"] for each in one["differences"]]
              for one in status["resources"] if one["differences"]}
    if differ != {(kind, name): [setting]}:
        return f"status saw {differ}"
    code, plan = lab.run("up", "--plan")
    if code != 1 or plan["to_do"] != 1:
        return f"the plan ended with {code} and {plan['to_do']} to do"
    outcomes = {(one["kind"], one["name"]): one["outcome"] for one in lab.good("up")["resources"]}
    if outcomes.pop((kind, name)) != "updated" or set(outcomes.values()) != {"unchanged"}:
        return f"up ended with {outcomes}"
    code, plan = lab.run("up", "--plan")
    if code != 0 or plan["to_do"] != 0:
        return f"afterwards the plan ended with {code}: {plan['changes']}"
    return None


def foreign(lab, clients):
    """What lost the lab's tag is not the lab's, until it is adopted."""
    for kind, name, untag in TAGS:
        untag(clients, "orders-lab:lab")
        code, refused = lab.run("up")
        said = refused["error"]["message"]
        if code != 1 or name not in said or "--adopt" not in said:
            yield f"{kind} {name} without its tag: up ended with {code}: {said}"
            continue
        code, down = lab.run("down")
        # Nothing of it may go: the rest is built again at once.
        outcomes = {(one["kind"], one["name"]): one["outcome"] for one in down["resources"]}
        if code != 1 or outcomes[kind, name] != "failed":
            yield f"{kind} {name} without its tag: down ended with {code}: {outcomes}"
        outcomes = {(one["kind"], one["name"]): one["outcome"] for one in lab.good("up", "--adopt")["resources"]}
        if outcomes[kind, name] != "adopted":
            yield f"{kind} {name} was not adopted but {outcomes[kind, name]}"
        code, plan = lab.run("up", "--plan")
        if code != 0:
            yield f"{kind} {name} after its adoption: {plan['changes']}"


def gone(lab, clients):
    """What is removed by hand is created again."""
    for kind, name, remove in [
        ("trigger", TRIGGER, lambda c: c.awslambda.delete_event_source_mapping(UUID=c.mapping()["UUID"])),
        ("function", SIMULATOR, lambda c: c.awslambda.delete_function(FunctionName=SIMULATOR)),
        ("log_group", GROUP, lambda c: c.logs.delete_log_group(logGroupName=GROUP)),
        ("table", TABLE, lambda c: c.dynamodb.delete_table(TableName=TABLE)),
    ]:
        remove(clients)
        outcomes = {(one["kind"], one["name"]): one["outcome"] for one in lab.good("up")["resources"]}
        if outcomes[kind, name] != "created":
            yield f"{kind} {name} was removed and then {outcomes[kind, name]}"


def unfit(lab, clients):
    """A table with another key cannot be put right without losing its orders: nothing is done."""
    clients.dynamodb.create_table(
        TableName="bob-orders", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        Tags=[{"Key": "orders-lab:lab", "Value": "bob"}])
    code, refused = lab.run("up", "--lab", "bob")
    said = refused["error"]["message"]
    if code != 1 or "key id (S, HASH)" not in said or "orders-lab down" not in said:
        yield f"a table with another key: up ended with {code}: {said}"
    if any("bob-" in url for url in clients.sqs.list_queues()["QueueUrls"]):
        yield "something was made although the table is unfit"
    lab.good("down", "--lab", "bob")


def main(tool):
    passed, failures = 0, []
    with tempfile.TemporaryDirectory() as home:
        lab = Lab(tool, home)
        try:
            lab.good("up", "--speed", "50")
            code, plan = lab.run("up", "--plan")
            if code != 0 or plan["to_do"] != 0:
                failures.append(f"an untouched lab has something to do: {plan['changes']}")
            clients = Clients(lab.good("env")["variables"])
            for kind, name, setting, change in CASES:
                problem = trial(lab, clients, kind, name, setting, change)
                passed += problem is None
                if problem:
                    failures.append(f"{kind} {name}, {setting}: {problem}")
                    lab.run("up")
            problems = [*foreign(lab, clients), *gone(lab, clients), *unfit(lab, clients)]
            passed += len(TAGS) + 4 + 1 - len(problems)
            failures += problems
            lab.good("down")
        finally:
            lab.run("local", "stop", "--force")
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"drift: {passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
