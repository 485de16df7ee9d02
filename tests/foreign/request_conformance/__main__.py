"""Checks every request that the tool and the functions send to AWS against botocore's models.

Usage: python tests/foreign/request_conformance PATH-TO-ORDERS-LAB

The local cloud records the requests while every command that calls AWS runs. Each must be an operation
of its service, with members that the model knows, of their types, within their enumerations, patterns,
lengths and ranges. Prints how many requests of how many operations were checked, and what is wrong;
exits 1 when anything is.
"""

import collections
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import lab  # noqa: E402  (of all scripts here)
import rules  # noqa: E402
import selftest  # noqa: E402
import wire  # noqa: E402

# Operations that the record must contain. Without one of them it is incomplete.
BY_TOOL = {
    "sqs": {"CreateQueue", "SetQueueAttributes", "ReceiveMessage", "StartMessageMoveTask", "DeleteQueue"},
    "dynamodb": {"CreateTable", "UpdateTable", "Scan", "DeleteTable"},
    "lambda": {"CreateFunction", "UpdateFunctionConfiguration", "CreateEventSourceMapping", "Invoke",
               "UpdateEventSourceMapping", "DeleteEventSourceMapping", "DeleteFunction"},
    "iam": {"CreateRole", "PutRolePolicy", "DeleteRole"},
    "sts": {"GetCallerIdentity"},
    "logs": {"CreateLogGroup", "PutRetentionPolicy", "FilterLogEvents", "DeleteLogGroup"},
    "resourcegroupstaggingapi": {"GetResources"},
}
BY_FUNCTIONS = {"sqs": {"SendMessageBatch"}, "dynamodb": {"BatchExecuteStatement", "BatchGetItem"}}

OPTIONS = ["--visibility-timeout", "60", "--max-receives", "5", "--batch-size", "20", "--batch-window", "1",
           "--max-concurrency", "5", "--memory", "512", "--timeout", "10", "--billing", "provisioned:5,5",
           "--log-retention", "7"]
BACK = ["--visibility-timeout", "30", "--max-receives", "3", "--batch-size", "10", "--batch-window", "0",
        "--max-concurrency", "none", "--memory", "256", "--timeout", "5", "--billing", "on-demand",
        "--log-retention", "none"]


def drive(tool):
    """Every command that calls AWS, with every option of `up`."""
    tool.good("demo")
    tool.told("up", "--plan", "--speed", "50", codes=(1,))
    tool.good("up")
    tool.good("up")
    tool.good("simulate", "--count", "60", "--seed", "7", "--fault-rate", "0.2", "--faults", "all")
    for command in ["status", "dlq", "audit", "list"]:
        tool.good(command)
    # An order that is delivered a second time is looked up in the table.
    tool.good("local", "chaos", "--set", "repeated=0.5")
    tool.told("simulate", "--count", "40")
    tool.good("local", "chaos", "off")
    tool.good("redrive")
    tool.good("logs", "processor")
    tool.good("logs", "simulator")
    tool.good("up", *OPTIONS)
    tool.good("status")
    tool.good("up", *BACK)
    drive_as_user(tool)
    tool.good("up", "--lab", "other")
    tool.good("down", "--all", "--yes")
    tool.ended("local", "stop")


def drive_as_user(tool):
    """The same with an endpoint and keys, as on AWS."""
    user = lab.Tool(tool.program, tool.home, "--target", "aws", "--yes", "--lab", "user",
                    **tool.environment, **tool.variables())
    for command in [["up"], ["simulate", "--count", "20"], ["status"], ["audit"], ["down"]]:
        user.good(*command)
    # It makes many calls. What it reports does not matter here.
    user.ended("doctor")


def check_all(records):
    """Counts the requests by caller and operation, and what is wrong with them."""
    made, wrong = collections.Counter(), collections.Counter()
    for record in records:
        who = "function" if record.by_function else "tool"
        try:
            request = record.request()
            name = f"{request.operation.service_model.service_name}/{request.operation.name}"
            found = rules.check(request)
        except (wire.InvalidRequest, ValueError) as problem:
            name, found = record.service, [str(problem)]
        made[who, name] += 1
        wrong.update(f"{name} by the {who}: {problem}" for problem in found)
    return made, wrong


def missing(made):
    """The operations that should have been called, and were not."""
    for who, wanted in [("tool", BY_TOOL), ("function", BY_FUNCTIONS)]:
        for service, operations in wanted.items():
            for operation in sorted(operations):
                if not made[who, f"{service}/{operation}"]:
                    yield f"the {who} did not call {service}/{operation}, so not everything was recorded"


def main():
    tests = unittest.defaultTestLoader.loadTestsFromModule(selftest)
    if not unittest.TextTestRunner(stream=sys.stderr).run(tests).wasSuccessful():
        return 1
    with tempfile.TemporaryDirectory(prefix="orders-lab-requests-") as folder:
        record = Path(folder) / "requests"
        with lab.local(sys.argv[1], ORDERS_LAB_RECORD=str(record)) as tool:
            drive(tool)
            mode = record.stat().st_mode & 0o777
            records = [wire.Record.read(line) for line in record.open()]
    records = [record for record in records if record.service != wire.OWN]
    made, wrong = check_all(records)
    failures = [f"{problem} ({times} times)" for problem, times in wrong.items()] + list(missing(made))
    if mode != 0o600:
        failures.append(f"the record has mode {mode:o}")
    for failure in failures:
        print(f"FAIL  {failure}")
    by_functions = sum(times for (who, _), times in made.items() if who == "function")
    operations = len({name for _, name in made})
    print(f"{len(records)} requests of {operations} operations checked, {by_functions} of them sent by functions; "
          f"{len(failures)} wrong")
    return bool(failures)


sys.exit(main())
