"""IAM: users, their policies, tags and access keys, and the account's alias; what a user's key may do."""

from cases.iam import BASIC, POLICY, new

ACCOUNT = "000000000000"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
NONE = "The user with name none cannot be found."

# A call of each service, and its error for an access key that is not known.
KEYS = [
    ("sqs", "ListQueues", "InvalidClientTokenId"), ("iam", "ListUsers", "InvalidClientTokenId"),
    ("sts", "GetCallerIdentity", "InvalidClientTokenId"), ("lambda", "ListFunctions", "UnrecognizedClientException"),
    ("dynamodb", "ListTables", "UnrecognizedClientException"), ("logs", "DescribeLogGroups", "UnrecognizedClientException"),
    ("resourcegroupstaggingapi", "GetResources", "UnrecognizedClientException"),
]


def users(iam):
    iam.ok("ListUsers", "none there")
    iam.ok("CreateUser", "the least", UserName="least")
    iam.ok("CreateUser", "the most", UserName="most", Path="/a/b/", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    iam.ok("GetUser", "the least", UserName="least")
    iam.ok("GetUser", "the most", UserName="MOST")
    iam.ok("GetUser", "the owner")
    iam.ok("ListUsers", "two")
    iam.ok("ListUsers", "by path", PathPrefix="/a/")
    if iam.is_local:  # moto lists users in the order of their creation, and its markers are numbers
        page = iam.ok("ListUsers", "page one", MaxItems=1)
        iam.ok("ListUsers", "page two", MaxItems=1, Marker=page["Marker"])
    iam.ok("UpdateUser", "another name", UserName="most", NewUserName="best")
    iam.ok("UpdateUser", "another path", UserName="best", NewPath="/c/")
    iam.ok("GetUser", "renamed", UserName="best")
    iam.no("EntityAlreadyExists", "UpdateUser", "a name that is taken", UserName="best", NewUserName="least")
    iam.ok("ListGroupsForUser", "none", UserName="best")
    iam.ok("DeleteUser", "renamed", UserName="best")


def user_errors(iam):
    iam.no("EntityAlreadyExists", "CreateUser", "again", UserName="least", text="User with name least already exists.")
    iam.no("EntityAlreadyExists", "CreateUser", "again in other letters", UserName="LEAST")
    for case, wrong in [
        ("a name of 65 letters", {"UserName": "a" * 65}), ("a name with a slash", {"UserName": "a/b"}),
        ("an empty name", {"UserName": ""}), ("a path without slashes", {"Path": "a"}),
        ("a tag without a key", {"Tags": [{"Key": "", "Value": ""}]}),
    ]:
        iam.no("ValidationError", "CreateUser", case, **{"UserName": new(case), **wrong})
    iam.no("ValidationError", "CreateUser", "without a name")
    iam.no("InvalidInput", "CreateUser", "a tag twice", UserName="tag-twice", Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
    iam.no("ValidationError", "ListUsers", "a marker that is none", Marker="?")
    key = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    for operation, rest in [
        ("GetUser", {}), ("DeleteUser", {}), ("UpdateUser", {"NewPath": "/a/"}), ("ListGroupsForUser", {}),
        ("TagUser", {"Tags": [{"Key": "a", "Value": ""}]}), ("UntagUser", {"TagKeys": ["a"]}), ("ListUserTags", {}),
        ("PutUserPolicy", {"PolicyName": "p", "PolicyDocument": POLICY}), ("GetUserPolicy", {"PolicyName": "p"}),
        ("ListUserPolicies", {}), ("DeleteUserPolicy", {"PolicyName": "p"}), ("AttachUserPolicy", {"PolicyArn": BASIC}),
        ("DetachUserPolicy", {"PolicyArn": BASIC}), ("ListAttachedUserPolicies", {}), ("CreateAccessKey", {}),
        ("ListAccessKeys", {}), ("UpdateAccessKey", {"Status": "Active", **key}), ("DeleteAccessKey", key),
    ]:
        iam.no("NoSuchEntity", operation, "of none", UserName="none", text=NONE, **rest)


def user_policies(iam):
    iam.ok("CreateUser", "for policies", UserName="ruled")
    here = {"UserName": "ruled"}
    iam.ok("ListUserPolicies", "none", **here)
    iam.ok("PutUserPolicy", "one", PolicyName="one", PolicyDocument=POLICY, **here)
    iam.ok("GetUserPolicy", "one", PolicyName="one", **here)
    iam.ok("ListUserPolicies", "one", **here)
    iam.ok("ListAttachedUserPolicies", "none", **here)
    iam.ok("AttachUserPolicy", "one", PolicyArn=ADMINISTRATOR, **here)
    iam.ok("ListAttachedUserPolicies", "one", **here)
    iam.ok("GetPolicy", "attached to a user", PolicyArn=ADMINISTRATOR)
    iam.ok("GetPolicyVersion", "of an administrator", PolicyArn=ADMINISTRATOR, VersionId="v1")
    for name in ["PowerUserAccess", "ReadOnlyAccess"]:
        iam.ok("GetPolicy", name, PolicyArn=ADMINISTRATOR.replace("AdministratorAccess", name))
    iam.no("DeleteConflict", "DeleteUser", "with an attached policy", **here,
           text="Cannot delete entity, must detach all policies first.")
    iam.ok("DetachUserPolicy", "one", PolicyArn=ADMINISTRATOR, **here)
    iam.no("NoSuchEntity", "DetachUserPolicy", "none", PolicyArn=ADMINISTRATOR, **here)
    iam.no("DeleteConflict", "DeleteUser", "with an inline policy", **here, text="Cannot delete entity, must delete policies first.")
    iam.no("LimitExceeded", "PutUserPolicy", "too long", PolicyName="long", **here,
           PolicyDocument=POLICY.replace('"*"', '"arn:aws:sqs:us-east-1:000000000000:%s"' % ("x" * 2048)),
           text="Maximum policy size of 2048 bytes exceeded for user ruled")
    iam.no("MalformedPolicyDocument", "PutUserPolicy", "no JSON", PolicyName="wrong", PolicyDocument="x", **here)
    iam.ok("DeleteUserPolicy", "one", PolicyName="one", **here)
    for operation in ["GetUserPolicy", "DeleteUserPolicy"]:
        iam.no("NoSuchEntity", operation, "none", PolicyName="one", **here, text="The user policy with name one cannot be found.")
    absent = ADMINISTRATOR + "X"
    iam.no("NoSuchEntity", "AttachUserPolicy", "none", PolicyArn=absent, **here,
           text=f"Policy {absent} does not exist or is not attachable.")


def user_tags(iam):
    here = {"UserName": "ruled"}
    iam.ok("ListUserTags", "none", **here)
    iam.ok("TagUser", "two", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}], **here)
    iam.ok("ListUserTags", "two", **here)
    iam.ok("UntagUser", "one, and one that is not there", TagKeys=["b", "z"], **here)
    iam.ok("GetUser", "with tags", **here)


