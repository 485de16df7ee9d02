"""Whatever is changed without the tool is seen by `status`, setting by setting, and repaired by `up`.
boto3 makes the changes, and reads what became of them.

    python tests/foreign/drift.py target/debug/orders-lab
"""

import json
import sys

import changes
import lab
from botocore.exceptions import ClientError
from aws_inspector import AwsInspector
from lab import same

KEY_OF_ANOTHER = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


class DriftTest:
    """A lab, and boto3's view of its account."""

    def __init__(self, tool, inspector):
        self.tool, self.inspector = tool, inspector

    def nothing_to_do(self):
        code, plan = self.tool.ended("up", "--plan")
        same((code, plan["to_do"]), (0, 0))

    def drift(self, change):
        """Changes one thing. It is seen, planned and repaired, and nothing else is."""
        place = (change.kind, change.name)
        before = self.inspector.settings(*place), self.tags(place)
        change.make(self.inspector)
        try:
            if change.setting != "role itself":
                assert (self.inspector.settings(*place), self.tags(place)) != before, "boto3 sees no change"
            seen = {(one["kind"], one["name"]): {each["setting"] for each in one["differences"]}
                    for one in self.tool.good("status")["resources"] if one["differences"]}
            same(seen, {place: set(change.setting.split(", "))})
            code, plan = self.tool.ended("up", "--plan")
            same((code, plan["to_do"]), (1, 1))
            outcomes = self.tool.outcomes("up")
            same((outcomes.pop(place), set(outcomes.values())), (change.outcome, {"unchanged"}))
            same((self.inspector.settings(*place), self.tags(place)), before)
            self.nothing_to_do()
        except AssertionError:
            # The next change is tested on a lab without differences.
            self.tool.ended("up")
            raise

    def tags(self, place):
        """A resource's tags without its time of creation, which differs when it is created again."""
        return {key: value for key, value in self.inspector.tags(*place).items() if key != "orders-lab:created"}

    def refused(self, change):
        try:
            change(self.inspector)
        except ClientError:
            return
        raise AssertionError("the local cloud accepts it now: the lab must see and repair it")

    def foreign(self, kind, name, untag):
        """What lost the lab's tag is not the lab's until it is adopted."""
        untag(self.inspector, "orders-lab:lab")
        try:
            code, refused = self.tool.ended("up")
            said = json.dumps(refused["error"])
            assert code == 1 and name in said and "up --adopt" in said, (code, refused)
            code, down = self.tool.ended("down")
            # It must not be deleted; the rest is created again at once.
            outcomes = {(one["kind"], one["name"]): one["outcome"] for one in down["resources"]}
            same((code, outcomes[kind, name]), (1, "failed"))
        finally:
            outcomes = self.tool.outcomes("up", "--adopt")
        same(outcomes[kind, name], "adopted")
        self.nothing_to_do()

    def gone(self, kind, name, remove):
        """What is removed by hand is created again."""
        remove(self.inspector)
        same(self.tool.outcomes("up")[kind, name], "created")

    def unfit(self):
        """A table with another key cannot be repaired without losing its orders: nothing is done."""
        self.inspector.dynamodb.create_table(
            TableName="bob-orders", Tags=[{"Key": "orders-lab:lab", "Value": "bob"}], **KEY_OF_ANOTHER)
        code, refused = self.tool.ended("up", "--lab", "bob")
        said = json.dumps(refused["error"])
        assert code == 1 and "key id (S, HASH)" in said and "orders-lab down --lab bob" in said, (code, refused)
        self.nothing_of("bob")
        self.tool.good("down", "--lab", "bob")

    def not_adoptable(self):
        """An existing table with another key is not adopted, and not even tagged."""
        self.inspector.dynamodb.create_table(TableName="eve-orders", **KEY_OF_ANOTHER)
        for arguments, word in [(["up"], "error"), (["up", "--plan"], "changes")]:
            code, refused = self.tool.ended(*arguments, "--adopt", "--lab", "eve")
            assert code == 1 and "key id (S, HASH)" in json.dumps(refused[word]), (code, refused)
        self.nothing_of("eve")
        same(self.inspector.tags("table", "eve-orders"), {})

    def adoption_is_planned(self):
        """A plan shows what adoption would change, and changes nothing."""
        sqs = self.inspector.sqs
        url = sqs.create_queue(QueueName="kim-orders-queue", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
        code, plan = self.tool.ended("up", "--plan", "--adopt", "--lab", "kim")
        [found] = [one for one in plan["changes"] if one["name"] == "kim-orders-queue"]
        same((code, found["change"]), (1, "adopt"))
        differ = {one["setting"]: (one["found"], one["wanted"]) for one in found["differences"]}
        same(differ["VisibilityTimeout"], ("45", "30"))
        assert "RedrivePolicy" in differ, differ
        same(self.inspector.tags("queue", "kim-orders-queue"), {})
        same(self.inspector.queue("kim-orders-queue")["VisibilityTimeout"], "45")
        sqs.delete_queue(QueueUrl=url)

    def nothing_of(self, name):
        """Nothing was created, although everything but the table could be."""
        queues = self.inspector.everything()["queues"]
        assert not any(queue.startswith(f"{name}-") for queue in queues), queues


GONE = [
    ("trigger", changes.TRIGGER, lambda aws: aws.awslambda.delete_event_source_mapping(UUID=aws.mapping()["UUID"])),
    ("function", changes.SIMULATOR, lambda aws: aws.awslambda.delete_function(FunctionName=changes.SIMULATOR)),
    ("log_group", changes.GROUP, lambda aws: aws.logs.delete_log_group(logGroupName=changes.GROUP)),
    ("table", changes.TABLE, lambda aws: aws.dynamodb.delete_table(TableName=changes.TABLE)),
]


def run(tool, check):
    tool.good("up", "--speed", "50")
    drift = DriftTest(tool, AwsInspector(tool.variables()))
    check("an untouched lab has nothing to do", drift.nothing_to_do)
    for change in changes.CHANGES:
        check(f"{change.kind} {change.name}: {change.setting}", lambda change=change: drift.drift(change))
    for name, change in changes.REFUSED.items():
        check(f"refused: {name}", lambda change=change: drift.refused(change))
    for kind, name, untag in changes.TAGS:
        check(f"{kind} {name} without the lab's tag", lambda place=(kind, name, untag): drift.foreign(*place))
    for kind, name, remove in GONE:
        check(f"{kind} {name} removed", lambda place=(kind, name, remove): drift.gone(*place))
    check("a table with another key is left alone", drift.unfit)
    check("an existing table with another key is not adopted", drift.not_adoptable)
    check("a plan shows what adoption would change", drift.adoption_is_planned)
    check("down", lambda: tool.good("down"))


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        run(tool, check)
    return check.code()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
