"""The lab as a user of AWS has it: an IAM user with an access key, a home of his own, the endpoint
in the environment. The cloud behind it has `aws` weather, and then `storm`.

Usage: as_user.py PATH-TO-ORDERS-LAB [SEED]

The whole of `demo`, `up` twice, `simulate`, `status`, `audit`, `redrive` and `down`; every order is
accounted for, and boto3 sees nothing left. Prints a line for each check and `N passed, N failed`;
exits 1 when one failed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions

PROGRAM = Path(sys.argv[1]).resolve()
SEED = sys.argv[2] if len(sys.argv) > 2 else "1"
REGION = "us-east-1"
ADMINISTRATOR = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ORDERS = 200
passed, failed = 0, 0


def check(name, test):
    """Runs one check and counts it."""
    global passed, failed
    began = time.monotonic()
    try:
        test()
        passed += 1
        print(f"ok    {name} ({time.monotonic() - began:.0f} s)", flush=True)
    except Exception as problem:  # a check that breaks has failed, whatever broke it
        failed += 1
        print(f"FAIL  {name}: {type(problem).__name__}: {problem}", flush=True)


def same(found, wanted):
    assert found == wanted, f"{found!r}, not {wanted!r}"


class Cloud:
    """A local cloud, and its owner."""

    def __init__(self, weather):
        self.home = tempfile.mkdtemp(prefix="orders-lab-cloud-")
        self.environment = {"ORDERS_LAB_HOME": self.home, "HOME": self.home, "PATH": os.environ["PATH"]}
        self.run("start", "--speed", "50")
        self.owner = json.loads(self.tool("env"))["variables"]
        self.user = self.make_user()
        self.run("weather", weather, "--seed", SEED)

    def tool(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments, "--json"], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *arguments):
        self.tool("local", *arguments)

    def client(self, service, key=None):
        key = key or {"AccessKeyId": self.owner["AWS_ACCESS_KEY_ID"],
                      "SecretAccessKey": self.owner["AWS_SECRET_ACCESS_KEY"]}
        patient = botocore.config.Config(retries={"mode": "standard", "total_max_attempts": 10})
        return boto3.client(service, endpoint_url=self.owner["AWS_ENDPOINT_URL"], region_name=REGION, config=patient,
                            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    def make_user(self):
        """The access key of a user who may do everything."""
        iam = self.client("iam")
        iam.create_user(UserName="ann")
        iam.put_user_policy(UserName="ann", PolicyName="administrator", PolicyDocument=ADMINISTRATOR)
        key = iam.create_access_key(UserName="ann")["AccessKey"]
        same(self.client("sts", key).get_caller_identity()["Arn"], "arn:aws:iam::000000000000:user/ann")
        return key

    def left(self):
        """Everything but the user."""
        sqs, logs, iam = self.client("sqs"), self.client("logs"), self.client("iam")
        dynamodb, functions = self.client("dynamodb"), self.client("lambda")
        return [*sqs.list_queues().get("QueueUrls", []), *dynamodb.list_tables()["TableNames"],
                *(one["FunctionName"] for one in functions.list_functions()["Functions"]),
                *(one["UUID"] for one in functions.list_event_source_mappings()["EventSourceMappings"]),
                *(one["RoleName"] for one in iam.list_roles()["Roles"]),
                *(one["logGroupName"] for one in logs.describe_log_groups()["logGroups"])]

    def end(self):
        subprocess.run([PROGRAM, "local", "stop", "--force"], env=self.environment, capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


class User:
    """The tool in the hands of the cloud's user, who knows nothing of a local cloud."""

    def __init__(self, cloud, home):
        self.environment = {
            "HOME": home, "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": cloud.owner["AWS_ENDPOINT_URL"],
            "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": cloud.user["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": cloud.user["SecretAccessKey"],
        }

    def told(self, *arguments, codes=(0, 1)):
        """What a command tells that may find something wrong: in a storm, good orders that are dead."""
        command = [PROGRAM, *arguments, "--target", "aws", "--yes", "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600)
        assert done.returncode in codes, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        document = json.loads(done.stdout)
        assert "error" not in document, document
        return document

    def good(self, *arguments):
        return self.told(*arguments, codes=(0,))

    def outcomes(self, command):
        return {one["outcome"] for one in self.good(command)["resources"]}

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


def run(weather):
    cloud = Cloud(weather)
    try:
        with tempfile.TemporaryDirectory(prefix="orders-lab-user-") as home:
            user = User(cloud, home)
            check(f"{weather}: the whole of demo", lambda: user.good("demo"))
            check(f"{weather}: demo leaves nothing", lambda: same(cloud.left(), []))
            check(f"{weather}: up", lambda: same(user.outcomes("up"), {"created"}))
            check(f"{weather}: up again", lambda: same(user.outcomes("up"), {"unchanged"}))
            check(f"{weather}: a plan has nothing to do", user.plan)
            check(f"{weather}: simulate", user.simulate)
            check(f"{weather}: status", user.status)
            check(f"{weather}: audit", user.audit)
            check(f"{weather}: redrive", user.redrive)
            check(f"{weather}: logs", lambda: user.good("logs", "processor"))
            check(f"{weather}: down", lambda: same(user.outcomes("down"), {"deleted"}))
            check(f"{weather}: down leaves nothing", lambda: same(cloud.left(), []))
    finally:
        cloud.end()


for sky in ["aws", "storm"]:
    run(sky)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
