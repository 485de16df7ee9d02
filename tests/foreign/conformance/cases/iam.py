"""IAM: roles, their policies and tags, AWS's managed policies; each error that a client can cause."""

import json

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
MANAGED = [BASIC, "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
           "arn:aws:iam::aws:policy/AmazonSQSFullAccess", "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]
NONE = "The role with name none cannot be found."


def new(case):
    """A name for a role whose creation must fail. If it is created, it does not disturb other cases."""
    return "not-" + case.replace(" ", "-")


def roles(iam):
    iam.ok("ListRoles", "none there")
    iam.ok("CreateRole", "the least", RoleName="least", AssumeRolePolicyDocument=TRUST)
    iam.ok("CreateRole", "the most", RoleName="most", AssumeRolePolicyDocument=TRUST, Path="/a/b/",
           Description="an <odd> & long one", MaxSessionDuration=43200, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    iam.ok("GetRole", "the least", RoleName="least")
    iam.ok("GetRole", "the most", RoleName="most")
    iam.ok("ListRoles", "two")
    iam.ok("ListRoles", "by path", PathPrefix="/a/")
    if iam.is_local:  # moto lists roles in the order of their random ids
        page = iam.ok("ListRoles", "page one", MaxItems=1)
        iam.ok("ListRoles", "page two", MaxItems=1, Marker=page["Marker"])
    iam.ok("UpdateRole", "both members", RoleName="least", Description="changed", MaxSessionDuration=7200)
    iam.ok("UpdateRole", "nothing", RoleName="least")
    iam.ok("GetRole", "changed", RoleName="least")
    iam.ok("UpdateAssumeRolePolicy", "the same", RoleName="least", PolicyDocument=TRUST)
    iam.ok("ListInstanceProfilesForRole", "none", RoleName="least")
    iam.ok("ListAccountAliases", "none")
    iam.ok("DeleteRole", "the most", RoleName="most")


def role_errors(iam):
    iam.no("EntityAlreadyExists", "CreateRole", "again", RoleName="least", AssumeRolePolicyDocument=TRUST,
           text="Role with name least already exists.")
    iam.no("EntityAlreadyExists", "CreateRole", "again in other letters", RoleName="LEAST", AssumeRolePolicyDocument=TRUST)
    for case, wrong in [
        ("a name of 65 letters", {"RoleName": "a" * 65}), ("a name with a slash", {"RoleName": "a/b"}),
        ("an empty name", {"RoleName": ""}), ("a path without slashes", {"Path": "a"}),
        ("a session too short", {"MaxSessionDuration": 3599}), ("a session too long", {"MaxSessionDuration": 43201}),
        ("a description too long", {"Description": "x" * 1001}), ("a description in Greek", {"Description": "Ω"}),
        ("a path too long", {"Path": f"/{'x' * 512}/"}), ("a tag without a key", {"Tags": [{"Key": "", "Value": ""}]}),
        ("a tag of odd letters", {"Tags": [{"Key": "a*", "Value": ""}]}),
        ("a tag too long", {"Tags": [{"Key": "a", "Value": "x" * 257}]}),
    ]:
        iam.no("ValidationError", "CreateRole", case, **{"RoleName": new(case), "AssumeRolePolicyDocument": TRUST, **wrong})
    iam.no("InvalidInput", "CreateRole", "a tag of AWS's", RoleName="of-aws", AssumeRolePolicyDocument=TRUST,
           Tags=[{"Key": "aws:a", "Value": ""}])
    iam.no("InvalidInput", "CreateRole", "a tag twice", RoleName="tag-twice", AssumeRolePolicyDocument=TRUST,
           Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
    iam.no("ValidationError", "CreateRole", "without a name", AssumeRolePolicyDocument=TRUST)
    iam.no("ValidationError", "CreateRole", "without a trust policy", RoleName="without-trust")
    for case, document in [
        ("no JSON", "x"), ("without a statement", json.dumps({"Version": "2012-10-17"})),
        ("without a principal", json.dumps({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole"}]})),
        ("with a resource", POLICY),
        ("of no effect", TRUST.replace("Allow", "Perhaps")), ("of another version", TRUST.replace("2012", "1912")),
    ]:
        iam.no("MalformedPolicyDocument", "CreateRole", f"a trust policy {case}", RoleName=new(case),
               AssumeRolePolicyDocument=document)
    iam.no("LimitExceeded", "CreateRole", "a trust policy too long", RoleName="long-trust",
           AssumeRolePolicyDocument=TRUST.replace("}]}", ', "Sid": "%s"}]}' % ("x" * 2048)))
    iam.no("MalformedPolicyDocument", "UpdateAssumeRolePolicy", "no JSON", RoleName="least", PolicyDocument="x")
    iam.no("ValidationError", "UpdateRole", "a session too short", RoleName="least", MaxSessionDuration=1)
    iam.no("ValidationError", "ListRoles", "a marker that is none", Marker="?")
    iam.no("ValidationError", "ListRoles", "a page of 1001", MaxItems=1001)
    for operation, rest in [
        ("GetRole", {}), ("DeleteRole", {}), ("UpdateRole", {}), ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
        ("TagRole", {"Tags": [{"Key": "a", "Value": ""}]}), ("UntagRole", {"TagKeys": ["a"]}), ("ListRoleTags", {}),
        ("PutRolePolicy", {"PolicyName": "p", "PolicyDocument": POLICY}), ("GetRolePolicy", {"PolicyName": "p"}),
        ("ListRolePolicies", {}), ("DeleteRolePolicy", {"PolicyName": "p"}), ("AttachRolePolicy", {"PolicyArn": BASIC}),
        ("DetachRolePolicy", {"PolicyArn": BASIC}), ("ListAttachedRolePolicies", {}), ("ListInstanceProfilesForRole", {}),
    ]:
        iam.no("NoSuchEntity", operation, "of none", RoleName="none", text=NONE, **rest)


def policies(iam):
    iam.ok("CreateRole", "for policies", RoleName="ruled", AssumeRolePolicyDocument=TRUST)
    here = {"RoleName": "ruled"}
    iam.ok("ListRolePolicies", "none", **here)
    iam.ok("PutRolePolicy", "one", PolicyName="one", PolicyDocument=POLICY, **here)
    iam.ok("PutRolePolicy", "over it", PolicyName="one", PolicyDocument=POLICY.replace("Send", "Receive"), **here)
    iam.ok("PutRolePolicy", "two", PolicyName="two", PolicyDocument=POLICY, **here)
    iam.ok("GetRolePolicy", "one", PolicyName="one", **here)
    iam.ok("ListRolePolicies", "two", **here)
    iam.ok("ListRolePolicies", "page one", MaxItems=1, **here)
    iam.ok("ListAttachedRolePolicies", "none", **here)
    iam.ok("AttachRolePolicy", "one", PolicyArn=BASIC, **here)
    iam.ok("AttachRolePolicy", "again", PolicyArn=BASIC, **here)
    iam.ok("ListAttachedRolePolicies", "one", **here)
    iam.ok("ListAttachedRolePolicies", "by path", PathPrefix="/nowhere/", **here)
    for number, managed in enumerate(MANAGED):
        iam.ok("GetPolicy", f"managed {number}", PolicyArn=managed)
        iam.ok("GetPolicyVersion", f"managed {number}", PolicyArn=managed, VersionId="v1")
    iam.no("DeleteConflict", "DeleteRole", "with an attached policy", **here,
           text="Cannot delete entity, must detach all policies first.")
    iam.ok("DetachRolePolicy", "one", PolicyArn=BASIC, **here)
    iam.no("DeleteConflict", "DeleteRole", "with an inline policy", **here,
           text="Cannot delete entity, must delete policies first.")
    iam.ok("DeleteRolePolicy", "two", PolicyName="two", **here)
    none = {"PolicyName": "none"}
    iam.no("NoSuchEntity", "GetRolePolicy", "none", **none, **here, text="The role policy with name none cannot be found.")
    iam.no("NoSuchEntity", "DeleteRolePolicy", "none", **none, **here)
    iam.no("NoSuchEntity", "DetachRolePolicy", "none", PolicyArn=BASIC, **here)
    absent = BASIC + "X"
    iam.no("NoSuchEntity", "AttachRolePolicy", "none", PolicyArn=absent, **here,
           text=f"Policy {absent} does not exist or is not attachable.")
    iam.no("NoSuchEntity", "GetPolicy", "none", PolicyArn=absent)
    iam.no("NoSuchEntity", "GetPolicyVersion", "none", PolicyArn=absent, VersionId="v1")
    iam.no("NoSuchEntity", "GetPolicyVersion", "of another version", PolicyArn=BASIC, VersionId="v99")
    iam.no("LimitExceeded", "PutRolePolicy", "too long", PolicyName="long", **here,
           PolicyDocument=POLICY.replace('"*"', json.dumps(["arn:aws:sqs:us-east-1:000000000000:" + "x" * 60] * 120)),
           text="Maximum policy size of 10240 bytes exceeded for role ruled")
    iam.no("ValidationError", "PutRolePolicy", "a name of 129 letters", PolicyName="a" * 129, PolicyDocument=POLICY, **here)
    iam.no("ValidationError", "PutRolePolicy", "without a document", PolicyName="x", **here)
    for case, document in [
        ("no JSON", "x"), ("with a principal", TRUST), ("without an action", POLICY.replace('"Action"', '"Faction"')),
        ("of no service", POLICY.replace("sqs:SendMessage", "SendMessage")),
    ]:
        iam.no("MalformedPolicyDocument", "PutRolePolicy", case, PolicyName="wrong", PolicyDocument=document, **here)


def customer_policies(iam):
    iam.ok("CreatePolicy", "the least", PolicyName="least", PolicyDocument=POLICY)
    made = iam.ok("CreatePolicy", "the most", PolicyName="most", PolicyDocument=POLICY, Path="/a/b/", Description="sends",
                  Tags=[{"Key": "a", "Value": "1"}])
    arn = made["Policy"]["Arn"]
    here = {"PolicyArn": arn}
    iam.ok("GetPolicy", "the most", **here)
    iam.ok("ListPolicies", "the customer's", Scope="Local")
    iam.ok("ListPolicies", "by path", Scope="Local", PathPrefix="/a/")
    iam.ok("CreatePolicyVersion", "two", PolicyDocument=POLICY.replace("Send", "Receive"), SetAsDefault=True, **here)
    iam.ok("CreatePolicyVersion", "three", PolicyDocument=POLICY, **here)
    iam.ok("ListPolicyVersions", "three", **here)
    iam.ok("GetPolicyVersion", "two", VersionId="v2", **here)
    iam.ok("SetDefaultPolicyVersion", "one", VersionId="v1", **here)
    iam.ok("DeletePolicyVersion", "two", VersionId="v2", **here)
    iam.ok("TagPolicy", "one", Tags=[{"Key": "b", "Value": "2"}], **here)
    iam.ok("ListPolicyTags", "two", **here)
    iam.ok("UntagPolicy", "one", TagKeys=["a"], **here)
    iam.ok("CreateRole", "with a customer's policy", RoleName="customer", AssumeRolePolicyDocument=TRUST)
    iam.ok("AttachRolePolicy", "a customer's", RoleName="customer", **here)
    iam.ok("ListAttachedRolePolicies", "a customer's", RoleName="customer")
    iam.ok("ListEntitiesForPolicy", "one role", **here)
    iam.ok("ListPolicies", "attached", Scope="Local", OnlyAttached=True)
    iam.no("DeleteConflict", "DeletePolicy", "an attached one", **here,
           text="Cannot delete a policy attached to entities.")
    iam.ok("DetachRolePolicy", "a customer's", RoleName="customer", **here)
    iam.no("DeleteConflict", "DeletePolicy", "with two versions", **here)
    iam.no("DeleteConflict", "DeletePolicyVersion", "the default one", VersionId="v1", **here,
           text="Cannot delete the default version of a policy.")
    iam.no("EntityAlreadyExists", "CreatePolicy", "again", PolicyName="least", PolicyDocument=POLICY,
           text="A policy called least already exists. Duplicate names are not allowed.")
    iam.no("MalformedPolicyDocument", "CreatePolicy", "no JSON", PolicyName="not-json", PolicyDocument="x")
    iam.no("MalformedPolicyDocument", "CreatePolicyVersion", "no JSON", PolicyDocument="x", **here)
    iam.no("ValidationError", "CreatePolicy", "a name with a slash", PolicyName="a/b", PolicyDocument=POLICY)
    iam.no("LimitExceeded", "CreatePolicy", "too long", PolicyName="long",
           PolicyDocument=POLICY.replace('"*"', json.dumps(["arn:aws:sqs:us-east-1:000000000000:" + "x" * 60] * 80)),
           text="Cannot exceed quota for PolicySize: 6144")
    for number in range(3):
        iam.ok("CreatePolicyVersion", f"more {number}", PolicyDocument=POLICY, **here)
    iam.no("LimitExceeded", "CreatePolicyVersion", "the sixth", PolicyDocument=POLICY, **here)
    for number in range(3, 7):
        iam.ok("DeletePolicyVersion", f"v{number}", VersionId=f"v{number}", **here)
    iam.ok("DeletePolicy", "the most", **here)
    iam.no("NoSuchEntity", "GetPolicy", "a deleted one", **here)
    iam.no("NoSuchEntity", "DeletePolicyVersion", "of none", VersionId="v1", **here)
    iam.ok("DeleteRole", "with a customer's policy", RoleName="customer")


def tags(iam):
    iam.ok("CreateRole", "for tags", RoleName="tagged", AssumeRolePolicyDocument=TRUST)
    here = {"RoleName": "tagged"}
    iam.ok("ListRoleTags", "none", **here)
    iam.ok("TagRole", "two", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}], **here)
    iam.ok("TagRole", "one again", Tags=[{"Key": "A", "Value": "2"}], **here)
    iam.ok("ListRoleTags", "two", **here)
    page = iam.ok("ListRoleTags", "page one", MaxItems=1, **here)
    iam.ok("ListRoleTags", "page two", MaxItems=1, Marker=iam.opaque(page, "Marker"), **here)
    iam.ok("UntagRole", "one, and one that is not there", TagKeys=["b", "z"], **here)
    iam.ok("GetRole", "with tags", **here)
    many = [{"Key": f"tag{number}", "Value": ""} for number in range(50)]
    iam.no("LimitExceeded", "TagRole", "51", Tags=many, **here)


def wire(iam):
    if not iam.is_local:
        return
    form = {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}
    iam.raw("MalformedInput", "GetRole", "no UTF-8", body=b"Action=GetRole&Version=2010-05-08&RoleName=%ff", **form)
    iam.raw("MalformedInput", "ListRoles", "a number that is none", body=b"Action=ListRoles&Version=2010-05-08&MaxItems=x", **form)
    iam.raw("InvalidAction", "ListRoles", "of another version", body=b"Action=ListRoles&Version=1910-05-08", **form)
    iam.raw("MissingAction", "ListRoles", "without an action", body=b"Version=2010-05-08", **form)
    call = {"body": b"Action=ListRoles&Version=2010-05-08", **form}
    iam.raw("MissingAuthenticationToken", "ListRoles", "unsigned", sign=False, **call)
    iam.raw("SignatureDoesNotMatch", "ListRoles", "with a wrong secret", sign="wrong", **call)
    iam.raw("IncompleteSignature", "ListRoles", "half signed", sign=False, authorization="AWS4-HMAC-SHA256 x", **call)


def by_cli(iam):
    cli, here = iam.cli, ["--role-name", "cli"]
    cli(["create-role", *here, "--assume-role-policy-document", TRUST], lambda output: output["Role"]["RoleName"] == "cli")
    cli(["put-role-policy", *here, "--policy-name", "p", "--policy-document", POLICY], lambda output: output == {})
    cli(["get-role-policy", *here, "--policy-name", "p"], lambda output: output["PolicyDocument"] == json.loads(POLICY))
    cli(["list-attached-role-policies", *here], lambda output: output["AttachedPolicies"] == [])
    cli(["delete-role-policy", *here, "--policy-name", "p"], lambda output: output == {})
    cli(["delete-role", *here], lambda output: output == {})
    cli(["get-role", *here], None, code="NoSuchEntity")


SECTIONS = [roles, role_errors, policies, customer_policies, tags, wire, by_cli]
