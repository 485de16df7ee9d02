"""Calls the local cloud with independent clients, and checks every byte of its replies.

Usage: python tests/foreign/conformance PATH-TO-ORDERS-LAB [--report FILE | --check FILE]

Every operation and error is called through boto3 and checked against botocore's models; some go
through the AWS CLI too. The same calls go to moto's server, and each difference must have its reason in
differences.toml. `--report` writes what was found, `--check` fails where FILE says otherwise.
Prints what is wrong and `N passed, N failed`; exits 1 when anything failed.
"""

import argparse
import sys
import unittest
from pathlib import Path

import differences
import known
import probe
import report
import selftest
import sources
import targets
from cases import chaos, dynamodb, iam, lambda_, logs, mappings, rights, sqs, sts, tagging, users
from recorder import Run

SERVICES = ["sqs", "lambda", "iam", "sts", "logs", "dynamodb", "resourcegroupstaggingapi"]
CASES = [("sqs", sqs), ("iam", iam), ("sts", sts), ("logs", logs), ("dynamodb", dynamodb), ("lambda", lambda_),
         ("lambda", mappings), ("iam", users), ("resourcegroupstaggingapi", tagging), ("sts", rights), ("lambda", chaos)]
ELSEWHERE = {"sqs", "iam", "dynamodb", "lambda"}


def main():
    options = arguments()
    if not unittest.TextTestRunner(stream=sys.stderr).run(unittest.defaultTestLoader.loadTestsFromModule(selftest)).wasSuccessful():
        return 1
    with targets.local_cloud(options.program.resolve()) as target:
        here = Run(target)
        for service, cases in CASES:
            here.cases(service, cases.SECTIONS)
        has = {service: probe.operations(here, service) for service in SERVICES}
    with targets.moto() as target:
        there = Run(target)
        for service, cases in CASES:
            if service in ELSEWHERE:
                there.cases(service, cases.SECTIONS)
    found = differences.compare(here, there)
    table = differences.Table()
    table.explain(found)
    failures = here.failures + wrong(here, has) + list(unexplained(found, table))
    text = report.render(here, there, has, found)
    if options.report:
        options.report.write_text(text)
    if options.check and options.check.read_text() != text:
        failures.append(f"{options.check} is not what this run found; write it again with --report {options.check}")
    for failure in failures:
        print(f"FAIL  {failure}")
    checked = len(here.replies) + len(here.cli_calls) + len(here.probes)
    print(f"{checked - min(len(failures), checked)} passed, {len(failures)} failed")
    return bool(failures)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--check", type=Path)
    return parser.parse_args()


def wrong(run, has):
    """What is wrong with the replies, and which operations and errors no case covers."""
    failures = []
    for reply in [*run.replies.values(), *run.waits, *run.probes]:
        failures += [f"{reply.name}: {problem}" for problem in reply.problems]
    called = {(reply.service, reply.operation) for reply in run.replies.values()}
    for service, operations in has.items():
        for operation in operations:
            if (service, operation) not in called and (service, operation) not in sources.UNCALLED:
                failures.append(f"{service}/{operation}: the local cloud has it, and no case calls it")
    failures += [f"{name}: it is no longer wrong; remove it from known.LEFT" for name in known.LEFT.keys() - run.left]
    seen = {reply.code for reply in [*run.replies.values(), *run.probes]}
    failures += [f"the local cloud has the error {code}, and no case causes it" for code in sources.unseen(seen)]
    return sorted(set(failures), key=failures.index)


def unexplained(found, table):
    """Differences without a reason, and reasons without a difference."""
    for difference in found:
        if difference.reason is None:
            yield (f"moto differs: {difference.call}: {difference.what}: here {difference.here!r}, there "
                   f"{difference.there!r}")
    for row in table.stale():
        yield f"differences.toml: nothing is covered any more by {row['calls']!r}, {row['what']!r}"


sys.exit(main())
