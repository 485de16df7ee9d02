"""Checks one reply, byte for byte, against botocore's model of its operation.

It finds what botocore's own parser ignores: missing required members, unknown ones, a
number where a string belongs, a value that is in no enumeration, a time in the wrong format, an
error that the operation does not have, a wrong status or header.
"""

import base64
import binascii
import json
import re
from xml.etree import ElementTree

import known

NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Findings:
    """A reply's error code and message, and its problems."""

    def __init__(self):
        self.code = None
        self.message = None
        self.problems = []

    def add(self, problem):
        self.problems.append(problem)


def check_reply(operation, status, headers, body):
    """Checks a reply to `operation` (botocore's OperationModel). Headers are case-insensitive."""
    protocol = operation.service_model.resolved_protocol
    findings = Findings()
    if not headers.get("x-amzn-requestid"):
        findings.add("no x-amzn-requestid header")
    try:
        check = {"json": Json, "rest-json": _RestJson, "query": _Query}[protocol]
        check(operation, status, headers, body, findings).run()
    except (ValueError, ElementTree.ParseError) as problem:
        findings.add(f"the body cannot be read: {problem}")
    return findings


class _Protocol:
    def __init__(self, operation, status, headers, body, findings):
        self.operation = operation
        self.service = operation.service_model.service_name
        self.status = status
        self.headers = headers
        self.body = body
        self.findings = findings

    def report(self, problem):
        self.findings.add(problem)

    def run(self):
        if self.status < 300:
            self.success()
        else:
            self.failure()

    def content_type(self, wanted):
        if self.headers.get("content-type") != wanted:
            self.report(f"content-type is {self.headers.get('content-type')}, not {wanted}")

    def is_status(self, wanted):
        wanted = known.SUCCESS.get((self.service, self.operation.name), {wanted})
        if self.status not in wanted:
            self.report(f"status {self.status}, not {sorted(wanted)}")

    def error(self, code, message):
        """Checks an error by its code: it must be one of the operation's, with its status."""
        self.findings.code, self.findings.message = code, message
        if not code:
            self.report("an error without a code")
            return None
        if not isinstance(message, str) or not message:
            self.report("an error without a text")
        shapes = {known.wire_code(shape): shape for shape in self.operation.error_shapes}
        shape = shapes.get(code)
        wanted = known.status(self.service, self.operation.name, code, shape)
        if wanted is None:
            self.report(f"the operation has no error {code}")
        elif self.status != wanted:
            self.report(f"status {self.status} with {code}, not {wanted}")
        return shape


class Json(_Protocol):
    def success(self):
        self.is_status(200)
        self.content_type(f"application/x-amz-json-{self.operation.service_model.metadata['jsonVersion']}")
        shape = self.operation.output_shape
        if shape is None:
            if self.body not in (b"", b"{}"):
                self.report("a body where the operation has no output")
        else:
            self.walk(shape, json.loads(self.body), "")

    def failure(self):
        self.content_type(f"application/x-amz-json-{self.operation.service_model.metadata['jsonVersion']}")
        body = json.loads(self.body)
        code = body.pop("__type", "").rpartition("#")[2]
        message = body.get("message", body.get("Message"))
        shape = self.error(code, message)
        if self.service == "sqs":
            fault = "Sender" if self.status < 500 else "Receiver"
            wanted = f"{known.query_code(code)};{fault}"
            if self.headers.get("x-amzn-query-error") != wanted:
                self.report(f"x-amzn-query-error is {self.headers.get('x-amzn-query-error')}, not {wanted}")
        self.error_members(shape, body)

    def error_members(self, shape, body):
        """An error's own members. The text is always there, also where the model has none."""
        if shape is None or not any(name.lower() == "message" for name in shape.members):
            body.pop("message" if "message" in body else "Message", None)
        if shape is not None:
            self.walk(shape, body, "error")
            for name in shape.members:
                if name.lower() == "message" and name not in body:
                    self.report(f"the error's text is not in {name}")
        elif body:
            self.report(f"an unmodelled error has members: {sorted(body)}")

    def walk(self, shape, value, path):
        getattr(self, f"walk_{shape.type_name}", self.walk_number)(shape, value, path)

    def walk_structure(self, shape, value, path):
        if not self.is_type(value, dict, path):
            return
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()
                   if "location" not in member.serialization}
        required = {shape.members[name].serialization.get("name", name) for name in shape.required_members
                    if "location" not in shape.members[name].serialization}
        for name, item in value.items():
            if (self.service, name) in known.MEMBERS:
                continue
            if name not in members:
                self.report(f"{path}.{name} is in no model")
            elif item is not None:  # null counts as absent, for AWS's clients as well
                self.walk(members[name], item, f"{path}.{name}")
        for name in required:
            if value.get(name) is None and not known.omitted(self.service, self.operation.name, name):
                self.report(f"{path}.{name} is required and missing")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.report(f"{path} is a union of {len(value)} members")

    def walk_list(self, shape, value, path):
        if self.is_type(value, list, path):
            for index, item in enumerate(value):
                self.walk(shape.member, item, f"{path}[{index}]")

    def walk_map(self, shape, value, path):
        if self.is_type(value, dict, path):
            for name, item in value.items():
                self.walk(shape.key, name, f"{path}'s key")
                self.walk(shape.value, item, f"{path}.{name}")

    def walk_string(self, shape, value, path):
        if self.is_type(value, str, path):
            self.text(shape, value, path)

    def walk_boolean(self, _shape, value, path):
        self.is_type(value, bool, path)

    def walk_number(self, shape, value, path):
        if isinstance(value, bool):
            self.report(f"{path} is a truth value")
        elif self.is_type(value, NUMBERS[shape.type_name], path):
            self.range(shape, value, path)

    def walk_blob(self, _shape, value, path):
        if self.is_type(value, str, path):
            try:
                base64.b64decode(value, validate=True)
            except binascii.Error:
                self.report(f"{path} is not base64")

    def walk_timestamp(self, shape, value, path):
        if shape.serialization.get("timestampFormat") == "iso8601":
            if not isinstance(value, str) or not ISO_TIME.fullmatch(value):
                self.report(f"{path} is no time of ISO 8601: {value!r}")
        elif self.is_type(value, (int, float), path) and not 1e9 < value < 1e10:
            self.report(f"{path} is no time in seconds: {value!r}")

    def is_type(self, value, wanted, path):
        if isinstance(value, wanted):
            return True
        self.report(f"{path} is {type(value).__name__}")
        return False

    def text(self, shape, value, path):
        beside = known.VALUES.get((self.service, path.rpartition(".")[2]), set())
        if shape.enum and value not in {*shape.enum, *beside}:
            self.report(f"{path} is {value!r}, which is not in the enumeration")
        self.range(shape, len(value), f"the length of {path}")
        pattern = shape.metadata.get("pattern")
        if pattern and "\\p{" not in pattern and not re.fullmatch(pattern, value, re.DOTALL):
            self.report(f"{path} does not match {pattern}: {value!r}")

    def range(self, shape, value, path):
        least = known.BELOW.get((self.service, path.rpartition(".")[2]), shape.metadata.get("min", value))
        if value < least or value > shape.metadata.get("max", value):
            self.report(f"{path} is out of range: {value}")


