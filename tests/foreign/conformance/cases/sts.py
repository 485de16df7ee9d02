"""STS: who a caller is, and temporary credentials of a role."""

import json

ACCOUNT = "000000000000"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})


def identity(sts):
    sts.ok("GetCallerIdentity", "the owner")


def roles(sts):
    iam = sts.run.of("iam")
    iam.ok("CreateRole", "for the owner", RoleName="assumable", AssumeRolePolicyDocument=TRUST)
    role = f"arn:aws:iam::{ACCOUNT}:role/assumable"
    asked = {"RoleArn": role, "RoleSessionName": "session"}
    sts.ok("AssumeRole", "by the owner", **asked)
    sts.ok("AssumeRole", "for 15 minutes", DurationSeconds=900, **asked)
    for case, wrong in [
        ("a name too short", {"RoleSessionName": "a"}), ("a name too long", {"RoleSessionName": "a" * 65}),
        ("a name with a space", {"RoleSessionName": "a b"}), ("899 seconds", {"DurationSeconds": 899}),
        ("43201 seconds", {"DurationSeconds": 43201}), ("longer than the role allows", {"DurationSeconds": 3601}),
        ("an ARN too short", {"RoleArn": "x"}), ("an ARN that is none", {"RoleArn": "x" * 30}),
    ]:
        sts.no("ValidationError", "AssumeRole", case, **{**asked, **wrong})
    sts.no("ValidationError", "AssumeRole", "no role", RoleSessionName="session")
    sts.no("ValidationError", "AssumeRole", "no name", RoleArn=role)
    sts.no("AccessDenied", "AssumeRole", "a role that is not there", **{**asked, "RoleArn": role + "X"})
    iam.ok("CreateRole", "for nobody here", RoleName="foreign", AssumeRolePolicyDocument=TRUST.replace(
        f'"AWS": "arn:aws:iam::{ACCOUNT}:root"', '"Service": "lambda.amazonaws.com"'))
    sts.no("AccessDenied", "AssumeRole", "a role that trusts others", **{**asked, "RoleArn": role.replace("assumable", "foreign")})


def wire(sts):
    if not sts.is_local:
        return
    call = {"body": b"Action=GetCallerIdentity&Version=2011-06-15", "content_type": "application/x-www-form-urlencoded"}
    sts.raw("SignatureDoesNotMatch", "GetCallerIdentity", "with a wrong secret", sign="wrong", **call)


def by_cli(sts):
    sts.cli(["get-caller-identity"], lambda output: output["Arn"] == f"arn:aws:iam::{ACCOUNT}:root")


SECTIONS = [identity, roles, wire, by_cli]
