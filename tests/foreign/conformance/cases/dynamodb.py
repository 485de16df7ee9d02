"""DynamoDB: a smoke set. The tables are dynoxide's, which has a suite of its own."""

TABLE = "orders"
KEY = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
       "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}


def number(value):
    return {"id": {"N": str(value)}}


def order(value, details="a"):
    return {**number(value), "order_details": {"S": details}}


def active(output):
    return output and output["Table"]["TableStatus"] == "ACTIVE"


def tables(dynamodb):
    dynamodb.ok("ListTables", "none there")
    dynamodb.ok("CreateTable", "on demand", TableName=TABLE, BillingMode="PAY_PER_REQUEST", **KEY,
                Tags=[{"Key": "a", "Value": "1"}])
    dynamodb.until("DescribeTable", active, TableName=TABLE)
    dynamodb.ok("DescribeTable", "on demand", TableName=TABLE)
    dynamodb.no("ResourceInUseException", "CreateTable", "again", TableName=TABLE, BillingMode="PAY_PER_REQUEST", **KEY)
    dynamodb.ok("CreateTable", "provisioned", TableName="provisioned", **KEY,
                ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    dynamodb.until("DescribeTable", active, TableName="provisioned")
    dynamodb.ok("DescribeTable", "provisioned", TableName="provisioned")
    dynamodb.no("ValidationException", "CreateTable", "without a throughput", TableName="other", **KEY)
    dynamodb.no("ValidationException", "CreateTable", "of a name too short", TableName="a", BillingMode="PAY_PER_REQUEST", **KEY)
    dynamodb.ok("ListTables", "two")
    dynamodb.ok("ListTables", "page one", Limit=1)
    dynamodb.no("ResourceNotFoundException", "DescribeTable", "none", TableName="none",
                text="Requested resource not found: Table: none not found")
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"
    dynamodb.ok("TagResource", "one more", ResourceArn=arn, Tags=[{"Key": "b", "Value": ""}])
    dynamodb.ok("ListTagsOfResource", "two", ResourceArn=arn)
    dynamodb.ok("UntagResource", "one", ResourceArn=arn, TagKeys=["a"])
    dynamodb.ok("DescribeTimeToLive", "off", TableName=TABLE)
    dynamodb.ok("UpdateTimeToLive", "on", TableName=TABLE,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    dynamodb.ok("UpdateTable", "protected", TableName="provisioned", DeletionProtectionEnabled=True)
    dynamodb.until("DescribeTable", active, TableName="provisioned")
    dynamodb.no("ValidationException", "DeleteTable", "protected", TableName="provisioned",
                text="Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                "protection first.")
    dynamodb.ok("UpdateTable", "not protected", TableName="provisioned", DeletionProtectionEnabled=False)
    dynamodb.until("DescribeTable", active, TableName="provisioned")
    dynamodb.ok("DeleteTable", "provisioned", TableName="provisioned")
    dynamodb.no("ResourceNotFoundException", "DeleteTable", "none", TableName="none",
                text="Requested resource not found: Table: none not found")


def items(dynamodb):
    here = {"TableName": TABLE}
    dynamodb.ok("PutItem", "one", Item={**order(1), "b": {"B": b"\x00"}, "t": {"BOOL": True}, "n": {"NULL": True},
                "l": {"L": [{"N": "1.50"}]}, "m": {"M": {"x": {"S": "y"}}}, "s": {"SS": ["a"]}}, **here)
    dynamodb.ok("GetItem", "one", Key=number(1), ConsistentRead=True, ReturnConsumedCapacity="TOTAL", **here)
    dynamodb.ok("GetItem", "none", Key=number(99), **here)
    once = {"ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.no("ConditionalCheckFailedException", "PutItem", "again", Item=order(1), **once, **here,
                text="The conditional request failed")
    dynamodb.no("ConditionalCheckFailedException", "PutItem", "again, showing the old one", Item=order(1),
                ReturnValuesOnConditionCheckFailure="ALL_OLD", **once, **here)
    dynamodb.no("ValidationException", "PutItem", "without its key", Item={"x": {"S": "y"}}, **here)
    dynamodb.no("ValidationException", "PutItem", "a key of another type", Item={"id": {"S": "1"}}, **here)
    dynamodb.no("ValidationException", "PutItem", "39 digits", Item={**number(2), "n": {"N": "1" * 39}}, **here,
                text="*Attempting to store more than 38 significant digits in a Number")
    dynamodb.no("ResourceNotFoundException", "PutItem", "into none", TableName="none", Item=order(1),
                text="Requested resource not found")
    dynamodb.ok("UpdateItem", "one", Key=number(1), UpdateExpression="SET seen = :one", ReturnValues="ALL_NEW",
                ExpressionAttributeValues={":one": {"N": "1"}}, **here)
    dynamodb.ok("BatchWriteItem", "two", RequestItems={TABLE: [{"PutRequest": {"Item": order(2)}}, {"PutRequest": {"Item": order(3)}}]})
    dynamodb.ok("BatchGetItem", "two", RequestItems={TABLE: {"Keys": [number(2), number(3)]}})
    dynamodb.ok("Query", "one", KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"N": "2"}}, **here)
    dynamodb.ok("Scan", "counting", Select="COUNT", ConsistentRead=True, **here)
    dynamodb.ok("Scan", "page one", Limit=1, **here)
    dynamodb.ok("DeleteItem", "one", Key=number(3), ReturnValues="ALL_OLD", **here)


def statements(dynamodb):
    insert = f"INSERT INTO \"{TABLE}\" VALUE {{'id': ?, 'order_details': ?}}"
    dynamodb.ok("BatchExecuteStatement", "one taken, one new", Statements=[
        {"Statement": insert, "Parameters": [{"N": "1"}, {"S": "a"}]},
        {"Statement": insert, "Parameters": [{"N": "4"}, {"S": "d"}]}])
    dynamodb.ok("ExecuteStatement", "one", Statement=f'SELECT * FROM "{TABLE}" WHERE id = ?', Parameters=[{"N": "4"}])
    dynamodb.no("DuplicateItemException", "ExecuteStatement", "a taken one", Statement=insert,
                Parameters=[{"N": "4"}, {"S": "d"}])
    dynamodb.ok("TransactWriteItems", "two", TransactItems=[
        {"Put": {"TableName": TABLE, "Item": order(5)}}, {"Delete": {"TableName": TABLE, "Key": number(4)}}])
    dynamodb.no("TransactionCanceledException", "TransactWriteItems", "one taken", TransactItems=[
        {"Put": {"TableName": TABLE, "Item": order(6)}},
        {"Put": {"TableName": TABLE, "Item": order(5), "ConditionExpression": "attribute_not_exists(id)"}}])
    dynamodb.ok("TransactGetItems", "one", TransactItems=[{"Get": {"TableName": TABLE, "Key": number(5)}}])
    dynamodb.ok("DeleteTable", "on demand", TableName=TABLE)


def wire(dynamodb):
    if not dynamodb.is_local:
        return
    call = {"x_amz_target": "DynamoDB_20120810.ListTables", "content_type": "application/x-amz-json-1.0"}
    dynamodb.raw("SerializationException", "ListTables", "no JSON", body=b"{", **call)
    dynamodb.raw("MissingAuthenticationTokenException", "ListTables", "unsigned", body=b"{}", sign=False, **call)
    dynamodb.raw("InvalidSignatureException", "ListTables", "with a wrong secret", body=b"{}", sign="wrong", **call)


def by_cli(dynamodb):
    cli = dynamodb.cli
    cli(["create-table", "--table-name", "cli", "--billing-mode", "PAY_PER_REQUEST", "--key-schema",
         "AttributeName=id,KeyType=HASH", "--attribute-definitions", "AttributeName=id,AttributeType=N"],
        lambda output: output["TableDescription"]["TableName"] == "cli")
    if dynamodb.is_local:
        dynamodb.until("DescribeTable", active, TableName="cli")
    cli(["put-item", "--table-name", "cli", "--item", '{"id": {"N": "1"}}'], lambda output: output == {})
    cli(["scan", "--table-name", "cli"], lambda output: output["Items"] == [{"id": {"N": "1"}}])
    cli(["delete-table", "--table-name", "cli"], lambda output: True)


SECTIONS = [tables, items, statements, wire, by_cli]
