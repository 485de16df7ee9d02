"""The lab as a user of AWS has it: an IAM user with an access key, a home of his own, the endpoint
in the environment. The cloud behind it has `aws` weather, and then `storm`.

Usage: as_user.py PATH-TO-ORDERS-LAB [SEED]

The whole of `demo`, `up` twice, `simulate`, `status`, `audit`, `redrive` and `down`; every order is
accounted for, and boto3 sees nothing left. Prints a line for each check and `N passed, N failed`;
exits 1 when one failed.
"""

import json
import sys
import tempfile

import lab
from eyes import REGION, Eyes
from lab import same

SEED = sys.argv[2] if len(sys.argv) > 2 else "1"
ADMINISTRATOR = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ORDERS = 200


def user_of(eyes):
    """The access key of a user who may do everything, as the environment has it."""
    eyes.iam.create_user(UserName="ann")
    eyes.iam.put_user_policy(UserName="ann", PolicyName="administrator", PolicyDocument=ADMINISTRATOR)
    key = eyes.iam.create_access_key(UserName="ann")["AccessKey"]
    variables = {"AWS_ENDPOINT_URL": eyes.variables["AWS_ENDPOINT_URL"], "AWS_REGION": REGION,
                 "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    arn = Eyes(variables).client("sts").get_caller_identity()["Arn"]
    same(arn, f"arn:aws:iam::{eyes.account}:user/ann")
    return variables


class User(lab.Tool):
    """The tool in the hands of the cloud's user, who knows nothing of a local cloud."""

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
        """What is bad dies again; what was good and died of the weather is stored in the end."""
        for _ in range(8):
            self.told("redrive")
            audit = self.told("audit")
            if not audit["waiting"] + audit["in_flight"] + audit["dead_lettered_good"]["count"]:
                break
        same(self.good("audit")["dead_lettered_good"]["count"], 0)
        self.audit()

    def plan(self):
        same(self.good("up", "--plan")["to_do"], 0)


def run(check, weather, program):
    with lab.local(program) as cloud, tempfile.TemporaryDirectory(prefix="orders-lab-user-") as home:
        cloud.good("local", "start", "--speed", "50")
        eyes = Eyes(cloud.variables())
        user = User(program, home, "--target", "aws", "--yes", **user_of(eyes))
        cloud.good("local", "weather", weather, "--seed", SEED)
        check(f"{weather}: the whole of demo", lambda: user.good("demo"))
        check(f"{weather}: demo leaves nothing", lambda: same(eyes.left(), {}))
        check(f"{weather}: up", lambda: user.all_are("up", "created"))
        check(f"{weather}: up again", lambda: user.all_are("up", "unchanged"))
        check(f"{weather}: a plan has nothing to do", user.plan)
        check(f"{weather}: simulate", user.simulate)
        check(f"{weather}: status", user.status)
        check(f"{weather}: audit", user.audit)
        check(f"{weather}: redrive", user.redrive)
        check(f"{weather}: logs", lambda: user.good("logs", "processor"))
        check(f"{weather}: down", lambda: user.all_are("down", "deleted"))
        check(f"{weather}: down leaves nothing", lambda: same(eyes.left(), {}))


check = lab.Checks()
for sky in ["aws", "storm"]:
    run(check, sky, sys.argv[1])
sys.exit(check.code())
