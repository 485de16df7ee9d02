"""What `down` reports of what it cannot remove, what is recreated behind it, and which labs it spares.

    python tests/foreign/cleanup.py target/debug/orders-lab

boto3 creates resources with the lab's tag, gives a function another role and makes a lab old. Prints a line
for each check and `N passed, N failed`; exits 1 when one failed.
"""

import datetime
import json
import sys

import lab
from aws_inspector import AwsInspector
from lab import same

SIMULATOR = "lab-order-simulator"
ROLE = "somebody"
BY_LAMBDA = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
MAY_MAKE_GROUPS = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
     "Resource": "*"}]})


def left_behind(tool, inspector):
    """What has the lab's tag and is not part of it is listed, each with the reason."""
    tool.good("up")
    mark = {"orders-lab:lab": "default"}
    url = inspector.sqs.create_queue(QueueName="stray", tags=mark)["QueueUrl"]
    inspector.dynamodb.create_table(
        TableName="stray", BillingMode="PAY_PER_REQUEST", Tags=[{"Key": key, "Value": mark[key]} for key in mark],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    down = tool.told("down", codes=(1,))
    left = {one["what"]: one["reason"] for one in down["certificate"]["left"]}
    same(set(left), {inspector.arn("sqs", "stray"), inspector.arn("dynamodb", "table/stray")})
    for reason in left.values():
        assert "has the lab's tag" in reason and "remove it by hand" in reason, reason
    same((len(down["certificate"]["gone"]), down["certificate"]["by_tag"]), (10, True))
    same(inspector.left(), {"queues": ["stray"], "tables": ["stray"]})
    inspector.sqs.delete_queue(QueueUrl=url)
    inspector.dynamodb.untag_resource(ResourceArn=inspector.arn("dynamodb", "table/stray"), TagKeys=[*mark])
    same(tool.good("down")["certificate"]["left"], [])
    same(inspector.left(), {"tables": ["stray"]})
    inspector.dynamodb.delete_table(TableName="stray")


def recreated(tool, inspector):
    """What a function printed arrives after its log group is deleted, and recreates it: somebody has
    given the function a role that allows it and outlives the lab."""
    tool.good("up")
    role = inspector.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=BY_LAMBDA)["Role"]["Arn"]
    inspector.iam.put_role_policy(RoleName=ROLE, PolicyName="logs", PolicyDocument=MAY_MAKE_GROUPS)
    inspector.awslambda.update_function_configuration(FunctionName=SIMULATOR, Role=role)
    # Lines are delayed longer than a removal takes.
    tool.good("local", "chaos", "--set", "log-delay=6s..7s")
    inspector.awslambda.invoke(FunctionName=SIMULATOR, Payload=b'{"count": "x"}')
    down = tool.good("down")
    same((down["certificate"]["left"], down["certificate"]["by_tag"]), ([], True))
    assert down["certificate"]["watched_seconds"] > 0, down["certificate"]
    back = f"A delayed log write recreated log group /aws/lambda/{SIMULATOR}; removing it again."
    assert back in tool.progress, tool.progress
    same(inspector.left(), {"roles": [ROLE]})


def only_old_ones(tool, inspector):
    """`down --all --older-than` removes the old labs and spares the others."""
    for name in ["old", "new"]:
        tool.good("up", "--lab", name)
    same([one["name"] for one in tool.good("list")["labs"]], ["new", "old"])
    before = inspector.everything()
    ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    inspector.sqs.tag_queue(QueueUrl=inspector.url("old-orders-queue"), Tags={"orders-lab:created": ago.isoformat()})
    down = tool.good("down", "--all", "--older-than", "4d", "--yes")
    same((down["labs"], inspector.everything()), ([], before))
    down = tool.good("down", "--all", "--older-than", "2d", "--yes")
    same([(one["lab"], one["removed"]) for one in down["labs"]], [("old", True)])
    spared = {kind: [one for one in all if "old-" not in one] for kind, all in before.items()}
    same(inspector.everything(), spared)
    same([one["name"] for one in tool.good("list")["labs"]], ["new"])
    same(tool.good("status", "--lab", "new")["up"], True)
    down = tool.good("down", "--all", "--yes")
    same([(one["lab"], one["removed"]) for one in down["labs"]], [("new", True)])
    same(inspector.left(), {})


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "20")
        inspector = AwsInspector(tool.variables())
        check("what is left behind is listed with the reason", lambda: left_behind(tool, inspector))
        tool.good("local", "start", "--speed", "1")
        inspector = AwsInspector(tool.variables())
        check("a recreated log group is removed again", lambda: recreated(tool, inspector))
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "20")
        inspector = AwsInspector(tool.variables())
        check("only old labs are removed", lambda: only_old_ones(tool, inspector))
    return check.code()


sys.exit(main(sys.argv[1]))
