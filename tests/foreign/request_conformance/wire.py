"""Reads recorded requests: which operation of which service each is, and with what parameters.

The local cloud records what it is sent when ORDERS_LAB_RECORD names a file. Here a record is taken
apart by botocore's models alone; what does not fit them is a `InvalidRequest`.
"""

import base64
import dataclasses
import json
import re
import urllib.parse

import botocore.session

SESSION = botocore.session.get_session()
# By the name in the scope of a signature.
MODELS = {
    SESSION.get_service_model(name).signing_name: SESSION.get_service_model(name)
    for name in ["sqs", "dynamodb", "lambda", "iam", "sts", "logs", "resourcegroupstaggingapi"]
}
REGION = "us-east-1"
# The tool's own service, which controls the local cloud.
OWN = "orders-lab"


class InvalidRequest(Exception):
    """A request that is not one of its service."""


@dataclasses.dataclass
class Request:
    """A request as the model sees it."""

    operation: object  # botocore's OperationModel
    parameters: dict  # by the names on the wire, in the form of JSON
    payload: bytes | None  # the body, where the operation takes it as it is


@dataclasses.dataclass
class Record:
    """One line of the record."""

    method: str
    path: str
    query: str
    headers: dict
    scope: str
    body: bytes
    status: int | None
    error: str | None

    @classmethod
    def read(cls, line):
        fields = json.loads(line)
        fields.pop("at")
        return cls(**{**fields, "body": base64.b64decode(fields["body"])})

    @property
    def service(self):
        return self.scope.split("/")[3]

    @property
    def by_function(self):
        """Whether a function signed it: only functions have temporary keys, which begin so."""
        return self.scope.startswith("ASIA")

    def request(self):
        """What is asked for."""
        _, _, region, service, end = self.scope.split("/")
        if service not in MODELS:
            raise InvalidRequest(f"there is no service {service}")
        if (region, end) != (REGION, "aws4_request"):
            raise InvalidRequest(f"it is signed for {self.scope}")
        model = MODELS[service]
        read = {"json": self._json, "query": self._query, "rest-json": self._rest}
        spoken = [model.metadata["protocol"], *model.metadata.get("protocols", [])]
        return next(read[protocol] for protocol in spoken if protocol in read)(model)

    def _json(self, model):
        prefix, _, name = self.headers.get("x-amz-target", "").partition(".")
        wanted = f"application/x-amz-json-{model.metadata['jsonVersion']}"
        if (self.method, self.path, self.query) != ("POST", "/", ""):
            raise InvalidRequest(f"{self.method} {self.path}?{self.query}")
        if prefix != model.metadata["targetPrefix"] or self.headers.get("content-type") != wanted:
            raise InvalidRequest(f"x-amz-target {prefix}.{name} with content-type {self.headers.get('content-type')}")
        return Request(_operation(model, name), _object(self.body), None)

    def _query(self, model):
        if (self.method, self.path, self.query) != ("POST", "/", ""):
            raise InvalidRequest(f"{self.method} {self.path}?{self.query}")
        if self.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise InvalidRequest(f"content-type {self.headers.get('content-type')}")
        pairs = urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise InvalidRequest("a field comes twice")
        if fields.pop("Version", None) != model.api_version:
            raise InvalidRequest("another version of the API")
        operation = _operation(model, fields.pop("Action", ""))
        return Request(operation, _tree(fields, operation.input_shape), None)

    def _rest(self, model):
        for name in model.operation_names:
            operation = model.operation_model(name)
            labels = _match(operation.http, self.method, self.path)
            if labels is not None:
                return self._fitted(operation, labels)
        raise InvalidRequest(f"no operation is {self.method} {self.path}")

    def _fitted(self, operation, labels):
        shape = operation.input_shape
        members = dict(shape.members) if shape else {}
        at = {name: member.serialization.get("location") for name, member in members.items()}
        wire = {name: member.serialization.get("name", name) for name, member in members.items()}
        query = urllib.parse.parse_qs(self.query, keep_blank_values=True)
        found, payload = {}, None
        for name, member in members.items():
            if at[name] == "uri":
                found[name] = _scalar(member, labels.pop(wire[name]))
            elif at[name] == "querystring" and wire[name] in query:
                values = query.pop(wire[name])
                many = member.type_name == "list"
                found[name] = values if many else _scalar(member, ",".join(values))
            elif at[name] == "header" and wire[name].lower() in self.headers:
                found[name] = _scalar(member, self.headers[wire[name].lower()])
        if query:
            raise InvalidRequest(f"{operation.name} has no query {sorted(query)}")
        if shape and shape.serialization.get("payload"):
            payload = self.body
        elif self.body:
            if self.headers.get("content-type") != "application/json":
                raise InvalidRequest(f"content-type {self.headers.get('content-type')}")
            inside = {wire[name] for name in members if at[name] is None}
            body = _object(self.body)
            if not body.keys() <= inside:
                raise InvalidRequest(f"{operation.name} has no {sorted(body.keys() - inside)} in its body")
            found.update(body)
        return Request(operation, found, payload)


def _operation(model, name):
    if name not in model.operation_names:
        raise InvalidRequest(f"{model.service_name} has no operation {name!r}")
    return model.operation_model(name)


def _object(body):
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        raise InvalidRequest("the body is no object")
    return value


def _match(http, method, path):
    """The labels of a path; None where it is another operation's."""
    template = http["requestUri"].partition("?")[0]
    pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}", r"(?P<\1>[^/]+)", re.escape(template.rstrip("/")))
    found = re.fullmatch(pattern, path.rstrip("/")) if method == http["method"] else None
    return found and {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}


def _scalar(shape, text):
    """A text of a path, a query or a header as JSON would have it."""
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    return text


def _tree(fields, shape):
    """The parameters in a form's fields: `Tags.member.1.Key` and so on."""
    if shape is None:
        if fields:
            raise InvalidRequest(f"fields where there is no input: {sorted(fields)}")
        return {}
    if shape.type_name == "structure":
        return {name: _tree(below, _member(shape, name)) for name, below in _grouped(fields)}
    if shape.type_name == "list":
        inside = dict(_grouped(fields))
        if inside.keys() != {"member"}:
            raise InvalidRequest(f"a list of {sorted(inside)}")
        numbered = dict(_grouped(inside["member"]))
        wanted = [str(number + 1) for number in range(len(numbered))]
        if sorted(numbered, key=len) != wanted and set(numbered) != set(wanted):
            raise InvalidRequest(f"a list is numbered {sorted(numbered)}")
        return [_tree(numbered[number], shape.member) for number in wanted]
    if fields.keys() != {""}:
        raise InvalidRequest(f"a {shape.type_name} has fields {sorted(fields)}")
    return _scalar(shape, fields[""])


def _member(shape, name):
    named = {member.serialization.get("name", key): member for key, member in shape.members.items()}
    if name not in named:
        raise InvalidRequest(f"{shape.name} has no field {name}")
    return named[name]


def _grouped(fields):
    """The fields by the first part of their names."""
    groups = {}
    for name, value in fields.items():
        first, _, rest = name.partition(".")
        groups.setdefault(first, {})[rest] = value
    return groups.items()
