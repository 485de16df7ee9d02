"""Whatever somebody changes behind a lab's back is seen by `status`, attribute by attribute, and
put right by `up`, as boto3 sees it too. boto3 is also the somebody.

    python tests/foreign/drift.py target/debug/orders-lab
"""

import json
import sys

import changes
import lab
from botocore.exceptions import ClientError
from eyes import Eyes
from lab import same

KEY_OF_ANOTHER = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


class Judge:
    """A lab, and boto3's eyes on it."""

    def __init__(self, tool, eyes):
        self.tool, self.eyes = tool, eyes

    def nothing_to_do(self):
        code, plan = self.tool.ended("up", "--plan")
        same((code, plan["to_do"]), (0, 0))

    def drift(self, change):
        """Changes one thing; it is seen, planned and put right, and nothing else is."""
        place = (change.kind, change.name)
        before = self.eyes.picture(*place), self.tags(place)
        change.make(self.eyes)
        try:
            if change.setting != "role itself":
                assert (self.eyes.picture(*place), self.tags(place)) != before, "boto3 sees no change"
            seen = {(one["kind"], one["name"]): {each["setting"] for each in one["differences"]}
                    for one in self.tool.good("status")["resources"] if one["differences"]}
            same(seen, {place: set(change.setting.split(", "))})
            code, plan = self.tool.ended("up", "--plan")
            same((code, plan["to_do"]), (1, 1))
            outcomes = self.tool.outcomes("up")
            same((outcomes.pop(place), set(outcomes.values())), (change.outcome, {"unchanged"}))
            same((self.eyes.picture(*place), self.tags(place)), before)
            self.nothing_to_do()
        except AssertionError:
            # The next change is judged by itself.
            self.tool.ended("up")
            raise

    def tags(self, place):
        """A resource's tags but for when it was made, which is another time where it is made anew."""
        return {key: value for key, value in self.eyes.tags(*place).items() if key != "orders-lab:created"}

    def refused(self, change):
        try:
            change(self.eyes)
        except ClientError:
            return
        raise AssertionError("the local cloud takes it now: the lab must see it, and mend it")

    def foreign(self, kind, name, untag):
        """What lost the lab's tag is not the lab's, until it is adopted."""
        untag(self.eyes, "orders-lab:lab")
        try:
            code, refused = self.tool.ended("up")
            said = json.dumps(refused["error"])
            assert code == 1 and name in said and "up --adopt" in said, (code, refused)
            code, down = self.tool.ended("down")
            # Nothing of it may go: the rest is built again at once.
            outcomes = {(one["kind"], one["name"]): one["outcome"] for one in down["resources"]}
            same((code, outcomes[kind, name]), (1, "failed"))
        finally:
            outcomes = self.tool.outcomes("up", "--adopt")
        same(outcomes[kind, name], "adopted")
        self.nothing_to_do()

    def gone(self, kind, name, remove):
        """What is removed by hand is created again."""
        remove(self.eyes)
        same(self.tool.outcomes("up")[kind, name], "created")

    def unfit(self):
        """A table with another key cannot be put right without losing its orders: nothing is done."""
        self.eyes.dynamodb.create_table(
            TableName="bob-orders", Tags=[{"Key": "orders-lab:lab", "Value": "bob"}], **KEY_OF_ANOTHER)
        code, refused = self.tool.ended("up", "--lab", "bob")
        said = json.dumps(refused["error"])
        assert code == 1 and "key id (S, HASH)" in said and "orders-lab down --lab bob" in said, (code, refused)
        self.nothing_of("bob")
        self.tool.good("down", "--lab", "bob")

    def not_adoptable(self):
        """Somebody's table with another key is not taken over, and not even tagged."""
        self.eyes.dynamodb.create_table(TableName="eve-orders", **KEY_OF_ANOTHER)
        for arguments, word in [(["up"], "error"), (["up", "--plan"], "changes")]:
            code, refused = self.tool.ended(*arguments, "--adopt", "--lab", "eve")
            assert code == 1 and "key id (S, HASH)" in json.dumps(refused[word]), (code, refused)
        self.nothing_of("eve")
        same(self.eyes.tags("table", "eve-orders"), {})

    def adoption_is_planned(self):
        """A plan shows what adoption would change, and changes nothing."""
        sqs = self.eyes.sqs
        url = sqs.create_queue(QueueName="kim-orders-queue", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
        code, plan = self.tool.ended("up", "--plan", "--adopt", "--lab", "kim")
        [found] = [one for one in plan["changes"] if one["name"] == "kim-orders-queue"]
        same((code, found["change"]), (1, "adopt"))
        differ = {one["setting"]: (one["found"], one["wanted"]) for one in found["differences"]}
        same(differ["VisibilityTimeout"], ("45", "30"))
        assert "RedrivePolicy" in differ, differ
        same(self.eyes.tags("queue", "kim-orders-queue"), {})
        same(self.eyes.queue("kim-orders-queue")["VisibilityTimeout"], "45")
        sqs.delete_queue(QueueUrl=url)

    def nothing_of(self, name):
        """Nothing was made, though all but the table could be."""
        queues = self.eyes.everything()["queues"]
        assert not any(queue.startswith(f"{name}-") for queue in queues), queues


GONE = [
    ("trigger", changes.TRIGGER, lambda eyes: eyes.awslambda.delete_event_source_mapping(UUID=eyes.mapping()["UUID"])),
    ("function", changes.SIMULATOR, lambda eyes: eyes.awslambda.delete_function(FunctionName=changes.SIMULATOR)),
    ("log_group", changes.GROUP, lambda eyes: eyes.logs.delete_log_group(logGroupName=changes.GROUP)),
    ("table", changes.TABLE, lambda eyes: eyes.dynamodb.delete_table(TableName=changes.TABLE)),
]


def run(tool, check):
    tool.good("up", "--speed", "50")
    judge = Judge(tool, Eyes(tool.variables()))
    check("an untouched lab has nothing to do", judge.nothing_to_do)
    for change in changes.CHANGES:
        check(f"{change.kind} {change.name}: {change.setting}", lambda change=change: judge.drift(change))
    for name, change in changes.REFUSED.items():
        check(f"refused: {name}", lambda change=change: judge.refused(change))
    for kind, name, untag in changes.TAGS:
        check(f"{kind} {name} without the lab's tag", lambda place=(kind, name, untag): judge.foreign(*place))
    for kind, name, remove in GONE:
        check(f"{kind} {name} removed", lambda place=(kind, name, remove): judge.gone(*place))
    check("a table with another key is left alone", judge.unfit)
    check("somebody's table with another key is not adopted", judge.not_adoptable)
    check("a plan shows what adoption would change", judge.adoption_is_planned)
    check("down", lambda: tool.good("down"))


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        run(tool, check)
    return check.code()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
