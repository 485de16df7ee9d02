"""What `down` says of what it cannot remove, what comes back behind it, and which labs it spares.

    python tests/foreign/cleanup.py target/debug/orders-lab

boto3 leaves things behind, gives a function another role and makes a lab old. Prints a line for each check and `N
passed, N failed`; exits 1 when one failed.
"""

import datetime
import json
import sys

import lab
from eyes import Eyes
from lab import same

SIMULATOR = "lab-order-simulator"
ROLE = "somebody"
BY_LAMBDA = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
MAY_MAKE_GROUPS = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
     "Resource": "*"}]})


def left_behind(tool, eyes):
    """What bears the lab's tag and is none of its parts is listed, each with the reason."""
    tool.good("up")
    mark = {"orders-lab:lab": "default"}
    url = eyes.sqs.create_queue(QueueName="stray", tags=mark)["QueueUrl"]
    eyes.dynamodb.create_table(
        TableName="stray", BillingMode="PAY_PER_REQUEST", Tags=[{"Key": key, "Value": mark[key]} for key in mark],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    down = tool.told("down", codes=(1,))
    left = {one["what"]: one["reason"] for one in down["certificate"]["left"]}
    same(set(left), {eyes.arn("sqs", "stray"), eyes.arn("dynamodb", "table/stray")})
    for reason in left.values():
        assert "bears the lab's tag" in reason and "remove it by hand" in reason, reason
    same((len(down["certificate"]["gone"]), down["certificate"]["by_tag"]), (10, True))
    same(eyes.left(), {"queues": ["stray"], "tables": ["stray"]})
    eyes.sqs.delete_queue(QueueUrl=url)
    eyes.dynamodb.untag_resource(ResourceArn=eyes.arn("dynamodb", "table/stray"), TagKeys=[*mark])
    same(tool.good("down")["certificate"]["left"], [])
    same(eyes.left(), {"tables": ["stray"]})
    eyes.dynamodb.delete_table(TableName="stray")


def comes_back(tool, eyes):
    """What a function printed arrives after its log group is gone, and makes it anew: somebody has
    given the function a role that may, and that outlives the lab."""
    tool.good("up")
    role = eyes.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=BY_LAMBDA)["Role"]["Arn"]
    eyes.iam.put_role_policy(RoleName=ROLE, PolicyName="logs", PolicyDocument=MAY_MAKE_GROUPS)
    eyes.awslambda.update_function_configuration(FunctionName=SIMULATOR, Role=role)
    # Lines lag further behind than a removal takes.
    tool.good("local", "weather", "--set", "log-delay=6s..7s")
    eyes.awslambda.invoke(FunctionName=SIMULATOR, Payload=b'{"count": "x"}')
    down = tool.good("down")
    same((down["certificate"]["left"], down["certificate"]["by_tag"]), ([], True))
    assert down["certificate"]["watched_seconds"] > 0, down["certificate"]
    back = f"A late line brought log group /aws/lambda/{SIMULATOR} back; removing it again."
    assert back in tool.progress, tool.progress
    same(eyes.left(), {"roles": [ROLE]})


def only_old_ones(tool, eyes):
    """Who cleans up removes the old labs and spares the others."""
    for name in ["old", "new"]:
        tool.good("up", "--lab", name)
    same([one["name"] for one in tool.good("list")["labs"]], ["new", "old"])
    before = eyes.everything()
    ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    eyes.sqs.tag_queue(QueueUrl=eyes.url("old-orders-queue"), Tags={"orders-lab:created": ago.isoformat()})
    down = tool.good("down", "--all", "--older-than", "4d", "--yes")
    same((down["labs"], eyes.everything()), ([], before))
    down = tool.good("down", "--all", "--older-than", "2d", "--yes")
    same([(one["lab"], one["removed"]) for one in down["labs"]], [("old", True)])
    spared = {kind: [one for one in all if "old-" not in one] for kind, all in before.items()}
    same(eyes.everything(), spared)
    same([one["name"] for one in tool.good("list")["labs"]], ["new"])
    same(tool.good("status", "--lab", "new")["up"], True)
    down = tool.good("down", "--all", "--yes")
    same([(one["lab"], one["removed"]) for one in down["labs"]], [("new", True)])
    same(eyes.left(), {})


def main(program):
    check = lab.Checks()
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "20")
        eyes = Eyes(tool.variables())
        check("what is left behind is listed with the reason", lambda: left_behind(tool, eyes))
        tool.good("local", "start", "--speed", "1")
        eyes = Eyes(tool.variables())
        check("a log group that comes back is removed again", lambda: comes_back(tool, eyes))
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", "20")
        eyes = Eyes(tool.variables())
        check("only old labs are removed", lambda: only_old_ones(tool, eyes))
    return check.code()


sys.exit(main(sys.argv[1]))
