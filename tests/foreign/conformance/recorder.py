"""Makes calls, records the replies and has them checked.

A `Run` is one pass over all cases against one target. The cases do not know the target. Expectations
are checked on the local cloud only; another implementation's replies are compared with it afterwards.
"""

import contextlib
import dataclasses
import fnmatch
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import botocore.auth
import botocore.awsrequest
import botocore.client
import botocore.config
import botocore.exceptions
import botocore.httpsession
import botocore.parsers
import botocore.session
import urllib3

import known
import model

AWS = Path(sys.executable).parent / "aws"
REGION = "us-east-1"
CONFIG = botocore.config.Config(
    retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=60, inject_host_prefix=False
)


@dataclasses.dataclass
class Reply:
    """One recorded reply."""

    service: str
    operation: str
    case: str
    status: int
    code: str | None
    message: str | None
    output: dict
    problems: list

    @property
    def name(self):
        return f"{self.service}/{self.operation}/{self.case}"


class Tap:
    """Stands in for a client's HTTP session and keeps the last reply's bytes."""

    def __init__(self, inner):
        self.inner = inner
        self.last = None

    def send(self, request):
        response = self.inner.send(request)
        content = response.content
        self.last = (response.status_code, response.headers, content)
        if request.stream_output:
            response.raw = urllib3.HTTPResponse(io.BytesIO(content), preload_content=False)
        return response

    def close(self):
        self.inner.close()


@dataclasses.dataclass
class Target:
    """Where calls go, and the access key that signs them."""

    name: str
    endpoint: str
    access_key: str
    secret_key: str
    environment: dict
    program: Path | None = None
    token: str | None = None

    @property
    def is_local(self):
        return self.name == "local"


class Run:
    """All replies of one target."""

    def __init__(self, target):
        self.target = target
        self.replies = {}
        self.waits = []
        self.probes = []
        self.cli_calls = []
        self.failures = []
        self.left = set()
        self.ended = {}
        self.session = botocore.session.get_session()
        self.clients = {}

    def of(self, service):
        return Service(self, service)

    def fail(self, what):
        """Records a problem, unless it is a known one."""
        left = [name for name in known.LEFT if what.startswith(f"{name}:")]
        if self.target.is_local and left:
            self.left.update(left)
        elif self.target.is_local:
            self.failures.append(what)

    def client(self, service):
        if service not in self.clients:
            client = self.session.create_client(
                service, region_name=REGION, endpoint_url=self.target.endpoint, config=CONFIG,
                aws_access_key_id=self.target.access_key, aws_secret_access_key=self.target.secret_key, aws_session_token=self.target.token,
            )
            tap = client._endpoint.http_session = Tap(client._endpoint.http_session)
            self.clients[service] = (client, tap)
        return self.clients[service]

    @contextlib.contextmanager
    def signed_by(self, credentials):
        """Signs calls with other credentials."""
        own, self.clients, target = self.clients, {}, self.target
        self.target = dataclasses.replace(
            target, access_key=credentials["AccessKeyId"], secret_key=credentials["SecretAccessKey"],
            token=credentials.get("SessionToken"),
        )
        try:
            yield
        finally:
            self.clients, self.target = own, target

    def cases(self, service, sections):
        """Runs a service's sections. One that raises does not stop the others."""
        for section in sections:
            try:
                section(self.of(service))
            except Exception as problem:  # the next section does not depend on this one
                self.ended[f"{service}/{section.__name__}"] = f"{type(problem).__name__}: {problem}"
                self.fail(f"{service}: the section {section.__name__} broke: {type(problem).__name__}: {problem}")


