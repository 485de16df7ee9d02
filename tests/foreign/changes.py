"""What somebody may change in a lab without the tool, setting by setting."""

import datetime
import io
import json
import math
import time
import zipfile
from typing import Callable, NamedTuple

QUEUE, DEAD, TABLE = "orders-queue", "orders-dl-queue", "orders"
SIMULATOR, PROCESSOR = "lab-order-simulator", "lab-order-processor"
ROLE = "lab-lambda-sqs-order-processor"
OTHER_ROLE = "lab-lambda-sqs-order-simulator"
GROUP = "/aws/lambda/lab-order-processor"
TRIGGER = f"{QUEUE} -> {PROCESSOR}"


class Change(NamedTuple):
    """A resource and a setting that `status` finds changed, how to change it, and the outcome of `up`."""

    kind: str
    name: str
    setting: str
    make: Callable
    outcome: str = "updated"


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


ANYONE = policy(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
EVERYTHING = policy(Action="*", Resource="*")


def queue(name, **attributes):
    return lambda aws: aws.sqs.set_queue_attributes(QueueUrl=aws.url(name), Attributes=attributes)


def table(**settings):
    return lambda aws: aws.dynamodb.update_table(TableName=TABLE, **settings)


def role(operation, **settings):
    return lambda aws: getattr(aws.iam, operation)(RoleName=ROLE, **settings)


def function(name, **settings):
    return lambda aws: aws.awslambda.update_function_configuration(FunctionName=name, **settings)


def mapping(**settings):
    return lambda aws: aws.awslambda.update_event_source_mapping(UUID=aws.mapping()["UUID"], **settings)


def redrive(count):
    return lambda aws: queue(QUEUE, RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": aws.arn("sqs", DEAD), "maxReceiveCount": count}))(aws)


def package():
    """The package of a program that is not the lab's."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\nexit 1\n")
    return written.getvalue()


def code(**settings):
    return lambda aws: aws.awslambda.update_function_code(FunctionName=PROCESSOR, ZipFile=package(), **settings)


def elsewhere(aws):
    """The trigger invokes another function."""
    aws.awslambda.create_function(
        FunctionName="elsewhere", Runtime="provided.al2023", Handler="bootstrap", Code={"ZipFile": package()},
        Role=f"arn:aws:iam::{aws.account}:role/{ROLE}")
    aws.awslambda.get_waiter("function_active_v2").wait(FunctionName="elsewhere", WaiterConfig={"Delay": 1})
    mapping(FunctionName="elsewhere")(aws)


def role_again(aws):
    """Another role of the same name, which is not the function's. Roles are dated in whole seconds, so
    the new one is created in a later second than the function was changed in."""
    found = aws.iam.get_role(RoleName=ROLE)["Role"]
    granted = aws.iam.get_role_policy(RoleName=ROLE, PolicyName="orders-lab")["PolicyDocument"]
    aws.iam.delete_role_policy(RoleName=ROLE, PolicyName="orders-lab")
    aws.iam.delete_role(RoleName=ROLE)
    changed = aws.awslambda.get_function_configuration(FunctionName=PROCESSOR)["LastModified"]
    changed = datetime.datetime.strptime(changed, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    time.sleep(max(0.0, math.floor(changed) + 1 - time.time()))
    aws.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(found["AssumeRolePolicyDocument"]),
                         Tags=found["Tags"])
    aws.iam.put_role_policy(RoleName=ROLE, PolicyName="orders-lab", PolicyDocument=json.dumps(granted))


TAGS = [
    ("queue", QUEUE, lambda aws, key: aws.sqs.untag_queue(QueueUrl=aws.url(QUEUE), TagKeys=[key])),
    ("table", TABLE, lambda aws, key: aws.dynamodb.untag_resource(
        ResourceArn=aws.arn("dynamodb", f"table/{TABLE}"), TagKeys=[key])),
    ("role", ROLE, lambda aws, key: aws.iam.untag_role(RoleName=ROLE, TagKeys=[key])),
    ("function", PROCESSOR, lambda aws, key: aws.awslambda.untag_resource(
        Resource=aws.arn("lambda", f"function:{PROCESSOR}"), TagKeys=[key])),
    ("trigger", TRIGGER, lambda aws, key: aws.awslambda.untag_resource(
        Resource=aws.mapping()["EventSourceMappingArn"], TagKeys=[key])),
    ("log_group", GROUP, lambda aws, key: aws.logs.untag_resource(
        resourceArn=aws.arn("logs", f"log-group:{GROUP}"), tagKeys=[key])),
]

CHANGES = [
    Change("queue", QUEUE, "VisibilityTimeout", queue(QUEUE, VisibilityTimeout="45")),
    Change("queue", QUEUE, "DelaySeconds", queue(QUEUE, DelaySeconds="5")),
    Change("queue", QUEUE, "ReceiveMessageWaitTimeSeconds", queue(QUEUE, ReceiveMessageWaitTimeSeconds="7")),
    Change("queue", QUEUE, "MessageRetentionPeriod", queue(QUEUE, MessageRetentionPeriod="60")),
    Change("queue", QUEUE, "MaximumMessageSize", queue(QUEUE, MaximumMessageSize="1024")),
    Change("queue", QUEUE, "RedrivePolicy", redrive(9)),
    Change("queue", QUEUE, "RedrivePolicy", queue(QUEUE, RedrivePolicy="")),
    Change("queue", DEAD, "VisibilityTimeout", queue(DEAD, VisibilityTimeout="1")),
    Change("queue", DEAD, "MessageRetentionPeriod", queue(DEAD, MessageRetentionPeriod="1209600")),
    Change("queue", DEAD, "RedriveAllowPolicy", queue(DEAD, RedriveAllowPolicy='{"redrivePermission":"denyAll"}')),
    Change("table", TABLE, "billing", table(
        BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 3})),
    Change("table", TABLE, "deletion protection", table(DeletionProtectionEnabled=True)),
    Change("role", ROLE, "trust policy", role("update_assume_role_policy", PolicyDocument=ANYONE)),
    Change("role", ROLE, "policy", role("put_role_policy", PolicyName="orders-lab", PolicyDocument=EVERYTHING)),
    Change("role", ROLE, "policy", role("delete_role_policy", PolicyName="orders-lab")),
    Change("role", ROLE, "other policies", role("put_role_policy", PolicyName="more", PolicyDocument=EVERYTHING)),
    Change("role", ROLE, "other policies", role(
        "attach_role_policy", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")),
    Change("function", PROCESSOR, "code (SHA-256)", code()),
    Change("function", PROCESSOR, "architecture, code (SHA-256)", code(Architectures=["arm64"])),
    Change("function", PROCESSOR, "runtime", function(PROCESSOR, Runtime="provided.al2")),
    Change("function", PROCESSOR, "memory", function(PROCESSOR, MemorySize=128)),
    Change("function", PROCESSOR, "timeout", function(PROCESSOR, Timeout=6)),
    Change("function", PROCESSOR, "environment", function(PROCESSOR, Environment={"Variables": {"OTHER": "b"}})),
    Change("function", PROCESSOR, "handler", function(PROCESSOR, Handler="other")),
    Change("function", PROCESSOR, "role", lambda aws: function(
        PROCESSOR, Role=f"arn:aws:iam::{aws.account}:role/{OTHER_ROLE}")(aws)),
    Change("function", PROCESSOR, "role itself", role_again, "replaced"),
    Change("function", PROCESSOR, "reserved concurrency", lambda aws: aws.awslambda.put_function_concurrency(
        FunctionName=PROCESSOR, ReservedConcurrentExecutions=0)),
    Change("function", SIMULATOR, "memory", function(SIMULATOR, MemorySize=1024)),
    Change("trigger", TRIGGER, "function", elsewhere),
    Change("trigger", TRIGGER, "batch size", mapping(BatchSize=1)),
    Change("trigger", TRIGGER, "batch window", mapping(MaximumBatchingWindowInSeconds=5)),
    Change("trigger", TRIGGER, "maximum concurrency", mapping(ScalingConfig={"MaximumConcurrency": 2})),
    Change("trigger", TRIGGER, "function response types", mapping(FunctionResponseTypes=[])),
    Change("trigger", TRIGGER, "filters", mapping(FilterCriteria={"Filters": [{"Pattern": '{"body":{"a":[1]}}'}]})),
    Change("trigger", TRIGGER, "state", mapping(Enabled=False)),
    Change("log_group", GROUP, "retention in days", lambda aws: aws.logs.put_retention_policy(
        logGroupName=GROUP, retentionInDays=3)),
    *(Change(kind, name, "tag orders-lab:owner", lambda aws, untag=untag: untag(aws, "orders-lab:owner"))
      for kind, name, untag in TAGS),
    Change("queue", QUEUE, "tag orders-lab:settings", lambda aws: aws.sqs.tag_queue(
        QueueUrl=aws.url(QUEUE), Tags={"orders-lab:settings": "made up"})),
]

# What the local cloud refuses, so no lab can drift there. Once the cloud accepts one of these, it belongs
# to the changes above.
REFUSED = {
    "queue, Policy": lambda aws: queue(QUEUE, Policy=policy(
        Principal="*", Action="sqs:SendMessage", Resource=aws.arn("sqs", QUEUE)))(aws),
    "queue, KmsMasterKeyId": queue(QUEUE, KmsMasterKeyId="alias/aws/sqs"),
    "function, layers": lambda aws: function(
        PROCESSOR, Layers=[aws.arn("lambda", "layer:more:1")])(aws),
    "function, VPC": function(PROCESSOR, VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}),
    "function, tracing": function(PROCESSOR, TracingConfig={"Mode": "Active"}),
    "table, encryption": table(SSESpecification={"Enabled": True, "SSEType": "KMS"}),
}
