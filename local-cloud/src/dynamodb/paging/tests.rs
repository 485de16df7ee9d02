use std::cell::Cell;

use dynoxide::actions::execute_statement::{ExecuteStatementRequest, ExecuteStatementResponse};
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

const TEXT: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A table with the key `(p, s)`, a global index on `g` and a local one on `l`, both of which hold
/// parts of the items only.
fn database() -> Database {
    let database = Database::memory().unwrap();
    let attribute = |name, kind| json!({"AttributeName": name, "AttributeType": kind});
    let key = |name, kind| json!({"AttributeName": name, "KeyType": kind});
    let some = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n", "pad"]});
    let table = json!({
        "TableName": "things",
        "AttributeDefinitions": [
            attribute("p", "S"), attribute("s", "N"), attribute("g", "S"), attribute("l", "N"),
        ],
        "KeySchema": [key("p", "HASH"), key("s", "RANGE")],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-g", "KeySchema": [key("g", "HASH")], "Projection": some},
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by-l",
                "KeySchema": [key("p", "HASH"), key("l", "RANGE")],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    });
    database.create_table(read(table)).unwrap();
    database
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Puts an item whose attribute `pad` has this many bytes.
fn put(database: &Database, number: usize, pad: usize) {
    let item = json!({
        "p": {"S": format!("p{}", number % 3)},
        "s": {"N": number.to_string()},
        "g": {"S": format!("g{}", number % 2)},
        "l": {"N": (number / 4).to_string()},
        "n": {"N": (number % 5).to_string()},
        "pad": {"S": TEXT.chars().cycle().take(pad).collect::<String>()},
    });
    let put = json!({"TableName": "things", "Item": item});
    database.put_item(read(put)).unwrap();
}

/// Sizes of items: many small ones, and a few that make a page end early.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![20 => 0..200_usize, 3 => 2_000..30_000_usize, 1 => Just(300_000_usize)];
    prop::collection::vec(size, 0..300)
}

/// What a request has beside its table and key condition.
fn options() -> impl Strategy<Value = Value> {
    let limit = prop::option::of(prop_oneof![1..20_usize, 50..300_usize, Just(100_000_usize)]);
    let shape = prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({"ProjectionExpression": "#n, p"})),
        1 => Just(json!({"Select": "COUNT"})),
        1 => Just(json!({"ReturnConsumedCapacity": "INDEXES"})),
    ];
    let index = prop_oneof![3 => Just(None), 1 => Just(Some("by-g")), 1 => Just(Some("by-l"))];
    (limit, shape, index, any::<bool>()).prop_map(|(limit, mut options, index, filtered)| {
        if let Some(limit) = limit {
            options["Limit"] = json!(limit);
        }
        if let Some(index) = index {
            options["IndexName"] = json!(index);
        }
        if options.get("ProjectionExpression").is_some() {
            options["ExpressionAttributeNames"] = json!({"#n": "n"});
        }
        if filtered {
            options["FilterExpression"] = json!("n < :filter");
            options["ExpressionAttributeValues"] = json!({":filter": {"N": "2"}});
        }
        options["TableName"] = json!("things");
        options
    })
}

/// A reply as clients see it. Dynoxide counts the item that does not fit any more as read; DynamoDB
/// does not, so the number of items read is left out where a page ends before its limit.
fn seen(reply: &impl Serialize, limit: Option<usize>) -> Value {
    let mut reply = serde_json::to_value(reply).unwrap();
    let read = reply["ScannedCount"].as_u64();
    if reply.get("LastEvaluatedKey").is_some() && read != limit.map(|limit| limit as u64) {
        reply["ScannedCount"] = Value::Null;
    }
    reply
}

