"""Lambda: functions, their settings, invocations, tags; each error that a client can cause."""

import json
import os

from cases.iam import TRUST, new
from package import bomb, package

ACCOUNT = "000000000000"
ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": ["sqs:*", "logs:*"], "Resource": "*"}]})
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"


def asked(name, **others):
    return {"FunctionName": name, "Role": ROLE, "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Code": {"ZipFile": package()}, **others}


def settled(output):
    configuration = output and output.get("Configuration")
    return configuration and configuration.get("State") == "Active" and configuration.get("LastUpdateStatus") == "Successful"


def settle(functions, name):
    functions.until("GetFunction", settled, FunctionName=name)


def creation(functions):
    iam = functions.run.of("iam")
    iam.ok("CreateRole", "for functions", RoleName="runner", AssumeRolePolicyDocument=TRUST)
    iam.ok("PutRolePolicy", "for functions", RoleName="runner", PolicyName="all", PolicyDocument=POLICY)
    functions.ok("ListFunctions", "none there")
    functions.ok("GetAccountSettings", "at first")
    functions.ok("CreateFunction", "the least", **asked("least"))
    settle(functions, "least")
    functions.ok("GetFunction", "the least", FunctionName="least")
    functions.ok("GetFunctionConfiguration", "the least", FunctionName="least")
    functions.ok("GetFunctionConfiguration", "by its ARN", FunctionName=ARN + "least")
    functions.ok("GetFunctionConfiguration", "by a part of its ARN", FunctionName=f"{ACCOUNT}:function:least")
    functions.ok("GetFunctionConfiguration", "of $LATEST", FunctionName="least", Qualifier="$LATEST")
    functions.ok("CreateFunction", "the most", **asked(
        "most", Description="all of it", Timeout=900, MemorySize=10240, EphemeralStorage={"Size": 10240},
        Architectures=["x86_64"], Environment={"Variables": {"KEY": "value"}}, Tags={"a": "1"},
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN", "LogGroup": "/own"}))
    settle(functions, "most")
    functions.ok("GetFunction", "the most", FunctionName="most")
    functions.ok("ListFunctions", "two")
    page = functions.ok("ListFunctions", "page one", MaxItems=1)
    functions.ok("ListFunctions", "page two", MaxItems=1, Marker=functions.opaque(page, "NextMarker"))
    functions.ok("GetAccountSettings", "with two")


def updates(functions):
    here = {"FunctionName": "most"}
    functions.ok("UpdateFunctionConfiguration", "much", Timeout=3, MemorySize=128, Description="",
                 Environment={"Variables": {}}, LoggingConfig={"LogFormat": "Text"}, **here)
    settle(functions, "most")
    functions.ok("GetFunctionConfiguration", "changed", **here)
    functions.ok("UpdateFunctionCode", "in play", ZipFile=package(content="#!/bin/sh\n"), DryRun=True, **here)
    functions.ok("UpdateFunctionCode", "the same", ZipFile=package(), **here)
    settle(functions, "most")
    functions.no("PreconditionFailedException", "UpdateFunctionConfiguration", "of another revision", RevisionId="x",
                 Timeout=4, **here, text="The Revision Id provided does not match the latest Revision Id. Call the "
                 "GetFunction/GetAlias API to retrieve the latest Revision Id")
    functions.no("PreconditionFailedException", "UpdateFunctionCode", "of another revision", RevisionId="x",
                 ZipFile=package(), **here)
    functions.ok("PutFunctionConcurrency", "1", ReservedConcurrentExecutions=1, **here)
    functions.ok("GetFunctionConcurrency", "1", **here)
    functions.ok("GetFunction", "with a reservation", **here)
    functions.no("InvalidParameterValueException", "PutFunctionConcurrency", "too much", ReservedConcurrentExecutions=1000, **here)
    functions.ok("DeleteFunctionConcurrency", "1", **here)
    functions.ok("GetFunctionConcurrency", "none", **here)
    functions.ok("TagResource", "one more", Resource=ARN + "most", Tags={"b": ""})
    functions.ok("ListTags", "two", Resource=ARN + "most")
    functions.ok("UntagResource", "one", Resource=ARN + "most", TagKeys=["a", "z"])
    functions.ok("ListTags", "one", Resource=ARN + "most")
    functions.ok("DeleteFunction", "the most", **here)


def errors(functions):
    missing = f"Function not found: {ARN}none"
    none = {"FunctionName": "none"}
    for operation, rest in [
        ("GetFunction", {}), ("GetFunctionConfiguration", {}), ("DeleteFunction", {}), ("Invoke", {"Payload": b"{}"}),
        ("UpdateFunctionConfiguration", {"Timeout": 4}), ("UpdateFunctionCode", {"ZipFile": package()}),
        ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 1}), ("GetFunctionConcurrency", {}),
        ("DeleteFunctionConcurrency", {}),
    ]:
        functions.no("ResourceNotFoundException", operation, "of none", text=missing, **none, **rest)
    for operation, rest in [("TagResource", {"Tags": {"a": ""}}), ("UntagResource", {"TagKeys": ["a"]}), ("ListTags", {})]:
        functions.no("ResourceNotFoundException", operation, "of none", Resource=ARN + "none", text=missing, **rest)
    functions.no("ResourceNotFoundException", "GetFunction", "of another account",
                 FunctionName=ARN.replace(ACCOUNT, "1" * 12) + "least")
    functions.no("ResourceConflictException", "CreateFunction", "again", **asked("least"), text="Function already exist: least")
    for case, wrong in [
        ("a name of 65 letters", {"FunctionName": "a" * 65}), ("a name with a space", {"FunctionName": "a b"}),
        ("a timeout of 0", {"Timeout": 0}), ("a timeout of 901", {"Timeout": 901}), ("127 MB", {"MemorySize": 127}),
        ("10241 MB", {"MemorySize": 10241}), ("a storage of 511", {"EphemeralStorage": {"Size": 511}}),
        ("an odd architecture", {"Architectures": ["mips"]}), ("two architectures", {"Architectures": ["x86_64", "arm64"]}), ("an odd variable", {"Environment": {"Variables": {"1": "x"}}}),
        ("a handler with a space", {"Handler": "a b"}), ("a description of 257", {"Description": "x" * 257}),
        ("an odd log format", {"LoggingConfig": {"LogFormat": "XML"}}),
        ("an odd log level", {"LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "ERROR"}}),
        ("an odd log group", {"LoggingConfig": {"LogGroup": "a b"}}),
    ]:
        functions.no("ValidationException", "CreateFunction", case, **{**asked(new(case)), **wrong})
    reserved = "Lambda was unable to configure your environment variables because the environment variables you have provided "
    for case, wrong, text in [
        ("a zip that is none", {"Code": {"ZipFile": b"nonsense"}},
         "Could not unzip uploaded file. Please check your file, then try to upload again."),
        ("a zip that unfolds", {"Code": {"ZipFile": bomb()}}, "Unzipped size must be smaller than 262144000 bytes"),
        ("no code", {"Code": {}}, None),
        ("a role that is not there", {"Role": ROLE + "X"}, "The role defined for the function cannot be assumed by Lambda."),
        ("a reserved variable", {"Environment": {"Variables": {"AWS_REGION": "x"}}},
         reserved + "contains reserved keys that are currently not supported for modification. Reserved keys used in "
         "this request: AWS_REGION"),
        ("variables of 5 KB", {"Environment": {"Variables": {"KEY": "x" * 5000}}},
         reserved + "exceeded the 4KB limit. String measured: {*}"),
        ("a level of text", {"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "INFO"}}, None),
        ("51 tags", {"Tags": {f"tag{number}": "" for number in range(51)}}, "Number of tags exceeds resource tag limit."),
    ]:
        functions.no("InvalidParameterValueException", "CreateFunction", case, text=text, **{**asked(new(case)), **wrong})
    if functions.is_local:
        functions.no("InvalidParameterValueException", "CreateFunction", "a runtime that is not here", **asked("not-python", Runtime="python3.12"))
        functions.no("InvalidParameterValueException", "CreateFunction", "layers, which are not here", **asked("not-layered", Layers=[ARN]))
    functions.no("RequestEntityTooLargeException", "CreateFunction", "a zip of 50 MiB and more",
                 **asked("not-large", Code={"ZipFile": bytes((50 << 20) + 1)}), text="Zipped size must be smaller than 52428800 bytes")
    for name in ["Role", "Code", "FunctionName"]:
        rest = {key: value for key, value in asked(f"not-without-{name}").items() if key != name}
        functions.no("ValidationException", "CreateFunction", f"without {name}", **rest)
    functions.no("InvalidParameterValueException", "ListFunctions", "a page of none", MaxItems=0)


def invocations(functions):
    """Only on the local cloud: the other implementation runs no functions without Docker."""
    if not functions.is_local:
        return
    def invoke(case, do=None, **others):
        payload = json.dumps({"do": do} if do else {"hello": "world"}).encode()
        return functions.ok("Invoke", case, **{"FunctionName": "least", "Payload": payload, **others})

    def expect(case, output, error):
        found = json.loads(output["Payload"])
        request = found.get("errorMessage", "").split(" ")[1:2]
        text = found.get("errorMessage", "").replace(*request, "ID") if request else None
        if output.get("FunctionError") != "Unhandled" or (found.get("errorType"), text) != error:
            functions.run.fail(f"lambda/Invoke/{case}: {output}")

    echoed = invoke("with its log", LogType="Tail")
    if json.loads(echoed["Payload"]) != {"hello": "world"} or not echoed.get("LogResult"):
        functions.run.fail(f"lambda/Invoke/with its log: {echoed}")
    invoke("without a payload", Payload=b"")
    invoke("in play", InvocationType="DryRun")
    invoke("later", InvocationType="Event")
    failed = invoke("that fails", "fail")
    if json.loads(failed["Payload"]) != {"errorType": "Broken", "errorMessage": "as told"}:
        functions.run.fail(f"lambda/Invoke/that fails: {failed}")
    expect("that exits", invoke("that exits", "exit"),
           ("Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit status 3"))
    expect("that leaves", invoke("that leaves", "leave"),
           ("Runtime.ExitError", "RequestId: ID Error: Runtime exited without providing a reason"))
    expect("that is killed", invoke("that is killed", "die"),
           ("Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: signal: killed"))
    expect("that takes too long", invoke("that takes too long", "sleep"),
           ("Sandbox.Timedout", "RequestId: ID Error: Task timed out after 3.00 seconds"))
    here = {"FunctionName": "least"}
    functions.no("InvalidRequestContentException", "Invoke", "no JSON", Payload=b"{", **here)
    functions.no("RequestTooLargeException", "Invoke", "over 6 MiB", Payload=b'"' + b"x" * 6_291_556 + b'"', **here,
                 text="Request must be smaller than 6291556 bytes for the InvokeFunction operation")
    functions.no("RequestTooLargeException", "Invoke", "later, over 1 MiB", Payload=b'"' + b"x" * (1 << 20) + b'"',
                 InvocationType="Event", **here)
    functions.no("ValidationException", "Invoke", "in an odd way", InvocationType="Nonsense", **here)
    functions.no("ValidationException", "Invoke", "with an odd log", LogType="Nonsense", **here)
    functions.no("InvalidParameterValueException", "Invoke", "of a version, which are not here", Qualifier="1", **here)
    functions.no("InvalidParameterValueException", "Invoke", "with a context, which is not here", ClientContext="e30=", **here)
    empty = asked("empty", Code={"ZipFile": package("other", "x")})
    functions.ok("CreateFunction", "without a bootstrap", **empty)
    settle(functions, "empty")
    output = functions.ok("Invoke", "without a bootstrap", FunctionName="empty", Payload=b"{}")
    expect("without a bootstrap", output, ("Runtime.InvalidEntrypoint",
           "RequestId: ID Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"))


def throttling(functions):
    if not functions.is_local:
        return
    here = {"FunctionName": "least"}
    functions.ok("PutFunctionConcurrency", "0", ReservedConcurrentExecutions=0, **here)
    throttled = functions.no("TooManyRequestsException", "Invoke", "with a reservation of 0", Payload=b"{}", **here, text="Rate Exceeded.")
    if throttled.get("Reason") != "ReservedFunctionConcurrentInvocationLimitExceeded":
        functions.run.fail(f"lambda/Invoke/with a reservation of 0: {throttled}")
    functions.ok("DeleteFunctionConcurrency", "0", **here)


def logs(functions):
    """The lines of the invocations in the log, as AWS writes them."""
    if not functions.is_local:
        return
    found = functions.run.of("logs").ok("FilterLogEvents", "of a function", logGroupName="/aws/lambda/least")
    lines = "".join(event["message"] for event in found["events"])
    for text in ["INIT_START Runtime Version: provided:al2023", "START RequestId: ", "END RequestId: ", "REPORT RequestId: ",
                 "Task timed out after 3.00 seconds", "Error: Runtime exited with error: exit status 3", "\tMemory Size: 128 MB\t",
                 "Status: timeout", "Status: error\tError Type: Runtime.ExitError"]:
        if text not in lines:
            functions.run.fail(f"logs: no {text!r} in the function's log")


def replaced_role(functions):
    """A role that is given another's name is not the function's until the function had another ARN in between."""
    if not functions.is_local:
        return
    iam, here = functions.run.of("iam"), {"FunctionName": "orphaned"}
    role = {"RoleName": "replaced", "AssumeRolePolicyDocument": TRUST}
    arn = ROLE.replace("runner", "replaced")
    iam.ok("CreateRole", "to be replaced", **role)
    functions.ok("CreateFunction", "whose role is replaced", **{**asked("orphaned"), "Role": arn})
    settle(functions, "orphaned")
    iam.ok("DeleteRole", "to be replaced", RoleName="replaced")
    iam.ok("CreateRole", "of another's name", **role)
    functions.no("AccessDeniedException", "Invoke", "whose role is another", Payload=b"{}", **here,
                 text="The role defined for the function cannot be assumed by Lambda.")
    functions.ok("UpdateFunctionConfiguration", "given the same ARN again", Role=arn, **here)
    settle(functions, "orphaned")
    functions.no("AccessDeniedException", "Invoke", "given the same ARN again", Payload=b"{}", **here)
    for name, role_arn in [("given another role", ROLE), ("given its role by way of another", arn)]:
        functions.ok("UpdateFunctionConfiguration", name, Role=role_arn, **here)
        settle(functions, "orphaned")
    functions.ok("Invoke", "given its role by way of another", Payload=b"{}", **here)


def other_architecture(functions):
    """A program that this machine cannot run is accepted, and fails when it is invoked, like one of another architecture."""
    if not functions.is_local:
        return
    other = {"x86_64": 183, "aarch64": 62}[os.uname().machine]
    program = b"\x7fELF\x02\x01\x01" + bytes(11) + other.to_bytes(2, "little") + bytes(44)
    here = {"FunctionName": "other"}
    functions.ok("CreateFunction", "of another architecture", **asked("other", Code={"ZipFile": package(content=program)}))
    settle(functions, "other")
    output = functions.ok("Invoke", "of another architecture", Payload=b"{}", **here)
    if "exec format error" not in output["Payload"]:
        functions.run.fail(f"lambda: a program of another architecture answers {output['Payload']}")
    functions.ok("UpdateFunctionCode", "to arm64", Architectures=["arm64"], ZipFile=package(), **here)
    settle(functions, "other")
    functions.ok("GetFunctionConfiguration", "of arm64", **here)


def wire(functions):
    if not functions.is_local:
        return
    path, kind = "/2015-03-31/functions", {"content_type": "application/json"}
    functions.raw("SerializationException", "CreateFunction", "no JSON", path=path, body=b"{", **kind)
    functions.raw("SerializationException", "CreateFunction", "code that is no base64", path=path, **kind,
                  body=json.dumps({**asked("new"), "Code": {"ZipFile": "?"}}).encode())
    functions.raw("MissingAuthenticationTokenException", "ListFunctions", "unsigned", path=path, method="GET", sign=False)
    functions.raw("InvalidSignatureException", "ListFunctions", "with a wrong secret", path=path, method="GET", sign="wrong")


def by_cli(functions):
    cli, here = functions.cli, ["--function-name", "least"]
    cli(["get-function", *here], lambda output: output["Configuration"]["State"] == "Active")
    cli(["list-functions"], lambda output: "least" in [one["FunctionName"] for one in output["Functions"]])
    cli(["wait", "function-active-v2", *here], lambda output: output == {})
    cli(["invoke", *here, "--payload", '{"hello": "cli"}', "/dev/null"],
        lambda output: output == {"StatusCode": 200, "ExecutedVersion": "$LATEST"})
    cli(["get-function", "--function-name", "none"], None, code="ResourceNotFoundException")


SECTIONS = [creation, updates, errors, invocations, throttling, logs, replaced_role, other_architecture, wire, by_cli]
