"""Judges every request that the tool and the functions make of AWS, by botocore's models.

Usage: python tests/foreign/asked PATH-TO-ORDERS-LAB

The local cloud records what it is sent while every command that calls AWS is run. Each request must
be one of its service's, with members that the model knows, of their types, in their enumerations,
patterns, lengths and ranges. Prints how many requests of how many operations were judged, and what
is wrong; exits 1 when anything is.
"""

import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rules
import selftest
import wire

# Where the record lacks one of these, it was not the whole.
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


class Lab:
    """The tool with a state directory of its own, and a record of what its cloud is sent."""

    def __init__(self, program):
        self.program = program
        self.home = Path(tempfile.mkdtemp(prefix="orders-lab-asked-"))
        self.record = self.home / "requests"
        self.environment = {"ORDERS_LAB_HOME": str(self.home), "HOME": str(self.home), "PATH": os.environ["PATH"],
                            "ORDERS_LAB_RECORD": str(self.record)}

    def run(self, *arguments, codes=(0,), environment=None):
        command = [self.program, *arguments, "--json"]
        done = subprocess.run(command, env=environment or self.environment, capture_output=True, text=True)
        if done.returncode not in codes:
            raise SystemExit(f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def drive(self):
        """Every command that calls AWS, with every option of `up`."""
        self.run("demo")
        self.run("up", "--plan", "--speed", "50", codes=(1,))
        self.run("up")
        self.run("up")
        self.run("simulate", "--count", "60", "--seed", "7", "--fault-rate", "0.2", "--faults", "all")
        for command in ["status", "dlq", "audit", "list"]:
            self.run(command)
        # An order that comes a second time is looked for in the table.
        self.run("local", "weather", "--set", "repeated=0.5")
        self.run("simulate", "--count", "40", codes=(0, 1))
        self.run("local", "weather", "calm")
        self.run("redrive")
        self.run("logs", "processor")
        self.run("logs", "simulator")
        self.run("up", *OPTIONS)
        self.run("status")
        self.run("up", *BACK)
        self.as_user()
        self.run("up", "--lab", "other")
        self.run("down", "--all", "--yes")
        self.run("local", "stop", codes=(0, 1))

    def as_user(self):
        """The same by an endpoint and keys, as on AWS; what is made twice is sent again."""
        variables = self.run("env")["variables"]
        environment = {**self.environment, **variables}
        target = ["--target", "aws", "--yes", "--lab", "user"]
        for command in [["up"], ["simulate", "--count", "20"], ["status"], ["audit"], ["down"]]:
            self.run(*command, *target, environment=environment)
        # It looks at much; what it thinks of it is no matter here.
        self.run("doctor", *target, environment=environment, codes=(0, 1))

    def end(self):
        subprocess.run([self.program, "local", "stop", "--force"], env=self.environment, capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


def judged(records):
    """What was asked by whom, and what is wrong with it."""
    asked, wrong = collections.Counter(), collections.Counter()
    for record in records:
        who = "function" if record.by_function else "tool"
        try:
            request = record.request()
            name = f"{request.operation.service_model.service_name}/{request.operation.name}"
            found = rules.judge(request)
        except (wire.Misfit, ValueError) as misfit:
            name, found = record.service, [str(misfit)]
        asked[who, name] += 1
        wrong.update(f"{name} by the {who}: {problem}" for problem in found)
    return asked, wrong


def lacking(asked):
    """What should have been asked for, and was not."""
    for who, wanted in [("tool", BY_TOOL), ("function", BY_FUNCTIONS)]:
        for service, operations in wanted.items():
            for operation in sorted(operations):
                if not asked[who, f"{service}/{operation}"]:
                    yield f"the {who} did not ask for {service}/{operation}, so not everything was recorded"


def main():
    tests = unittest.defaultTestLoader.loadTestsFromModule(selftest)
    if not unittest.TextTestRunner(stream=sys.stderr).run(tests).wasSuccessful():
        return 1
    lab = Lab(Path(sys.argv[1]).resolve())
    try:
        lab.drive()
        mode = lab.record.stat().st_mode & 0o777
        records = [wire.Record.read(line) for line in lab.record.open()]
    finally:
        lab.end()
    records = [record for record in records if record.service != wire.OWN]
    asked, wrong = judged(records)
    failures = [f"{problem} ({times} times)" for problem, times in wrong.items()] + list(lacking(asked))
    if mode != 0o600:
        failures.append(f"the record has mode {mode:o}")
    for failure in failures:
        print(f"FAIL  {failure}")
    by_functions = sum(times for (who, _), times in asked.items() if who == "function")
    operations = len({name for _, name in asked})
    print(f"{len(records)} requests of {operations} operations judged, {by_functions} of them made by functions; "
          f"{len(failures)} wrong")
    return bool(failures)


sys.exit(main())
