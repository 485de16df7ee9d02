"""What boto3 sees of an account, and the hands with which it meddles."""

import boto3
from botocore.config import Config

REGION = "us-east-1"
# What the services note by themselves.
OF_THE_SERVICE = {
    "ResponseMetadata", "LastModified", "RevisionId", "CodeSize", "LastModifiedTimestamp", "CreatedTimestamp",
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
    "LastProcessingResult", "StateTransitionReason", "LastUpdateStatus", "State", "storedBytes", "creationTime",
    "UUID", "EventSourceMappingArn",
}
TABLE = {"KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled", "StreamSpecification", "SSEDescription"}


class Eyes:
    """boto3's clients for what the variables of an environment point to."""

    def __init__(self, variables, account="000000000000"):
        self.account = account
        self.variables = variables
        self.sqs, self.dynamodb, self.awslambda = self.client("sqs"), self.client("dynamodb"), self.client("lambda")
        self.iam, self.logs = self.client("iam"), self.client("logs")

    def client(self, service):
        keys = {name.lower(): self.variables[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        patient = Config(retries={"mode": "standard", "total_max_attempts": 10})
        return boto3.client(service, endpoint_url=self.variables["AWS_ENDPOINT_URL"], region_name=REGION,
                            config=patient, **keys)

    def arn(self, service, rest):
        return f"arn:aws:{service}:{REGION}:{self.account}:{rest}"

    def url(self, queue):
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def mappings(self):
        return self.awslambda.list_event_source_mappings()["EventSourceMappings"]

    def mapping(self):
        [mapping] = self.mappings()
        return mapping

    def everything(self):
        """Everything there is, by kind."""
        return {
            "queues": sorted(url.rsplit("/", 1)[1] for url in self.sqs.list_queues().get("QueueUrls", [])),
            "tables": self.dynamodb.list_tables()["TableNames"],
            "functions": sorted(one["FunctionName"] for one in self.awslambda.list_functions()["Functions"]),
            "mappings": [one["FunctionArn"] for one in self.mappings()],
            "roles": sorted(one["RoleName"] for one in self.iam.list_roles()["Roles"]),
            "log groups": sorted(one["logGroupName"] for one in self.logs.describe_log_groups()["logGroups"]),
        }

    def left(self):
        """The kinds of which there is anything."""
        return {kind: all for kind, all in self.everything().items() if all}

    def queue(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=["All"])["Attributes"]

    def picture(self, kind, name):
        """All that is set of a resource, its tags apart; what its service notes by itself is left out."""
        return getattr(self, f"picture_of_{kind}")(name)

    def picture_of_queue(self, name):
        return lasting(self.queue(name))

    def picture_of_table(self, name):
        found = self.dynamodb.describe_table(TableName=name)["Table"]
        picture = {member: found[member] for member in TABLE & found.keys()}
        picture["billing"] = found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        units = found["ProvisionedThroughput"]
        picture["units"] = [units[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")]
        picture["ttl"] = self.dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return picture

    def picture_of_role(self, name):
        names = self.iam.list_role_policies(RoleName=name)["PolicyNames"]
        return {
            "trust": self.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
            "inline": {one: self.iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in names},
            "attached": self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        }

    def picture_of_function(self, name):
        found = self.awslambda.get_function(FunctionName=name)
        return {**lasting(found["Configuration"]), "concurrency": found.get("Concurrency")}

    def picture_of_trigger(self, _name):
        return {**lasting(self.mapping()), "state": self.mapping()["State"]}

    def picture_of_log_group(self, name):
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return lasting(group)

    def tags(self, kind, name):
        """A resource's tags."""
        if kind == "queue":
            return self.sqs.list_queue_tags(QueueUrl=self.url(name)).get("Tags", {})
        if kind == "table":
            return pairs(self.dynamodb.list_tags_of_resource(ResourceArn=self.arn("dynamodb", f"table/{name}"))["Tags"])
        if kind == "role":
            return pairs(self.iam.list_role_tags(RoleName=name)["Tags"])
        if kind == "log_group":
            return self.logs.list_tags_for_resource(resourceArn=self.arn("logs", f"log-group:{name}"))["tags"]
        arn = self.arn("lambda", f"function:{name}")
        if kind == "trigger":
            arn = self.arn("lambda", f"event-source-mapping:{self.mapping()['UUID']}")
        return self.awslambda.list_tags(Resource=arn)["Tags"]


def lasting(found):
    """What somebody has set."""
    return {member: value for member, value in found.items() if member not in OF_THE_SERVICE}


def pairs(tags):
    return {one["Key"]: one["Value"] for one in tags}