/// Compares all pages with those of dynoxide; returns how many there are.
fn compare<R>(database: &Database, mut request: Value) -> usize
where
    R: PagedRead + DeserializeOwned,
    R::Reply: Serialize,
{
    for pages in 1.. {
        let limit = request["Limit"].as_u64().map(|limit| limit as usize);
        let ours = page::<R>(database, &read(request.clone())).unwrap();
        let theirs = read::<R>(request.clone()).run(database).unwrap();
        let ours = serde_json::to_value(&ours).unwrap();
        let mut compared = seen(&theirs, limit);
        if compared["ScannedCount"].is_null() {
            compared["ScannedCount"] = ours["ScannedCount"].clone();
        }
        assert_eq!(ours, compared, "{request}");
        if request.get("FilterExpression").is_none() {
            assert_eq!(ours["ScannedCount"], ours["Count"], "{request}");
        }
        match ours.get("LastEvaluatedKey") {
            None => return pages,
            Some(key) => request["ExclusiveStartKey"] = key.clone(),
        }
    }
    unreachable!("the loop returns")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_are_those_of_dynoxide(
        sizes in sizes(),
        mut options in options(),
        segments in prop::option::of((0..3_u32, Just(3_u32))),
        forward in any::<bool>(),
    ) {
        let database = database();
        for (number, size) in sizes.iter().enumerate() {
            put(&database, number, *size);
        }
        let mut scan = options.clone();
        if let Some((segment, of)) = segments {
            scan["Segment"] = json!(segment);
            scan["TotalSegments"] = json!(of);
        }
        compare::<ScanRequest>(&database, scan);

        let (key, value) = match options["IndexName"].as_str() {
            Some("by-g") => ("g = :key", "g1"),
            Some("by-l") => ("p = :key AND l >= :least", "p1"),
            _ => ("p = :key AND s >= :least", "p1"),
        };
        options["KeyConditionExpression"] = json!(key);
        options["ScanIndexForward"] = json!(forward);
        options["ExpressionAttributeValues"][":key"] = json!({"S": value});
        if key.contains(":least") {
            options["ExpressionAttributeValues"][":least"] = json!({"N": "3"});
        }
        if options["IndexName"] == "by-l" && options.get("FilterExpression").is_none() {
            let whole = {
                let mut whole = options.clone();
                whole.as_object_mut().unwrap().remove("ProjectionExpression");
                whole.as_object_mut().unwrap().remove("ExpressionAttributeNames");
                whole["Select"] = json!("ALL_ATTRIBUTES");
                whole
            };
            compare::<QueryRequest>(&database, whole);
        }
        compare::<QueryRequest>(&database, options);
    }
}

#[test]
fn pages_end_at_one_megabyte() {
    let database = database();
    for number in 0..400 {
        put(&database, number, 10_000);
    }
    let scan = json!({"TableName": "things"});
    assert_eq!(compare::<ScanRequest>(&database, scan), 4);
    let counted = json!({"TableName": "things", "Select": "COUNT"});
    assert_eq!(compare::<ScanRequest>(&database, counted), 4);
}

#[test]
fn an_invalid_request_is_refused_as_by_dynoxide() {
    let database = database();
    for number in 0..100 {
        put(&database, number, 10);
    }
    for request in [
        json!({"TableName": "missing"}),
        json!({"TableName": "things", "FilterExpression": "n <"}),
        json!({"TableName": "things", "ExpressionAttributeNames": {"#unused": "n"}}),
        json!({"TableName": "things", "Select": "COUNT", "ProjectionExpression": "n"}),
        json!({"TableName": "things", "ExclusiveStartKey": {"n": {"N": "1"}}}),
    ] {
        let ours = page::<ScanRequest>(&database, &read(request.clone())).unwrap_err();
        let theirs = database.scan(read(request)).unwrap_err();
        assert_eq!(ours.to_string(), theirs.to_string());
    }
}

fn statement(database: &Database, request: Value) -> ExecuteStatementResponse {
    statement_page(database, read::<ExecuteStatementRequest>(request)).unwrap()
}

/// All pages of a statement; each has at most this many bytes of items.
fn statements(database: &Database, mut request: Value) -> Vec<Vec<Item>> {
    let mut pages = Vec::new();
    loop {
        let reply = statement(database, request.clone());
        let items = reply.items.unwrap();
        let bytes: usize = items.iter().map(item_size).sum();
        assert!(bytes <= PAGE_BYTES, "{bytes}");
        pages.push(items);
        match reply.next_token {
            None => return pages,
            Some(token) => request["NextToken"] = json!(token),
        }
    }
}

