"""Checks the local cloud with independent clients: boto3, the AWS CLI and raw HTTP.

Usage: check.py PATH-TO-ORDERS-LAB

Prints a line per check and `N passed, N failed`; exits 1 when one failed.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions
import lab

AWS = Path(sys.executable).parent / "aws"


def exported(tool):
    """The environment that `orders-lab env` sets up in a shell."""
    script = f'eval "$({tool.program} env --quiet)" && env -0'
    done = subprocess.run(["bash", "-c", script], env=tool.environment, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)


def aws(*arguments):
    """Runs the AWS CLI and returns its JSON output."""
    # For SQS, version 1 of the CLI uses only the flag.
    endpoint = ["--endpoint-url", ENVIRONMENT["AWS_ENDPOINT_URL"]] if arguments[0] == "sqs" else []
    done = subprocess.run(
        [AWS, *arguments, *endpoint, "--output", "json"], env=ENVIRONMENT, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr.strip())
    return json.loads(done.stdout) if done.stdout.strip() else None


def client(service, **keys):
    """A boto3 client set up by the exported environment, except for what `keys` replaces."""
    once = botocore.config.Config(retries={"total_max_attempts": 1})
    return boto3.client(service, config=once, **keys)


def boto3_lists_queues():
    names = sorted(url.rsplit("/", 1)[1] for url in client("sqs").list_queues()["QueueUrls"])
    assert names == ["orders-dl-queue", "orders-queue"], names


def boto3_reads_the_table():
    items = client("dynamodb").scan(TableName="orders", ConsistentRead=True)["Items"]
    assert len(items) == TOOL.good("status")["table"]["items"], len(items)
    for item in items:
        assert {"num_items", "price_per_item", "item_description"} <= json.loads(item["order_details"]["S"]).keys()


def boto3_invokes_the_simulator():
    plan = {"seed": 1, "block": {"first": 199000000001, "size": 10}, "faults": {"rate": 0.0, "kinds": ["price_err"]}}
    request = json.dumps({"run": "foreign", "plan": plan, "first": 0, "count": 10})
    reply = client("lambda").invoke(FunctionName="lab-order-simulator", Payload=request, LogType="Tail")
    assert "FunctionError" not in reply, reply["Payload"].read()
    assert json.load(reply["Payload"])["sent"] == 10


def boto3_sees_a_function_error_as_one():
    reply = client("lambda").invoke(FunctionName="lab-order-simulator", Payload=b'{"count": "x"}')
    assert reply["StatusCode"] == 200 and reply["FunctionError"] == "Unhandled", reply
    assert json.load(reply["Payload"])["errorType"] == "InvalidRequest"


def boto3_reads_the_log():
    events = client("logs").filter_log_events(logGroupName="/aws/lambda/lab-order-simulator")["events"]
    texts = [event["message"] for event in events]
    assert any(text.startswith("REPORT RequestId:") for text in texts), texts[:5]


def boto3_knows_the_errors_by_name():
    sqs = client("sqs")
    try:
        sqs.get_queue_url(QueueName="nobody")
    except sqs.exceptions.QueueDoesNotExist as error:
        assert error.response["Error"]["Message"] == "The specified queue does not exist.", error
    else:
        raise AssertionError("no error")


def boto3_sends_and_receives():
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="foreign")["QueueUrl"]
    sqs.send_message(
        QueueUrl=url, MessageBody="hello", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}}
    )
    got = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=5)["Messages"][0]
    assert (got["Body"], got["MessageAttributes"]["a"]["StringValue"]) == ("hello", "b")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
    sqs.delete_queue(QueueUrl=url)


def the_cli_does_the_same():
    assert len(aws("sqs", "list-queues")["QueueUrls"]) >= 2
    assert aws("dynamodb", "scan", "--table-name", "orders", "--select", "COUNT")["Count"] >= 1
    target = TOOL.home / "reply.json"
    payload = TOOL.home / "request.json"
    plan = {"seed": 2, "block": {"first": 198000000001, "size": 10}, "faults": {"rate": 0.0, "kinds": ["price_err"]}}
    payload.write_text(json.dumps({"run": "foreign-cli", "plan": plan, "first": 0, "count": 5}))
    aws("lambda", "invoke", "--function-name", "lab-order-simulator", "--payload", f"file://{payload}", str(target))
    assert json.loads(target.read_text())["sent"] == 5
    group = "/aws/lambda/lab-order-simulator"
    assert aws("logs", "filter-log-events", "--log-group-name", group)["events"]
    assert aws("iam", "get-role", "--role-name", "lab-lambda-sqs-order-simulator")["Role"]["RoleId"].startswith("AROA")


def a_wrong_secret_is_refused():
    key = ENVIRONMENT["AWS_ACCESS_KEY_ID"]
    for service, call, code in [
        ("sqs", "list_queues", "SignatureDoesNotMatch|InvalidSignatureException|InvalidSecurity"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("lambda", "list_functions", "InvalidSignatureException"),
        ("iam", "list_roles", "SignatureDoesNotMatch"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("logs", "describe_log_groups", "InvalidSignatureException"),
    ]:
        try:
            getattr(client(service, aws_access_key_id=key, aws_secret_access_key="wrong"), call)()
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in code.split("|"), (service, error.response["Error"])
            assert "does not match the signature you provided" in error.response["Error"]["Message"]
        else:
            raise AssertionError(f"{service} took a wrong secret")


def an_unsigned_request_is_refused():
    request = urllib.request.Request(
        ENVIRONMENT["AWS_ENDPOINT_URL"],
        data=b"{}",
        headers={"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0"},
    )
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        assert error.code == 403, error.code
        assert "MissingAuthenticationToken" in error.read().decode()
    else:
        raise AssertionError("an unsigned request was answered")


def another_host_is_refused():
    request = urllib.request.Request(ENVIRONMENT["AWS_ENDPOINT_URL"], headers={"Host": "evil.example"})
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        assert 400 <= error.code < 500, error.code
    else:
        raise AssertionError("a request for another host was answered")


def sockets(pid):
    """The inodes of a process's sockets; None where only root can tell."""
    try:
        targets = [os.readlink(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()]
    except PermissionError:
        return None
    return {target[8:-1] for target in targets if target.startswith("socket:[")}


def nothing_listens_outside_loopback():
    status = TOOL.good("local", "status")
    port = int(status["endpoint"].rsplit(":", 1)[1])
    inodes = sockets(status["pid"])
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, local = fields[1].split(":")
            is_the_clouds = int(local, 16) == port if inodes is None else fields[9] in inodes
            if fields[3] == "0A" and is_the_clouds:
                listening.append(address)
    assert listening == ["0100007F"], listening


check = lab.Checks()
with lab.local(sys.argv[1]) as TOOL:
    TOOL.good("up", "--speed", "50")
    TOOL.good("simulate", "--count", "20", "--seed", "1")
    ENVIRONMENT = exported(TOOL)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    check("boto3 lists the queues", boto3_lists_queues)
    check("boto3 reads the table", boto3_reads_the_table)
    check("boto3 invokes the simulator", boto3_invokes_the_simulator)
    check("boto3 sees a function error as one", boto3_sees_a_function_error_as_one)
    check("boto3 reads the log", boto3_reads_the_log)
    check("boto3 knows errors by name", boto3_knows_the_errors_by_name)
    check("boto3 sends and receives", boto3_sends_and_receives)
    check("the AWS CLI does the same", the_cli_does_the_same)
    check("a wrong secret is refused by every service", a_wrong_secret_is_refused)
    check("an unsigned request is refused", an_unsigned_request_is_refused)
    check("a request for another host is refused", another_host_is_refused)
    check("nothing listens outside loopback", nothing_listens_outside_loopback)
sys.exit(check.code())
