//! `redrive` of selected and changed dead letters: what is repaired is stored and accounted for.

use serde_json::Value;

use crate::support::lab::Lab;

#[test]
fn repaired_orders_are_stored_and_accounted_for() {
    let lab = Lab::up();
    let faults = ["--faults", "price_err,missing_field"];
    let send = [
        "simulate",
        "--count",
        "30",
        "--fault-rate",
        "0.6",
        "--seed",
        "5",
    ];
    let sent = lab.good(&[&send[..], &faults].concat());
    let bad = sent["bad"].as_u64().expect("a count");
    let set = [
        "redrive",
        "--reason",
        "price_err",
        "--set",
        "body.price_per_item=125.0",
    ];
    let (_, planned) = lab.json(&[&set[..], &["--dry-run"]].concat());
    let planned = planned["planned"].as_array().expect("messages").clone();
    assert!(!planned.is_empty() && planned.len() < usize::try_from(bad).expect("few"));
    for one in &planned {
        assert_eq!(one["problem"], Value::Null, "{one}");
        let after = one["after"].as_str().expect("a body");
        assert!(after.contains("\"price_per_item\": 125.0"), "{after}");
    }
    let redriven = lab.good(&set);
    assert_eq!(redriven["stored"], planned.len(), "{redriven:#}");
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["repaired"], planned.len(), "{audit:#}");
    assert_eq!(audit["dead_lettered"], bad - planned.len() as u64);
    let (code, nothing) = lab.json(&["redrive", "--resume"]);
    assert_eq!((code, &nothing["error"]["kind"]), (4, &"not_found".into()));
}
