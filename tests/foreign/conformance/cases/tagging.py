"""The tagging API: resources of all services by their tags, page by page; each error."""

import json

from cases.lambda_ import asked

PLACE = "us-east-1:000000000000"


def resources(tagging):
    tagging.run.of("sqs").ok("CreateQueue", "with a lab", QueueName="lab-queue", tags={"lab": "a", "kind": "queue"})
    tagging.run.of("dynamodb").ok(
        "CreateTable", "with a lab", TableName="lab-table", BillingMode="PAY_PER_REQUEST", Tags=[{"Key": "lab", "Value": "a"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}])
    tagging.run.of("logs").ok("CreateLogGroup", "with a lab", logGroupName="/lab", tags={"lab": "b"})
    functions = tagging.run.of("lambda")
    functions.ok("CreateFunction", "with a lab", **asked("lab-function", Tags={"lab": "a"}))
    functions.ok("CreateEventSourceMapping", "with a lab", FunctionName="lab-function", Tags={"lab": "b"},
                 EventSourceArn=f"arn:aws:sqs:{PLACE}:lab-queue")
    lab = {"TagFilters": [{"Key": "lab"}]}
    for case, filters in [
        ("of a lab", lab), ("of lab a", {"TagFilters": [{"Key": "lab", "Values": ["a"]}]}),
        ("of two labs", {"TagFilters": [{"Key": "lab", "Values": ["a", "b"]}]}),
        ("by two tags", {"TagFilters": [{"Key": "lab"}, {"Key": "kind", "Values": ["queue"]}]}),
        ("by no such tag", {"TagFilters": [{"Key": "LAB"}]}),
        ("of SQS", {"ResourceTypeFilters": ["sqs"], **lab}),
        ("of several types", {"ResourceTypeFilters": ["dynamodb:table", "lambda:function"], **lab}),
        ("mappings", {"ResourceTypeFilters": ["lambda:event-source-mapping"], **lab}),
        ("log groups", {"ResourceTypeFilters": ["logs:log-group"], **lab}),
        ("of a service without any", {"ResourceTypeFilters": ["ec2:instance"], **lab}),
        ("by ARN", {"ResourceARNList": [f"arn:aws:sqs:{PLACE}:lab-queue"]}),
    ]:
        tagging.ok("GetResources", case, **filters)
    page = tagging.ok("GetResources", "page one", ResourcesPerPage=3, **lab)
    rest = tagging.ok("GetResources", "page two", ResourcesPerPage=3, PaginationToken=tagging.opaque(page, "PaginationToken"), **lab)
    if tagging.is_local:
        found = [len(output["ResourceTagMappingList"]) for output in (page, rest)]
        if found != [3, 2] or rest["PaginationToken"]:
            tagging.run.fail(f"tagging: the pages have {found} resources, and the last token is {rest['PaginationToken']!r}")
    tagging.ok("GetTagKeys", "all")
    tagging.ok("GetTagValues", "of a key", Key="lab")
    tagging.ok("GetTagValues", "of no key", Key="none")


def untagged(tagging):
    """Resources without tags are not listed, and roles and users never are."""
    if not tagging.is_local:
        return
    listed = json.dumps(tagging.ok("GetResources", "all"))
    for hidden in ["arn:aws:iam:", f":sqs:{PLACE}:plain"]:
        if hidden in listed:
            tagging.run.fail(f"tagging: {hidden} is listed")


def errors(tagging):
    arn = f"arn:aws:sqs:{PLACE}:lab-queue"
    for case, wrong in [
        ("a page of none", {"ResourcesPerPage": 0}), ("a page of 101", {"ResourcesPerPage": 101}),
        ("a token that is none", {"PaginationToken": "?"}), ("a type that is none", {"ResourceTypeFilters": ["a b"]}),
        ("ARNs with filters", {"ResourceARNList": [arn], "TagFilters": [{"Key": "lab"}]}),
        ("51 filters", {"TagFilters": [{"Key": f"key{number}"} for number in range(51)]}),
        ("21 values", {"TagFilters": [{"Key": "lab", "Values": [str(number) for number in range(21)]}]}),
        ("101 ARNs", {"ResourceARNList": [f"{arn}{number}" for number in range(101)]}),
    ]:
        tagging.no("InvalidParameterException", "GetResources", case, **wrong)
    tagging.no("InvalidParameterException", "GetTagValues", "no key")
    if tagging.is_local:
        tagging.no("InvalidParameterException", "GetResources", "pages by tags", TagsPerPage=100)
        tagging.no("InvalidParameterException", "GetResources", "compliance", IncludeComplianceDetails=True)


def wire(tagging):
    if not tagging.is_local:
        return
    target = {"x_amz_target": "ResourceGroupsTaggingAPI_20170126.GetResources", "content_type": "application/x-amz-json-1.1"}
    tagging.raw("SerializationException", "GetResources", "no JSON", body=b"{", **target)
    tagging.raw("MissingAuthenticationTokenException", "GetResources", "unsigned", body=b"{}", sign=False, **target)
    tagging.raw("InvalidSignatureException", "GetResources", "with a wrong secret", body=b"{}", sign="wrong", **target)


def by_cli(tagging):
    tagging.cli(["get-resources", "--tag-filters", "Key=lab,Values=a", "--resource-type-filters", "sqs"],
                lambda output: len(output["ResourceTagMappingList"]) == 1)


SECTIONS = [resources, untagged, errors, wire, by_cli]
