"""Differences from another implementation's replies, and whether the reason is written down.

A difference is named by its call and by what differs: `outcome`, `status`, `code`, `text`,
`only here: MEMBER`, `only there: MEMBER`, `value: MEMBER` or `the section ends`. The table in
differences.toml has patterns of both, and a reason. A difference that no pattern covers fails the run,
and so does a pattern that no longer covers anything.
"""

import dataclasses
import datetime
import fnmatch
import re
import tomllib
from pathlib import Path

TABLE = Path(__file__).with_name("differences.toml")

# Different each time, wherever they occur.
SHAPES = [
    (re.compile(r"http://(127\.0\.0\.1|localhost):\d+"), "ENDPOINT"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"A(ROA|SIA|KIA)[A-Z0-9]{12,}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+0000)"), "TIME"),
    (re.compile(r"\b1[0-9]{12}\b"), "MILLISECONDS"),
    (re.compile(r"\b1[0-9]{9}(\.\d+)?\b"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA256"),
]

# Opaque values, which are each implementation's own.
OPAQUE = {
    "ReceiptHandle", "TaskHandle", "NextToken", "nextToken", "nextForwardToken", "nextBackwardToken", "Marker", "NextMarker",
    "eventId", "SessionToken", "SecretAccessKey", "AccessKeyId", "RevisionId", "RoleId", "UserId", "AssumedRoleId", "PolicyId",
    "TableId", "CodeSha256", "Location", "uploadSequenceToken", "nextSequenceToken",
}


# What lists are ordered by.
NAMES = ["Key", "Id", "RoleName", "UUID"]


@dataclasses.dataclass
class Difference:
    """One thing that differs in one call."""

    call: str
    what: str
    here: str
    there: str
    reason: str | None = None


def flat(value, path=""):
    """The leaves of a reply by their paths, with what is different each time replaced."""
    if isinstance(value, dict):
        if not value:
            yield path, "{}"
        for name, item in value.items():
            yield from flat("OPAQUE" if name in OPAQUE else item, f"{path}.{name}" if path else name)
    elif value is None:
        yield path, "null"
    elif isinstance(value, (list, tuple)):
        if not value:
            yield path, "[]"
        else:
            yield f"{path}.length", str(len(value))
        for index, item in enumerate(sorted(value, key=key_of)):
            yield from flat(item, f"{path}.{index}")
    elif isinstance(value, datetime.datetime):
        yield path, "TIME"
    else:
        yield path, normal(value if isinstance(value, str) else repr(value))


def key_of(item):
    """Sorts lists of named things, which have no order. Others keep theirs."""
    if isinstance(item, dict):
        return str(next((item[name] for name in NAMES if name in item), ""))
    return ""


def normal(text):
    for shape, name in SHAPES:
        text = shape.sub(name, text)
    return text


def compare(here, there):
    """All differences between the replies of two runs."""
    found = []
    for name, ours in here.replies.items():
        theirs = there.replies.get(name)
        if theirs is not None:
            found += [Difference(name, *difference) for difference in between(ours, theirs)]
    for section, problem in there.ended.items():
        found.append(Difference(section, "the section ends", "runs to its end", normal(problem)))
    return found


def between(ours, theirs):
    if (ours.code is None) != (theirs.code is None):
        yield "outcome", outcome(ours), outcome(theirs)
        return
    if ours.status != theirs.status:
        yield "status", str(ours.status), str(theirs.status)
    if ours.code != theirs.code:
        yield "code", ours.code, theirs.code
    elif ours.code and normal(ours.message or "") != normal(theirs.message or ""):
        yield "text", normal(ours.message or ""), normal(theirs.message or "")
    yield from members(ours.output, theirs.output)


def members(ours, theirs):
    """Differences of two outputs; lists of different lengths are not looked into."""
    ours, theirs = dict(flat(ours)), dict(flat(theirs))
    uneven = [path.removesuffix("length") for path in ours.keys() & theirs.keys()
              if path.endswith(".length") and ours[path] != theirs[path]]
    for path in sorted(ours.keys() | theirs.keys()):
        if any(path.startswith(list_of) and path != f"{list_of}length" for list_of in uneven):
            continue
        if path not in theirs:
            yield f"only here: {path}", ours[path], ""
        elif path not in ours:
            yield f"only there: {path}", "", theirs[path]
        elif ours[path] != theirs[path]:
            yield f"value: {path}", ours[path], theirs[path]


def outcome(reply):
    if reply.code and reply.code.isdigit():
        return f"{reply.code}, and a page for people"
    return f"{reply.code}: {normal(reply.message or '')}" if reply.code else "success"


class Table:
    """The expected differences."""

    def __init__(self, text=None):
        self.rows = tomllib.loads(TABLE.read_text() if text is None else text).get("difference", [])
        self.used = set()

    def explain(self, differences):
        """Gives each difference its reason: the first row's that covers it."""
        for difference in differences:
            for index, row in enumerate(self.rows):
                calls = row["calls"] if isinstance(row["calls"], list) else [row["calls"]]
                whats = row["what"] if isinstance(row["what"], list) else [row["what"]]
                if covers(calls, difference.call) and covers(whats, difference.what):
                    difference.reason = row["reason"]
                    self.used.add(index)
                    break

    def stale(self):
        return [row for index, row in enumerate(self.rows) if index not in self.used]


def covers(patterns, name):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