class Service:
    """Calls to one service."""

    def __init__(self, run, name):
        self.run = run
        self.name = name
        self.is_local = run.target.is_local
        self.model = run.session.get_service_model(name)

    def ok(self, operation, case, /, **parameters):
        """A call that must succeed. Returns its output."""
        reply = self._call(operation, case, parameters)
        if reply.code:
            self.run.fail(f"{reply.name}: {reply.status} {reply.code}: {reply.message}")
        return reply.output

    def no(self, code, operation, case, /, text=None, **parameters):
        """A call that must be refused with this code, and this text (a pattern of fnmatch)."""
        reply = self._call(operation, case, parameters)
        self._refused(reply, code, text)
        return reply.output

    def _refused(self, reply, code, text):
        if reply.code != code:
            self.run.fail(f"{reply.name}: {reply.code}: {reply.message}, not {code}")
        elif text is not None and not fnmatch.fnmatchcase(reply.message or "", text.replace("[", "[[]")):
            self.run.fail(f"{reply.name}: the text is {reply.message!r}, not {text!r}")

    def until(self, operation, ready, /, **parameters):
        """Repeats a call until its output is ready, for at most 20 s; elsewhere nothing is delayed.

        Replies are checked, but not counted.
        """
        deadline = time.monotonic() + (20 if self.is_local else 1)
        while True:
            reply = self._make(operation, "while waiting", parameters)
            self.run.waits.append(reply)
            if ready(reply.output if reply.code is None else None) or time.monotonic() > deadline:
                return reply.output
            time.sleep(0.02)

    def _call(self, operation, case, parameters):
        reply = self._make(operation, case, parameters)
        if reply.name in self.run.replies:
            raise AssertionError(f"two cases are called {reply.name}")
        self.run.replies[reply.name] = reply
        return reply

    def _make(self, operation, case, parameters):
        client, tap = self.run.client(self.name)
        tap.last = None
        try:
            output = client._make_api_call(operation, parameters)
            output.pop("ResponseMetadata", None)
            error = {}
        except botocore.exceptions.ClientError as problem:
            output, error = {}, problem.response.get("Error", {})
            rest = {name: value for name, value in problem.response.items()
                    if name not in ("Error", "ResponseMetadata", "message", "Message", "Type", "__type")}
            output.update(rest)
        except botocore.parsers.ResponseParserError:
            output, error = {}, {"Code": "unreadable", "Message": "no client can read it"}
        for name, value in output.items():
            if hasattr(value, "read"):
                output[name] = value.read().decode()
        return self._checked(operation, case, output, error, *tap.last)

    def _checked(self, operation, case, output, error, status, headers, body):
        findings = model.check_reply(self.model.operation_model(operation), status, headers, body)
        # An error outside the protocol, such as an HTML page, is named by its status.
        code = findings.code or error.get("Code") or (None if status < 300 else str(status))
        message = findings.message or error.get("Message")
        return Reply(self.name, operation, case, status, code, message, output, findings.problems)

    def raw(self, code, operation, case, /, body=b"", path="/", method="POST", text=None, sign=True, key=None,
            **headers):
        """A request as bytes, signed unless `sign` is false, that must be refused."""
        reply = self.bytes_reply(operation, case, body, path, method, sign, headers, key)
        self.run.replies[reply.name] = reply
        self._refused(reply, code, text)
        return reply

    def bytes_reply(self, operation, case, body, path="/", method="POST", sign=True, headers=None, key=None):
        """The checked reply to a request as bytes."""
        headers = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        target = self.run.target
        request = botocore.awsrequest.AWSRequest(method, target.endpoint + path, headers, body)
        if sign:
            secret = target.secret_key if sign is True else sign
            credentials = botocore.credentials.Credentials(key or target.access_key, secret)
            botocore.auth.SigV4Auth(credentials, self.model.signing_name, REGION).add_auth(request)
        response = botocore.httpsession.URLLib3Session().send(request.prepare())
        return self._checked(operation, case, {}, {}, response.status_code, response.headers, response.content)

    def opaque(self, output, name):
        """A token or id in an output; another implementation may have none."""
        return output[name] if self.is_local else output.get(name, "none")

    def cli(self, arguments, check, code=None):
        """The same through the AWS CLI, on the local cloud only."""
        if not self.is_local:
            return None
        # For SQS, version 1 of the CLI uses only the flag.
        endpoint = ["--endpoint-url", self.run.target.endpoint] if self.name == "sqs" else []
        done = subprocess.run(
            [AWS, self.name, *arguments, *endpoint, "--output", "json"],
            env=self.run.target.environment, capture_output=True, text=True,
        )
        name = f"aws {self.name} {arguments[0]}"
        self.run.cli_calls.append(name)
        if code is not None:
            if f"({code})" not in done.stderr:
                self.run.fail(f"{name}: {done.stderr.strip()}, not {code}")
            return None
        output = json.loads(done.stdout) if done.stdout.strip() else {}
        if done.returncode != 0 or not check(output):
            self.run.fail(f"{name}: {done.returncode} {done.stdout} {done.stderr.strip()}")
        return output

    def skip(self, seconds):
        """Moves lab time ahead."""
        self._local("fast-forward", f"{seconds}s")

    def chaos(self, profile, *settings):
        """Sets the local cloud's chaos profile."""
        self._local("chaos", profile, *(word for setting in settings for word in ("--set", setting)))

    def _local(self, *arguments):
        command = [self.run.target.program, "local", *arguments, "--quiet"]
        subprocess.run(command, env=self.run.target.environment, check=True, capture_output=True)