def keys(iam):
    iam.ok("CreateUser", "for keys", UserName="signer")
    here = {"UserName": "signer"}
    iam.ok("ListAccessKeys", "none", **here)
    first = iam.ok("CreateAccessKey", "the first", **here)["AccessKey"]
    second = iam.ok("CreateAccessKey", "the second", **here)["AccessKey"]
    iam.no("LimitExceeded", "CreateAccessKey", "a third", **here, text="Cannot exceed quota for AccessKeysPerUser: 2")
    iam.ok("ListAccessKeys", "two", **here)
    page = iam.ok("ListAccessKeys", "page one", MaxItems=1, **here)
    iam.ok("ListAccessKeys", "page two", MaxItems=1, Marker=iam.opaque(page, "Marker"), **here)
    key = {"AccessKeyId": first["AccessKeyId"], **here}
    iam.ok("UpdateAccessKey", "inactive", Status="Inactive", **key)
    iam.no("ValidationError", "UpdateAccessKey", "another status", Status="Tired", **key)
    iam.no("ValidationError", "UpdateAccessKey", "no status", **key)
    iam.no("ValidationError", "DeleteAccessKey", "too short an id", AccessKeyId="AKIA", **here)
    iam.no("NoSuchEntity", "DeleteAccessKey", "none", AccessKeyId="AKIAIOSFODNN7EXAMPLE", **here,
           text="The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.")
    iam.no("NoSuchEntity", "UpdateAccessKey", "none", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Active", **here)
    iam.no("DeleteConflict", "DeleteUser", "with keys", **here, text="Cannot delete entity, must delete access keys first.")
    iam.ok("DeleteAccessKey", "the second", AccessKeyId=second["AccessKeyId"], **here)
    iam.ok("ListAccessKeys", "one inactive", **here)
    iam.ok("UpdateAccessKey", "active", Status="Active", **key)
    iam.ok("DeleteAccessKey", "the first", **key)
    iam.ok("DeleteUser", "without keys", **here)
    if iam.is_local:
        for operation in ["CreateAccessKey", "ListAccessKeys"]:
            iam.no("ValidationError", operation, "by the owner", text="Must specify userName when calling with non-User credentials")


def signing(iam):
    """What a user's key may do, by its policies and its status."""
    if not iam.is_local:
        return
    iam.ok("CreateUser", "to sign", UserName="ann")
    here = {"UserName": "ann"}
    key = iam.ok("CreateAccessKey", "to sign", **here)["AccessKey"]
    ann = f"arn:aws:iam::{ACCOUNT}:user/ann"

    def denied(service, code, operation, case, action, resource, **parameters):
        iam.run.of(service).no(code, operation, case, **parameters,
                               text=f"User: {ann} is not authorized to perform: {action} on resource: {resource} because no "
                                    f"identity-based policy allows the {action} action")

    with iam.run.signed_by(key):
        iam.run.of("sts").ok("GetCallerIdentity", "a user")
        denied("sqs", "AccessDeniedException", "CreateQueue", "by a user without rights", "sqs:createqueue",
               f"arn:aws:sqs:us-east-1:{ACCOUNT}:ann", QueueName="ann")
        denied("iam", "AccessDenied", "GetUser", "oneself without rights", "iam:GetUser", ann)
        denied("resourcegroupstaggingapi", "AccessDeniedException", "GetResources", "by a user without rights",
               "tag:GetResources", "*")
        denied("iam", "AccessDenied", "CreateAccountAlias", "by a user without rights", "iam:CreateAccountAlias", "*",
               AccountAlias="ann")
    iam.ok("AttachUserPolicy", "of an administrator", PolicyArn=ADMINISTRATOR, **here)
    iam.ok("PutUserPolicy", "a denial", PolicyName="but", **here, PolicyDocument=POLICY.replace("Allow", "Deny"))
    with iam.run.signed_by(key):
        iam.ok("GetUser", "oneself")
        iam.ok("ListAccessKeys", "one's own")
        sqs = iam.run.of("sqs")
        queue = sqs.ok("CreateQueue", "by a user", QueueName="ann")
        sqs.no("AccessDeniedException", "SendMessage", "by a user who is denied it", QueueUrl=queue["QueueUrl"], MessageBody="x",
               text=f"User: {ann} is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:{ACCOUNT}:ann "
                    "with an explicit deny in an identity-based policy")
    passing(iam, key, here)
    iam.ok("UpdateAccessKey", "while in use", AccessKeyId=key["AccessKeyId"], Status="Inactive", **here)
    with iam.run.signed_by(key):
        for service, operation, code in KEYS:
            iam.run.of(service).no(code, operation, "with an inactive key", text="The security token included in the request is invalid.")
    iam.ok("DeleteAccessKey", "after use", AccessKeyId=key["AccessKeyId"], **here)


def passing(iam, key, here):
    """Creating a function requires permission to pass its role to Lambda, and only to Lambda."""
    role = f"arn:aws:iam::{ACCOUNT}:role/least"
    iam.ok("DetachUserPolicy", "of an administrator", PolicyArn=ADMINISTRATOR, **here)
    for case, service in [("to another service", "ec2.amazonaws.com"), ("to Lambda", "lambda.amazonaws.com")]:
        document = POLICY.replace('"sqs:SendMessage", "Resource": "*"', '["lambda:*", "iam:PassRole"], "Resource": "*", '
                                  '"Condition": {"StringEqualsIfExists": {"iam:PassedToService": "%s"}}' % service)
        iam.ok("PutUserPolicy", f"to pass a role {case}", PolicyName="pass", PolicyDocument=document, **here)
        with iam.run.signed_by(key):
            asked = {"FunctionName": "none", "Role": role}
            if case == "to Lambda":
                iam.run.of("lambda").no("ResourceNotFoundException", "UpdateFunctionConfiguration", "with a role that may be passed", **asked)
            else:
                iam.run.of("lambda").no("AccessDeniedException", "UpdateFunctionConfiguration", "with a role that may not be passed", **asked,
                                        text=f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: iam:PassRole on "
                                             f"resource: {role}*")


def aliases(iam):
    iam.ok("CreateAccountAlias", "one", AccountAlias="our-lab")
    iam.ok("ListAccountAliases", "one")
    iam.no("EntityAlreadyExists", "CreateAccountAlias", "again", AccountAlias="our-lab", text="The account alias our-lab already exists.")
    for case, alias in [("too short", "ab"), ("with a dash at its end", "lab-"), ("with two dashes", "our--lab"), ("in capitals", "LAB")]:
        iam.no("ValidationError", "CreateAccountAlias", case, AccountAlias=alias)
    iam.ok("CreateAccountAlias", "another", AccountAlias="their-lab")
    iam.ok("ListAccountAliases", "another")
    iam.no("NoSuchEntity", "DeleteAccountAlias", "none", AccountAlias="our-lab")
    iam.ok("DeleteAccountAlias", "one", AccountAlias="their-lab")
    iam.ok("ListAccountAliases", "none any more")


def by_cli(iam):
    cli, here = iam.cli, ["--user-name", "cli"]
    cli(["create-user", *here], lambda output: output["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/cli")
    cli(["list-access-keys", *here], lambda output: output["AccessKeyMetadata"] == [])
    cli(["delete-user", *here], lambda output: output == {})
    cli(["get-user", *here], None, code="NoSuchEntity")


SECTIONS = [users, user_errors, user_policies, user_tags, keys, signing, aliases, by_cli]
