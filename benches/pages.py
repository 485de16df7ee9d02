"""Prints how long the pages of a table take at its beginning and at its end. They take the same time
when a page reads no more than itself.

Usage: pages.py [PATH-TO-ORDERS-LAB] [--items N]

Needs boto3. Figures of one run on one machine compare with each other, not with those of another
machine.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "foreign"))

import lab  # noqa: E402

TABLE = {
    "TableName": "pages",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}

DETAILS = '{"num_items":3,"price_per_item":120.0,"item_description":"zTablet"}'


def fill(client, count):
    for first in range(0, count, 25):
        items = [
            {"id": {"N": str(number)}, "order_details": {"S": DETAILS}, "run": {"S": "20261123-100000-abcd"}}
            for number in range(first, min(first + 25, count))
        ]
        client.batch_write_item(RequestItems={"pages": [{"PutRequest": {"Item": item}} for item in items]})


def timed(client, request, limit=None):
    """The seconds that each page takes, and the number of items on all of them."""
    seconds, items = [], 0
    while limit is None or len(seconds) < limit:
        began = time.monotonic()
        page = client.scan(TableName="pages", **request)
        seconds.append(time.monotonic() - began)
        items += page["Count"]
        if "LastEvaluatedKey" not in page:
            break
        request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}
    return seconds, items


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default="target/release/orders-lab")
    parser.add_argument("--items", type=int, default=200_000)
    arguments = parser.parse_args()
    with lab.local(arguments.program) as tool:
        tool.good("local", "start")
        variables = tool.variables()
        client = boto3.client(
            "dynamodb",
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name=variables["AWS_REGION"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_table(**TABLE)
        fill(client, arguments.items)
        few = {"FilterExpression": "id < :few", "ExpressionAttributeValues": {":few": {"N": "10"}}}
        for name, request in [
            ("Scan", {}),
            ("Scan, COUNT", {"Select": "COUNT"}),
            ("Scan, filtered", few),
            ("Scan, one of two segments", {"Segment": 0, "TotalSegments": 2}),
        ]:
            seconds, items = timed(client, request)
            # The very last page is shorter than the others.
            first, last = (statistics.median(some) * 1000 for some in (seconds[:5], seconds[-6:-1]))
            print(
                f"{name:<28} {items:>8} items on {len(seconds):>3} pages:"
                f" the first take {first:6.1f} ms, the last {last:6.1f} ms",
                flush=True,
            )
        began = time.monotonic()
        count = client.describe_table(TableName="pages")["Table"]["ItemCount"]
        print(f"{'DescribeTable':<28} {count:>8} items: {(time.monotonic() - began) * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
