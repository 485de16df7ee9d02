"""Reads an account through boto3, whose clients the scripts also use to change it."""

import boto3
from botocore.config import Config

REGION = "us-east-1"
# Members that the services set by themselves.
OF_THE_SERVICE = {
    "ResponseMetadata", "LastModified", "RevisionId", "CodeSize", "LastModifiedTimestamp", "CreatedTimestamp",
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
    "LastProcessingResult", "StateTransitionReason", "LastUpdateStatus", "State", "storedBytes", "creationTime",
    "UUID", "EventSourceMappingArn",
}
TABLE = {"KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled", "StreamSpecification", "SSEDescription"}


class AwsInspector:
    """boto3's clients for the account that the variables of an environment point to."""

    def __init__(self, variables, account="000000000000"):
        self.account = account
        self.variables = variables
        self.sqs, self.dynamodb, self.awslambda = self.client("sqs"), self.client("dynamodb"), self.client("lambda")
        self.iam, self.logs = self.client("iam"), self.client("logs")

    def client(self, service):
        keys = {name.lower(): self.variables[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        retrying = Config(retries={"mode": "standard", "total_max_attempts": 10})
        return boto3.client(service, endpoint_url=self.variables["AWS_ENDPOINT_URL"], region_name=REGION,
                            config=retrying, **keys)

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
        """The names of all resources, by kind."""
        return {
            "queues": sorted(url.rsplit("/", 1)[1] for url in self.sqs.list_queues().get("QueueUrls", [])),
            "tables": self.dynamodb.list_tables()["TableNames"],
            "functions": sorted(one["FunctionName"] for one in self.awslambda.list_functions()["Functions"]),
            "mappings": [one["FunctionArn"] for one in self.mappings()],
            "roles": sorted(one["RoleName"] for one in self.iam.list_roles()["Roles"]),
            "log groups": sorted(one["logGroupName"] for one in self.logs.describe_log_groups()["logGroups"]),
        }

    def left(self):
        """The names of all resources, by kind, without the kinds that have none."""
        return {kind: all for kind, all in self.everything().items() if all}

    def queue(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=["All"])["Attributes"]

    def settings(self, kind, name):
        """A resource's settings, without its tags and without what its service sets by itself."""
        return getattr(self, f"settings_of_{kind}")(name)

    def settings_of_queue(self, name):
        return configured(self.queue(name))

    def settings_of_table(self, name):
        found = self.dynamodb.describe_table(TableName=name)["Table"]
        settings = {member: found[member] for member in TABLE & found.keys()}
        settings["billing"] = found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        units = found["ProvisionedThroughput"]
        settings["units"] = [units[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")]
        settings["ttl"] = self.dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return settings

    def settings_of_role(self, name):
        names = self.iam.list_role_policies(RoleName=name)["PolicyNames"]
        return {
            "trust": self.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
            "inline": {one: self.iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in names},
            "attached": self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        }

    def settings_of_function(self, name):
        found = self.awslambda.get_function(FunctionName=name)
        return {**configured(found["Configuration"]), "concurrency": found.get("Concurrency")}

    def settings_of_trigger(self, _name):
        return {**configured(self.mapping()), "state": self.mapping()["State"]}

    def settings_of_log_group(self, name):
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return configured(group)

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


def configured(found):
    """The members that a caller has set."""
    return {member: value for member, value in found.items() if member not in OF_THE_SERVICE}


def pairs(tags):
    return {one["Key"]: one["Value"] for one in tags}
