"""The lab as a user of AWS has it: an IAM user with an access key, another home, the endpoint in the
environment. The cloud behind it has the chaos profile `aws`, and then `severe`.

Usage: as_user.py PATH-TO-ORDERS-LAB [SEED]

The whole of `demo`, `up` twice, `simulate`, `status`, `audit`, `redrive` and `down`; every order is
accounted for, and boto3 finds nothing left. Prints a line for each check and `N passed, N failed`;
exits 1 when one failed.
"""

import json
import sys
import tempfile

import lab
from aws_inspector import REGION, AwsInspector
from lab import same

SEED = sys.argv[2] if len(sys.argv) > 2 else "1"
ADMINISTRATOR = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ORDERS = 200


def user_of(inspector):
    """The access key of a new user who may do everything, as environment variables."""
    inspector.iam.create_user(UserName="ann")
    inspector.iam.put_user_policy(UserName="ann", PolicyName="administrator", PolicyDocument=ADMINISTRATOR)
    key = inspector.iam.create_access_key(UserName="ann")["AccessKey"]
    variables = {"AWS_ENDPOINT_URL": inspector.variables["AWS_ENDPOINT_URL"], "AWS_REGION": REGION,
                 "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    arn = AwsInspector(variables).client("sts").get_caller_identity()["Arn"]
    same(arn, f"arn:aws:iam::{inspector.account}:user/ann")
    return variables


class User(lab.Tool):
    """The tool as the IAM user runs it, who knows nothing of a local cloud."""

    def all_are(self, command, outcome):
        same(set(self.outcomes(command).values()), {outcome})

    def simulate(self):
        run = self.told("simulate", "--count", str(ORDERS), "--fault-rate", "0.2", "--faults", "all", "--seed", SEED)
        same((run["sent"], run["good"] + run["bad"]), (ORDERS, ORDERS))

    def status(self):
        status = self.good("status")
        same((status["up"], status["drifted"], status["target"]["kind"]), (True, False, "aws"))

    def audit(self):
        audit = self.told("audit")
        same({name: audit[name]["count"] for name in ("missing", "altered", "unexpected")},
             {"missing": 0, "altered": 0, "unexpected": 0})
        same(audit["sent"], ORDERS)
        same(audit["stored"] + audit["dead_lettered"], ORDERS)

    def redrive(self):
        """Bad orders are dead-lettered again. Good ones that chaos dead-lettered are stored in the end."""
        for _ in range(8):
            self.told("redrive")
            audit = self.told("audit")
            if not audit["waiting"] + audit["in_flight"] + audit["dead_lettered_good"]["count"]:
                break
        same(self.good("audit")["dead_lettered_good"]["count"], 0)
        self.audit()

    def plan(self):
        same(self.good("up", "--plan")["to_do"], 0)


def run(check, profile, program):
    with lab.local(program) as cloud, tempfile.TemporaryDirectory(prefix="orders-lab-user-") as home:
        cloud.good("local", "start", "--speed", "50")
        inspector = AwsInspector(cloud.variables())
        user = User(program, home, "--target", "aws", "--yes", **user_of(inspector))
        cloud.good("local", "chaos", profile, "--seed", SEED)
        check(f"{profile}: the whole of demo", lambda: user.good("demo"))
        check(f"{profile}: demo leaves nothing", lambda: same(inspector.left(), {}))
        check(f"{profile}: up", lambda: user.all_are("up", "created"))
        check(f"{profile}: up again", lambda: user.all_are("up", "unchanged"))
        check(f"{profile}: a plan has nothing to do", user.plan)
        check(f"{profile}: simulate", user.simulate)
        check(f"{profile}: status", user.status)
        check(f"{profile}: audit", user.audit)
        check(f"{profile}: redrive", user.redrive)
        check(f"{profile}: logs", lambda: user.good("logs", "processor"))
        check(f"{profile}: down", lambda: user.all_are("down", "deleted"))
        check(f"{profile}: down leaves nothing", lambda: same(inspector.left(), {}))


check = lab.Checks()
for profile in ["aws", "severe"]:
    run(check, profile, sys.argv[1])
sys.exit(check.code())
