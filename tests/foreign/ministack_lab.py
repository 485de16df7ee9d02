"""Runs the lab on ministack's server, an independent implementation of AWS that runs the functions.

Usage: ministack_lab.py PATH-TO-ORDERS-LAB PATH-TO-MINISTACK

With `--target aws`: the whole of `demo`, then `up` twice, `simulate`, `status`, `audit` and `down`.
boto3 checks that nothing is left. Prints a line for each check and `N passed, N failed`; exits 1 when
one failed.
"""

import sys
import tempfile
from pathlib import Path

import lab
from aws_inspector import REGION, AwsInspector
from lab import same

sys.path.insert(0, str(Path(__file__).resolve().parent / "conformance"))

import targets  # noqa: E402  (of the conformance run)

# Not the local cloud's account: ARNs must contain the account id that the target reports.
ACCOUNT = "123456789012"
WHOLE = 10  # resources of a lab


def outcomes(tool, command, wanted):
    found = tool.outcomes(command)
    same((set(found.values()), len(found)), ({wanted}, WHOLE))


def told_where_to_call(inspector, endpoint):
    """The functions reach the server, which is not at AWS's hosts."""
    for name in ("lab-order-simulator", "lab-order-processor"):
        found = inspector.awslambda.get_function(FunctionName=name)["Configuration"]
        same(found["Environment"]["Variables"]["AWS_ENDPOINT_URL"], endpoint)


def simulated(tool):
    run = tool.good("simulate", "--count", "30", "--fault-rate", "0", "--seed", "1")
    same((run["sent"], run["stored"]), (30, 30))


def status(tool):
    document = tool.good("status")
    same((document["up"], document["drifted"]), (True, False))
    same(tool.good("up", "--plan")["to_do"], 0)


def audited(tool):
    audit = tool.good("audit")
    same((audit["sent"], audit["stored"], audit["missing"]["count"]), (30, 30, 0))


def run(check, tool, inspector, endpoint):
    check("the whole of demo", lambda: tool.good("demo"))
    check("demo leaves nothing", lambda: same(inspector.left(), {}))
    check("up makes everything", lambda: outcomes(tool, "up", "created"))
    check("the functions know the endpoint", lambda: told_where_to_call(inspector, endpoint))
    check("up again changes nothing", lambda: outcomes(tool, "up", "unchanged"))
    check("orders are sent and stored", lambda: simulated(tool))
    check("status knows the lab and no drift", lambda: status(tool))
    check("every order is accounted for", lambda: audited(tool))
    check("down removes everything", lambda: outcomes(tool, "down", "deleted"))
    check("boto3 sees nothing left", lambda: same(inspector.left(), {}))


def main(program, server):
    check = lab.Checks()
    with targets.ministack(server, ACCOUNT) as target, tempfile.TemporaryDirectory(prefix="orders-lab-") as home:
        variables = {"AWS_ENDPOINT_URL": target.endpoint, "AWS_REGION": REGION,
                     "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        tool = lab.Tool(program, home, "--target", "aws", "--yes", **variables)
        run(check, tool, AwsInspector(variables, ACCOUNT), target.endpoint)
    return check.code()


sys.exit(main(*sys.argv[1:]))
