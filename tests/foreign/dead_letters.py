"""The dead letters of a queue that has nothing to do with the lab, whose consumer is written with boto3: on
the local cloud, and on moto's server.

Usage: dead_letters.py PATH-TO-ORDERS-LAB

The consumer fails on some of its jobs, which end in a dead-letter queue. The tool shows, selects, exports,
copies, imports and deletes them; boto3 compares each message byte for byte. Prints a line for each check and
`N passed, N failed`; exits 1 when one failed.
"""

import json
import sys
import tempfile
from pathlib import Path

import lab
from aws_inspector import REGION, AwsInspector
from lab import same

sys.path.insert(0, str(Path(__file__).resolve().parent / "conformance"))

import targets  # noqa: E402  (of the conformance run)

ACCOUNT = "123456789012"
JOBS, DEAD, COPIES = "jobs", "jobs-dlq", "jobs-copies"
TRIES = 2
KINDS = ["resize", "upload", "index"]
BAD = "upload"  # the kind on which the consumer fails
COUNT = 300


class Consumer:
    """A worker with boto3: it deletes the jobs that it has done, and leaves the others."""

    def __init__(self, inspector, fails):
        self.sqs, self.url, self.fails = inspector.sqs, inspector.url(JOBS), fails
        self.done = []

    def work(self):
        """Works until the queue shows no job."""
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10,
                                                   VisibilityTimeout=0 if self.fails else 60).get("Messages"):
            for message in messages:
                if self.fails and json.loads(message["Body"])["kind"] == BAD:
                    continue
                self.done.append(message["Body"])
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])


def text(value, kind="String"):
    return {"DataType": kind, "StringValue": value}


def binary(value, kind="Binary"):
    return {"DataType": kind, "BinaryValue": value}


# What is easily changed by a tool that treats messages as text or JSON.
STRANGE = [
    ("not JSON", {}),
    (" ", {}),
    ("\t\r\n\x7f\x85 \ufffd \U0010ffff", {}),
    ('{"b": 1.0, "a": 1e2, "a": 1}', {"n": text("007", "Number.int"), "blank": text(" ")}),
    ("binary", {"all": binary(bytes(range(256)), "Binary.png"), "zero": binary(b"\0")}),
    ("ten", {f"a{n}": text(str(n), "Number") for n in range(10)}),
]


class Dead:
    """The checks on one target."""

    def __init__(self, tool, inspector, largest):
        self.tool, self.inspector, self.sqs = tool, inspector, inspector.sqs
        self.strange = [*STRANGE, ("x" * largest, {})]
        self.folder = Path(tool.home)

    def dlq(self, *arguments):
        return self.tool.good("dlq", *arguments)

    def count(self, queue):
        name = "ApproximateNumberOfMessages"
        url = self.inspector.url(queue)
        return int(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    def receive_all(self, queue):
        found = []
        while messages := self.sqs.receive_message(
                QueueUrl=self.inspector.url(queue), MaxNumberOfMessages=10, VisibilityTimeout=600,
                MessageAttributeNames=["All"]).get("Messages"):
            found += messages
        return found

    def contents(self, queue):
        """Bodies and attributes, in the order of the bodies."""
        found = [(one["Body"], one.get("MessageAttributes", {})) for one in self.receive_all(queue)]
        return sorted(found, key=lambda one: one[0])

    def queues(self):
        dead = self.sqs.create_queue(QueueName=DEAD)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": TRIES})
        self.sqs.create_queue(QueueName=JOBS, Attributes={"RedrivePolicy": policy})
        self.sqs.create_queue(QueueName=COPIES)

    def consume(self):
        url = self.inspector.url(JOBS)
        for first in range(0, COUNT, 10):
            entries = [{"Id": str(n), "MessageBody": json.dumps({"kind": KINDS[n % 3], "n": n})}
                       for n in range(first, first + 10)]
            same(self.sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed", []), [])
        consumer = Consumer(self.inspector, fails=True)
        consumer.work()
        same(len(consumer.done), COUNT * 2 // 3)
        same(self.count(DEAD), COUNT // 3)

    def look(self):
        found = self.dlq("--queue", DEAD, "--group-by", "body.kind")
        same((found["read"], found["selected"], len(found["messages"])), (COUNT // 3,) * 3)
        same([(one["key"], one["count"]) for one in found["groups"]], [(BAD, COUNT // 3)])
        first = {one["receive_count"] for one in found["messages"]}
        again = self.dlq("--queue", DEAD)
        same({one["receive_count"] for one in again["messages"]}, {count + 1 for count in first})
        same(self.count(DEAD), COUNT // 3)

    def select(self):
        found = self.dlq("--queue", DEAD, "--where", "body.n > 100 && body.n <= 103")
        same([json.loads(one["body"])["n"] for one in found["messages"]], [103])
        found = self.dlq("--queue", DEAD, "--match", f"/\"kind\": ?\"{BAD}\"/", "--limit", "4")
        same((found["selected"], len(found["messages"])), (COUNT // 3, 4))
        same(self.dlq("--queue", DEAD, "--until", "1h")["selected"], 0)

    def again(self):
        """Exports the dead jobs, deletes them, and sends them to the repaired consumer."""
        file = str(self.folder / "jobs.jsonl")
        same(self.dlq("export", file, "--queue", DEAD)["exported"], COUNT // 3)
        same(self.dlq("delete", "--queue", DEAD, "--where", f"body.kind == '{BAD}'", "--yes")["deleted"], COUNT // 3)
        same(self.count(DEAD), 0)
        same(self.dlq("import", file, "--to", JOBS)["imported"], COUNT // 3)
        consumer = Consumer(self.inspector, fails=False)
        consumer.work()
        same(sorted(json.loads(body)["n"] for body in consumer.done), list(range(1, COUNT, 3)))
        same((self.count(JOBS), self.count(DEAD)), (0, 0))

    def strange_ones(self):
        url = self.inspector.url(DEAD)
        for body, attributes in self.strange:
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        file = str(self.folder / "strange.jsonl")
        same(self.dlq("export", file, "--queue", DEAD)["exported"], len(self.strange))
        same(self.dlq("copy", "--queue", DEAD, "--to", COPIES)["copied"], len(self.strange))
        wanted = sorted(self.strange, key=lambda one: one[0])
        assert self.contents(COPIES) == wanted, "a copy differs"
        self.dlq("purge", "--queue", COPIES, "--yes")
        same(self.dlq("import", file, "--to", COPIES)["imported"], len(self.strange))
        assert self.contents(COPIES) == wanted, "an imported message differs"
        assert self.contents(DEAD) == wanted, "a message that was exported differs"


def run(check, name, tool, inspector, largest):
    dead = Dead(tool, inspector, largest)
    check(f"{name}: boto3 makes the queues", dead.queues)
    check(f"{name}: a consumer fails on some jobs", dead.consume)
    check(f"{name}: each is read once and left visible", dead.look)
    check(f"{name}: some are selected", dead.select)
    check(f"{name}: exported, deleted, imported and done", dead.again)
    check(f"{name}: strange messages stay as they are", dead.strange_ones)


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "1")
        run(check, "local cloud", tool, AwsInspector(tool.variables()), 1_048_576)
    with targets.moto(ACCOUNT) as server, tempfile.TemporaryDirectory(prefix="orders-lab-moto-") as home:
        variables = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_REGION": REGION,
                     "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        tool = lab.Tool(program, home, "--target", "aws", "--yes", **variables)
        run(check, "moto", tool, AwsInspector(variables, ACCOUNT), 262_144)
    return check.code()


sys.exit(main(sys.argv[1]))
