"""What `--show-commands` prints does the same with the AWS CLI as the tool does.

Usage: show_commands.py PATH-TO-ORDERS-LAB

Runs the script of `up --plan --show-commands` on an empty local cloud and on a lab that differs from
what it should be, and compares what boto3 then sees with what `up` makes. Runs single commands as
they are shown. Prints a line for each check and `N passed, N failed`; exits 1 when one failed.
"""

import os
import subprocess
import sys
from pathlib import Path

import lab
from aws_inspector import AwsInspector
from lab import same

CLI = Path(sys.executable).parent
SETTINGS = ["--batch-size", "5", "--memory", "512", "--log-retention", "7", "--max-receives", "4",
            "--billing", "provisioned:2,3"]
SIMULATOR, PROCESSOR = "lab-order-simulator", "lab-order-processor"
PLACES = [("queue", "orders-queue"), ("queue", "orders-dl-queue"), ("table", "orders"),
          ("role", "lab-lambda-sqs-order-simulator"), ("role", "lab-lambda-sqs-order-processor"),
          ("function", SIMULATOR), ("function", PROCESSOR), ("trigger", f"orders-queue -> {PROCESSOR}"),
          ("log_group", f"/aws/lambda/{SIMULATOR}"), ("log_group", f"/aws/lambda/{PROCESSOR}")]


def shell(tool, script):
    """Runs a script in a POSIX shell that finds the AWS CLI and the tool; its standard output."""
    path = f"{CLI}:{tool.program.parent}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", script], env={**tool.environment, "PATH": path}, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def commands(tool):
    """The commands that the last command of the tool has shown, each as one line."""
    lines = tool.progress.replace("\\\n", " ").replace("|\n", "| ").splitlines()
    return [" ".join(line.split()) for line in lines if line.startswith(("aws ", "printf "))]


def by_hand(tool, command):
    return shell(tool, f'eval "$(orders-lab env --quiet)"\n'
                       f'aws() {{ command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }}\n{command}')


def names(tool):
    """The service and operation of each shown command, in any order."""
    return sorted(" ".join(command.split("aws ")[-1].split()[:2]) for command in commands(tool))


class Shown:
    """The checks, on one local cloud."""

    def __init__(self, tool):
        self.tool = tool
        self.inspector = AwsInspector(tool.variables())

    def lab(self):
        """Everything that boto3 sees of the lab, without the time at which it was created."""
        found = {}
        for place in PLACES:
            tags = self.inspector.tags(*place)
            assert tags.pop("orders-lab:created"), place
            found[place] = self.inspector.settings(*place), tags
        return found

    def script(self, *arguments, code=1):
        ended, plan = self.tool.ended("up", "--plan", "--show-commands", *arguments)
        same(ended, code)
        return plan["script"]

    def nothing_to_do(self):
        code, plan = self.tool.ended("up", "--plan")
        same((code, plan["to_do"]), (0, 0))

    def the_script_builds_what_up_builds(self):
        script = self.script(*SETTINGS)
        same(self.inspector.left(), {})  # it is only a plan
        shell(self.tool, script)
        self.nothing_to_do()
        built = self.lab()
        self.tool.good("down")
        self.tool.good("up", *SETTINGS)
        wanted = self.lab()
        for place in PLACES:
            same(built[place], wanted[place])

    def the_script_is_data(self):
        command = [self.tool.program, "up", "--plan", "--show-commands"]
        done = subprocess.run(command, env=self.tool.environment, capture_output=True, text=True)
        assert done.stdout.startswith("#!/bin/sh\n"), done.stdout
        assert "aws sqs" not in done.stdout, "there is nothing to do"
        same(done.returncode, 0)

    def the_script_repairs(self):
        url = self.inspector.url("orders-queue")
        self.inspector.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77"})
        self.inspector.sqs.untag_queue(QueueUrl=url, TagKeys=["orders-lab:version"])
        self.inspector.awslambda.update_function_configuration(FunctionName=PROCESSOR, MemorySize=1024)
        self.inspector.awslambda.update_event_source_mapping(UUID=self.inspector.mapping()["UUID"], BatchSize=7)
        self.inspector.logs.delete_log_group(logGroupName=f"/aws/lambda/{SIMULATOR}")
        shell(self.tool, self.script())
        self.nothing_to_do()

    def shown_as_they_run(self):
        self.tool.good("down", "--show-commands")
        assert "dynamodb delete-table" in names(self.tool), self.tool.progress
        self.tool.good("up", "--show-commands")
        same(names(self.tool), sorted([
            "sqs create-queue", "sqs create-queue", "dynamodb create-table", "iam create-role", "iam create-role",
            "iam put-role-policy", "iam put-role-policy", "lambda create-function", "lambda create-function",
            "lambda create-event-source-mapping", "logs create-log-group", "logs create-log-group",
        ]))

    def an_invocation_can_be_repeated(self):
        self.tool.good("simulate", "--count", "5", "--fault-rate", "1", "--show-commands")
        [command] = [one for one in commands(self.tool) if "lambda invoke" in one]
        reply = by_hand(self.tool, command)
        assert '"sent":5' in reply.replace(" ", ""), reply

    def reads_are_shown_by_status(self):
        self.tool.good("status", "--show-commands")
        shown = [one for one in commands(self.tool) if "get-queue-attributes" in one]
        assert "ApproximateNumberOfMessages" in by_hand(self.tool, shown[0]), shown

    def redrive_is_a_move_task(self):
        self.tool.told("redrive", "--no-wait", "--show-commands")
        assert "sqs start-message-move-task" in names(self.tool), self.tool.progress


def run(check, shown):
    check("the script builds what `up` builds", shown.the_script_builds_what_up_builds)
    check("the script is data, and empty where nothing is to do", shown.the_script_is_data)
    check("the script repairs what differs", shown.the_script_repairs)
    check("`down` and `up` show what they change", shown.shown_as_they_run)
    check("a shown invocation can be repeated", shown.an_invocation_can_be_repeated)
    check("`status` shows its reads", shown.reads_are_shown_by_status)
    check("`redrive` is a move task", shown.redrive_is_a_move_task)


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "50")
        run(check, Shown(tool))
    return check.code()


sys.exit(main(sys.argv[1]))