#[test]
fn selects_have_pages_of_one_megabyte() {
    let database = database();
    for number in 0..400 {
        put(&database, number, 10_000);
    }
    let whole = |request: Value| {
        let request: ExecuteStatementRequest = read(request);
        database.execute_statement(request).unwrap().items.unwrap()
    };
    for text in [
        "SELECT * FROM \"things\"",
        "SELECT * FROM \"things\" WHERE n < 2",
        "SELECT * FROM \"things\" WHERE p = 'p1'",
        "SELECT n FROM \"things\".\"by-g\" WHERE g = 'g1'",
    ] {
        let request = json!({"Statement": text});
        let pages = statements(&database, request.clone());
        assert!(pages.len() > 1, "{text}");
        assert_eq!(pages.concat(), whole(request), "{text}");
    }
}

#[test]
fn a_select_with_a_limit_reads_so_many_rows() {
    let database = database();
    for number in 0..300 {
        put(&database, number, 10);
    }
    let request = |limit: usize| json!({"Statement": "SELECT * FROM things", "Limit": limit});
    for limit in [1, 64, 65, 250, 300] {
        let reply = statement(&database, request(limit));
        assert_eq!(reply.items.unwrap().len(), limit);
        assert!(reply.next_token.is_some());
    }
    assert_eq!(statement(&database, request(301)).next_token, None);
    let mut with_capacity = request(300);
    with_capacity["ReturnConsumedCapacity"] = json!("TOTAL");
    let theirs = database.execute_statement(read(with_capacity.clone()));
    let ours = statement(&database, with_capacity);
    let value = |reply: &ExecuteStatementResponse| serde_json::to_value(reply).unwrap();
    assert_eq!(value(&ours), value(&theirs.unwrap()));
}

/// A `Scan` that counts the rows that dynoxide may read for it.
struct Counted<'a> {
    scan: ScanRequest,
    rows: &'a Cell<usize>,
}

impl PagedRead for Counted<'_> {
    type Reply = ScanResponse;

    fn limit(&self) -> Option<usize> {
        self.scan.limit()
    }

    fn part(&self, limit: usize, after: Option<&Key>) -> Self {
        let scan = self.scan.part(limit, after);
        Self { scan, ..*self }
    }

    fn unfiltered(&self) -> Self {
        let scan = self.scan.unfiltered();
        Self { scan, ..*self }
    }

    fn is_unfiltered(&self) -> bool {
        self.scan.is_unfiltered()
    }

    fn run(self, database: &Database) -> Result<ScanResponse, DynoxideError> {
        let limit = self.scan.limit.expect("every read has a limit");
        self.rows.set(self.rows.get() + limit);
        self.scan.run(database)
    }

    fn parts(reply: ScanResponse) -> (Vec<Item>, Option<Key>) {
        ScanRequest::parts(reply)
    }

    fn has_more(reply: &ScanResponse) -> bool {
        ScanRequest::has_more(reply)
    }

    fn reply(items: Vec<Item>, last_key: Option<Key>) -> ScanResponse {
        ScanRequest::reply(items, last_key)
    }
}

#[test]
fn a_page_reads_hardly_more_rows_than_it_has() {
    let database = database();
    for number in 0..3_000 {
        put(&database, number, 1_000);
    }
    for (options, most) in [
        (json!({}), 1.5),
        (json!({"Select": "COUNT"}), 2.5),
        (
            json!({"FilterExpression": "n < :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}),
            2.5,
        ),
        (json!({"Limit": 1_000_000}), 1.5),
        (json!({"Limit": 10, "Select": "COUNT"}), 2.0),
    ] {
        let mut request = options.clone();
        request["TableName"] = json!("things");
        let rows = Cell::new(0);
        let scan = Counted {
            scan: read(request),
            rows: &rows,
        };
        let reply = page(&database, &scan).unwrap();
        let of_page = reply.scanned_count as f64;
        assert!(of_page < 1_100.0, "{options}");
        let times = rows.get() as f64 / of_page;
        assert!(times <= most, "{options}: {times}");
    }
}