class _RestJson(Json):
    def success(self):
        self.is_status(self.operation.http.get("responseCode", 200))
        shape = self.operation.output_shape
        if shape is None:
            if self.body:
                self.report("a body where the operation has no output")
            return
        for name, member in shape.members.items():
            if member.serialization.get("location") == "header":
                value = self.headers.get(member.serialization["name"])
                if value is not None:
                    self.text(member, value, f"header {name}")
        in_body = [name for name, member in shape.members.items() if "location" not in member.serialization]
        if not in_body and self.body:
            self.report("a body where the operation has no output")
        if in_body and "payload" not in shape.serialization:
            self.content_type("application/json")
            self.walk(shape, json.loads(self.body), "")

    def failure(self):
        self.content_type("application/json")
        body = json.loads(self.body)
        code = self.headers.get("x-amzn-errortype")
        message = body.get("message", body.get("Message"))
        shape = self.error(code, message)
        if shape is None:
            body.pop("Type", None)
        self.error_members(shape, body)


class _Query(Json):
    """XML: its texts are converted to what JSON would have, and then walked like JSON."""

    def success(self):
        self.is_status(200)
        self.content_type("text/xml")
        root = self.document(f"{self.operation.name}Response")
        shape = self.operation.output_shape
        children = {self.local(child): child for child in root}
        wanted = {"ResponseMetadata"} | ({shape.serialization["resultWrapper"]} if shape else set())
        if children.keys() != wanted or len(children) != len(root):
            self.report(f"the reply has {sorted(children)}, not {sorted(wanted)}")
        if children["ResponseMetadata"].findtext(f"{self.space}RequestId") is None:
            self.report("no RequestId")
        if shape is not None and shape.serialization["resultWrapper"] in children:
            self.walk(shape, self.value(shape, children[shape.serialization["resultWrapper"]], ""), "")

    def failure(self):
        self.content_type("text/xml")
        root = self.document("ErrorResponse")
        found = root.find(f"{self.space}Error")
        fields = {self.local(child): child.text for child in found} if found is not None else {}
        if fields.get("Type") != ("Sender" if self.status < 500 else "Receiver"):
            self.report(f"the error's Type is {fields.get('Type')}")
        if root.findtext(f"{self.space}RequestId") is None:
            self.report("no RequestId")
        self.error(fields.get("Code"), fields.get("Message"))

    def document(self, name):
        self.space = f"{{{self.operation.service_model.metadata['xmlNamespace']}}}"
        root = ElementTree.fromstring(self.body)
        if root.tag != f"{self.space}{name}":
            self.report(f"the document is {root.tag}, not {self.space}{name}")
        return root

    def local(self, element):
        if not element.tag.startswith(self.space):
            self.report(f"{element.tag} is in another namespace")
        return element.tag.rpartition("}")[2]

    def value(self, shape, element, path):
        if shape.type_name == "structure":
            return self.structure(shape, element, path)
        if shape.type_name == "list":
            wanted = shape.member.serialization.get("name", "member")
            for child in element:
                if self.local(child) != wanted:
                    self.report(f"{path} has an element {self.local(child)}, not {wanted}")
            return [self.value(shape.member, child, f"{path}[{index}]") for index, child in enumerate(element)]
        text = element.text or ""
        if len(element):
            self.report(f"{path} has elements in it")
        if shape.type_name == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if shape.type_name in NUMBERS:
            return int(text) if re.fullmatch(r"-?\d+", text) else text
        return text

    def structure(self, shape, element, path):
        found = {}
        for child in element:
            name = self.local(child)
            if name in found:
                self.report(f"{path}.{name} comes twice")
            member = shape.members.get(name)
            found[name] = self.value(member, child, f"{path}.{name}") if member else child.text
        return found

    def walk_timestamp(self, _shape, value, path):
        if not ISO_TIME.fullmatch(value):
            self.report(f"{path} is no time of ISO 8601: {value!r}")
