"""Checks one request against botocore's model of its operation: everything that the model states.

The walk is that of the check of replies. Requests are also checked for the sizes of lists, maps and
bytes, for patterns with Unicode classes, and for deprecated members.
"""

import base64
import sys
from pathlib import Path

import regex

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "conformance"))

import model  # noqa: E402  (of the check of replies)


def check(request):
    """The problems of a request."""
    findings = model.Findings()
    rules = _Rules(request.operation, 0, {}, b"", findings)
    shape = request.operation.input_shape
    if shape is not None:
        rules.walk_input(shape, request.parameters)
        if request.payload is not None:
            rules.walk_payload(shape.members[shape.serialization["payload"]], request.payload)
    elif request.parameters:
        findings.add("parameters where the operation has no input")
    return findings.problems


# A union in DynamoDB's documentation, and only a structure in the model.
UNIONS = {"AttributeValue"}


class _Rules(model.Json):
    def walk_input(self, shape, value):
        """The input itself: its members may be in the path, the query, the headers or the body."""
        by_wire = {}
        for name, member in shape.members.items():
            inside = "location" not in member.serialization
            by_wire[member.serialization.get("name", name) if inside else name] = (name, member)
        for wire, item in value.items():
            if wire not in by_wire:
                self.report(f".{wire} is in no model")
            elif item is not None:
                self.deprecated(by_wire[wire][1], f".{wire}")
                self.walk(by_wire[wire][1], item, f".{wire}")
        there = {by_wire[wire][0] for wire, item in value.items() if wire in by_wire and item is not None}
        payload = {shape.serialization.get("payload")}
        for name in set(shape.required_members) - there - payload:
            self.report(f".{name} is required and missing")

    def walk_structure(self, shape, value, path):
        super().walk_structure(shape, value, path)
        if isinstance(value, dict):
            for name in value.keys() & shape.members.keys():
                self.deprecated(shape.members[name], f"{path}.{name}")
            if shape.name in UNIONS and len(value) != 1:
                self.report(f"{path} is a union of {len(value)} members")

    def deprecated(self, member, path):
        if member.metadata.get("deprecated"):
            self.report(f"{path} is deprecated")

    def walk_list(self, shape, value, path):
        super().walk_list(shape, value, path)
        if isinstance(value, list):
            self.range(shape, len(value), f"the number of {path}")

    def walk_map(self, shape, value, path):
        super().walk_map(shape, value, path)
        if isinstance(value, dict):
            self.range(shape, len(value), f"the number of {path}")

    def walk_blob(self, shape, value, path):
        super().walk_blob(shape, value, path)
        if isinstance(value, str):
            self.range(shape, len(base64.b64decode(value)), f"the length of {path}")

    def walk_payload(self, shape, value):
        if shape.type_name != "blob":
            self.report(f"the body is a {shape.type_name}")
        self.range(shape, len(value), "the length of the body")

    def text(self, shape, value, path):
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            self.report(f"{path} is {value!r}, which is not in the enumeration")
        self.range(shape, len(value), f"the length of {path}")
        if pattern and not regex.fullmatch(pattern, value, regex.DOTALL):
            self.report(f"{path} does not match {pattern}: {value!r}")
