"""The errors that the local cloud can return, read from its sources, and those that no case causes."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3] / "local-cloud/src"

# The functions that create an error from its name.
MAKERS = re.compile(r'(?:AwsError::new|prefixed|error_name)\(\s*"([A-Z]\w+)"(?:,\s*"([A-Z]\w+)")?')

# Operations that exist and that no case calls.
UNCALLED = {
    ("dynamodb", "ExecuteTransaction"): "dynoxide has a suite of its own; this is a smoke set",
    ("dynamodb", "SearchVectors"): "dynoxide has a suite of its own; this is a smoke set",
}

# Errors that exist and that no case causes.
UNSEEN = {
    "OverLimit": "needs 120,000 messages in flight; the engine's tests have it",
    "InternalFailure": "a fault of the local cloud itself",
    "CodeStorageExceededException": "needs 75 GiB of packages; the engine's tests have it",
    "RequestHeaderSectionTooLarge": "the gateway's tests have it",
    "RequestTimeout": "needs a client that stalls; the gateway's tests have it",
    "IncompleteBody": "needs a client that breaks off",
    "MisdirectedRequest": "check.py has it",
    "MalformedHttpRequestException": "no client sends one; the gateway's tests have it",
    "ServiceUnavailable": "needs hundreds of requests at once; the gateway's tests have it",
    "UnsupportedMediaTypeException": "the gateway's tests have it",
}


def unseen(seen):
    """The errors in the sources that were neither seen nor listed above."""
    there = set()
    for path in ROOT.rglob("*.rs"):
        if "tests" in path.parts or path.name == "tests.rs":
            continue
        for match in MAKERS.finditer(path.read_text()):
            there.update(code for code in match.groups() if code)
    return sorted(there - seen - UNSEEN.keys())
