//! DynamoDB: single puts, through the cloud and directly in dynoxide.

use std::time::Instant;

use dynoxide::Database;
use serde_json::json;

use crate::client::Client;
use crate::lab::Lab;
use crate::queues::in_parallel;
use crate::{Figures, MEASURED};

const TABLE: &str = r#"{"TableName":"orders","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}"#;

pub(crate) fn measure(figures: &Figures) {
    for (connections, target) in [(1, "12000"), (4, "20000")] {
        let name = format!("put/{connections}");
        if figures.wants(&name) {
            let lab = Lab::new();
            let login = lab.start();
            Client::new(&login, "dynamodb").call("CreateTable", TABLE);
            let rate = in_parallel(connections, |thread| {
                let mut client = Client::new(&login, "dynamodb");
                let (began, mut put) = (Instant::now(), 0_u64);
                while began.elapsed() < MEASURED {
                    client.call("PutItem", &item(thread * 100_000_000 + put));
                    put += 1;
                }
                put as f64
            });
            figures.print(&format!("{name}: PutItem"), rate, "items/s", target);
        }
    }
    if figures.wants("dynoxide") {
        figures.print(
            "dynoxide: put_item in process, on file",
            alone(),
            "items/s",
            "-",
        );
    }
}

fn item(id: u64) -> String {
    json!({"TableName": "orders", "Item": {
        "id": {"N": id.to_string()},
        "order_details": {"S": r#"{"num_items":3,"price_per_item":120.0,"item_description":"zTablet"}"#},
        "run": {"S": "20261123-100000-abcd"},
        "run_index": {"N": id.to_string()},
    }})
    .to_string()
}

/// Dynoxide on a file as the cloud opens it, without HTTP, signatures and threads.
fn alone() -> f64 {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tables.db");
    let database = Database::new(path.to_str().unwrap()).unwrap();
    database.enable_bulk_loading().unwrap();
    database.disable_bulk_loading().unwrap();
    database
        .create_table(serde_json::from_str(TABLE).unwrap())
        .unwrap();
    let (began, mut put) = (Instant::now(), 0);
    while began.elapsed() < MEASURED {
        let request = serde_json::from_str(&item(put)).unwrap();
        database.put_item(request).unwrap();
        put += 1;
    }
    put as f64 / began.elapsed().as_secs_f64()
}
