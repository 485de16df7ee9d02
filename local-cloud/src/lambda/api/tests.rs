//! Paths, shapes and pages.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::invoke::{Kind, kind, payload, with_log};
use super::mappings::SettingsInput;
use super::route::{Operation, route};
use super::{configuration, page, refuse_others, wire};
use crate::clock::{LabMs, Now, WallMs};
use crate::ids::SeededIds;
use crate::lambda::engine::{
    Configuration, FilterCriteria, Loaded, NewFunction, NewMapping, Registry,
};

const NOW: Now = Now {
    wall: WallMs(1_767_225_600_000),
    lab: LabMs(0),
};

fn with_function() -> (Registry, SeededIds) {
    let mut registry = Registry::load(("000000000000", "us-east-1"), Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    let new = NewFunction {
        name: "f".to_owned(),
        configuration: Configuration {
            role_arn: Some("arn:aws:iam::000000000000:role/r".to_owned()),
            runtime: Some("provided.al2023".to_owned()),
            handler: Some("bootstrap".to_owned()),
            environment: Some(BTreeMap::from([("KEY".to_owned(), "value".to_owned())])),
            ..Configuration::default()
        },
        ..NewFunction::default()
    };
    registry.create_function(new, NOW, &mut ids).unwrap();
    (registry, ids)
}

#[test]
fn a_configuration_says_where_the_function_stands() {
    let (mut registry, mut ids) = with_function();
    let pending = wire::configuration(registry.function("f").unwrap());
    assert_eq!(pending["State"], "Pending");
    assert_eq!(pending["StateReason"], "The function is being created.");
    assert_eq!(pending["StateReasonCode"], "Creating");
    assert_eq!(pending.get("LastUpdateStatus"), None);
    assert_eq!(pending["LastModified"], "2026-01-01T00:00:00.000+0000");
    assert_eq!(
        pending["Environment"],
        json!({ "Variables": { "KEY": "value" } })
    );
    assert_eq!(pending["EphemeralStorage"], json!({ "Size": 512 }));
    let logging = json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/f" });
    assert_eq!(pending["LoggingConfig"], logging);
    registry.function_settled("f", NOW, &mut ids).unwrap();
    let active = wire::configuration(registry.function("f").unwrap());
    assert_eq!(active["State"], "Active");
    assert_eq!(active["LastUpdateStatus"], "Successful");
    assert_eq!(active.get("StateReason"), None);
    assert_ne!(active["RevisionId"], pending["RevisionId"]);
    let wanted = Configuration::default();
    registry
        .update_configuration("f", wanted, None, NOW, &mut ids)
        .unwrap();
    let updating = wire::configuration(registry.function("f").unwrap());
    assert_eq!(updating["LastUpdateStatus"], "InProgress");
    let listed = wire::listed(registry.function("f").unwrap());
    assert_eq!(listed.get("State"), None);
    assert_eq!(listed["Version"], "$LATEST");
}

#[test]
fn a_mapping_has_its_dates_in_seconds() {
    let (mut registry, mut ids) = with_function();
    let new = NewMapping {
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
        visibility_timeout: Some(30),
        function: "f".to_owned(),
        ..NewMapping::default()
    };
    let (mapping, _) = registry.create_mapping(new, NOW, &mut ids).unwrap();
    let wire = wire::mapping(&mapping);
    assert_eq!(wire["LastModified"], 1_767_225_600);
    assert_eq!(wire["State"], "Creating");
    assert_eq!(wire["StateTransitionReason"], "USER_INITIATED");
    assert_eq!(wire["FunctionResponseTypes"], json!([]));
    assert_eq!(wire.get("ScalingConfig"), None);
    assert_eq!(wire.get("FilterCriteria"), None);
    let patterns = vec![r#"{"body":["x"]}"#.to_owned()];
    let mut filtered = mapping;
    filtered.filters = FilterCriteria::parse(patterns).unwrap();
    let filters = json!({ "Filters": [{ "Pattern": r#"{"body":["x"]}"# }] });
    assert_eq!(wire::mapping(&filtered)["FilterCriteria"], filters);
}

#[test]
fn paths_name_operations_and_others_are_refused_by_name() {
    let name = || "f".to_owned();
    let cases = [
        ("POST", "/2015-03-31/functions", Operation::CreateFunction),
        ("GET", "/2015-03-31/functions/", Operation::ListFunctions),
        (
            "POST",
            "/2015-03-31/functions/f/invocations",
            Operation::Invoke(name()),
        ),
        (
            "PUT",
            "/2017-10-31/functions/f/concurrency",
            Operation::PutConcurrency(name()),
        ),
        (
            "GET",
            "/2019-09-30/functions/f/concurrency",
            Operation::GetConcurrency(name()),
        ),
        (
            "POST",
            "/2015-03-31/event-source-mappings/",
            Operation::CreateMapping,
        ),
        (
            "GET",
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3Aa%3Afunction%3Af",
            Operation::GetFunction("arn:aws:lambda:r:a:function:f".to_owned()),
        ),
    ];
    for (method, path, operation) in cases {
        assert_eq!(route(method, path).unwrap(), operation, "{method} {path}");
    }
    let error = route("POST", "/2015-03-31/functions/f/aliases").unwrap_err();
    assert_eq!(error.code, "UnknownOperationException");
    assert!(
        error
            .message
            .contains("POST /2015-03-31/functions/f/aliases")
    );
    assert!(route("PATCH", "/").is_err());
}

#[test]
fn payloads_are_json_within_the_limits() {
    let small = |kind, text: &'static str| payload(kind, &Bytes::from_static(text.as_bytes()));
    assert_eq!(small(Kind::RequestResponse, "").unwrap(), "{}");
    assert_eq!(small(Kind::Event, "[1]").unwrap(), "[1]");
    let error = small(Kind::RequestResponse, "{").unwrap_err();
    assert_eq!(
        (error.status, error.code.as_ref()),
        (400, "InvalidRequestContentException")
    );
    let big = Bytes::from(format!("\"{}\"", "x".repeat(1 << 20)));
    assert!(payload(Kind::RequestResponse, &big).is_ok());
    let error = payload(Kind::Event, &big).unwrap_err();
    assert_eq!(
        (error.status, error.code.as_ref()),
        (413, "RequestTooLargeException")
    );
    assert_eq!(kind(None).unwrap(), Kind::RequestResponse);
    assert_eq!(kind(Some("DryRun")).unwrap(), Kind::DryRun);
    assert!(kind(Some("Later")).is_err());
    assert!(with_log(Some("Tail")).unwrap());
    assert!(with_log(Some("Head")).is_err());
}

#[test]
fn parameters_that_nothing_reads_are_refused_unless_they_say_nothing() {
    let read = |body: Value| {
        let input: configuration::ConfigurationInput = serde_json::from_value(body).unwrap();
        input.read()
    };
    let usual = json!({
        "Timeout": 5,
        "Publish": false,
        "Layers": [],
        "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] },
        "TracingConfig": { "Mode": "PassThrough" },
        "PackageType": "Zip",
        "SnapStart": { "ApplyOn": "None" },
    });
    assert_eq!(read(usual).unwrap().timeout_seconds, Some(5));
    for body in [
        json!({ "Publish": true }),
        json!({ "PackageType": "Image" }),
        json!({ "TracingConfig": { "Mode": "Active" } }),
        json!({ "Layers": ["arn"] }),
    ] {
        let name = body.as_object().unwrap().keys().next().unwrap().clone();
        assert!(read(body).unwrap_err().message.contains(&name));
    }
    let code = json!({ "S3Bucket": "b" });
    assert!(refuse_others(code.as_object().unwrap()).is_err());
}

#[test]
fn mappings_of_queues_have_no_position_and_filters_that_are_patterns() {
    let read = |body: Value| {
        serde_json::from_value::<SettingsInput>(body)
            .unwrap()
            .read()
    };
    let message = |body| read(body).unwrap_err().message;
    assert_eq!(
        message(json!({ "StartingPosition": "LATEST" })),
        "StartingPosition is not valid for SQS event sources."
    );
    let filters =
        |pattern: &str| json!({ "FilterCriteria": { "Filters": [{ "Pattern": pattern }] } });
    assert_eq!(message(filters("{}")), "Invalid filter pattern definition.");
    let read_back = read(filters(r#"{"body":["x"]}"#)).unwrap().filters.unwrap();
    assert!(read_back.patterns().eq([r#"{"body":["x"]}"#]));
    assert_eq!(read(json!({})).unwrap().filters, None);
    assert!(message(json!({ "FunctionResponseTypes": ["Other"] })).contains("Report"));
    let settings = read(json!({
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {},
        "FilterCriteria": { "Filters": [] },
    }));
    let settings = settings.unwrap();
    assert_eq!(settings.report_failures, Some(true));
    assert_eq!(settings.maximum_concurrency, Some(None));
    assert!(settings.filters.unwrap().is_empty());
}

#[test]
fn pages_follow_each_other_and_end() {
    let names = ["a", "b", "c"];
    let all = || names.iter().map(|name| (*name, *name));
    let (items, next) = page(all(), "MaxItems=2", 50).unwrap();
    assert_eq!((items, next.as_deref()), (vec!["a", "b"], Some("b")));
    let (items, next) = page(all(), "MaxItems=2&Marker=b", 50).unwrap();
    assert_eq!((items, next), (vec!["c"], None));
    let (items, next) = page(all(), "", 3).unwrap();
    assert_eq!((items.len(), next), (3, None));
    for query in ["MaxItems=0", "MaxItems=x", "MaxItems=10001"] {
        assert!(page(all(), query, 50).is_err(), "{query}");
    }
}
