//! Paths, shapes and pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use tempfile::TempDir;

use super::configuration::ConfigurationInput;
use super::invoke::{InvocationType, invocation_type, payload, with_log};
use super::mapping_settings::SettingsInput;
use super::parameters::{page, refuse_others};
use super::service::LambdaService;
use super::wire;
use crate::clock::{LabMs, Now, WallMs};
use crate::error::AwsError;
use crate::iam::Identities;
use crate::ids::SeededIds;
use crate::lambda::engine::{
    Configuration, FilterCriteria, Loaded, NewFunction, NewMapping, Registry,
};
use crate::lambda::{Dependencies, Functions, FunctionsConfig};
use crate::logs::Logs;
use crate::protocol::http::Request;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::service::{Call, ContextValue, Service};
use crate::sqs::Queues;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

const NOW: Now = Now {
    wall: WallMs(1_767_225_600_000),
    lab: LabMs(0),
};

fn with_function() -> (Registry, SeededIds) {
    let mut registry = Registry::load(("000000000000", "us-east-1"), Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    let created = registry.create_function(new_function(), NOW, &mut ids);
    created.unwrap();
    (registry, ids)
}

fn new_function() -> NewFunction {
    NewFunction {
        name: "f".to_owned(),
        configuration: Configuration {
            role_arn: Some("arn:aws:iam::000000000000:role/r".to_owned()),
            runtime: Some("provided.al2023".to_owned()),
            handler: Some("bootstrap".to_owned()),
            environment: Some(BTreeMap::from([("KEY".to_owned(), "value".to_owned())])),
            ..Configuration::default()
        },
        ..NewFunction::default()
    }
}

fn new_mapping() -> NewMapping {
    NewMapping {
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
        visibility_timeout: Some(30),
        function: "f".to_owned(),
        ..NewMapping::default()
    }
}

#[test]
fn configurations_have_the_function_s_state() {
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
    registry.settle_function("f", NOW, &mut ids).unwrap();
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
fn mappings_have_dates_in_seconds() {
    let (mut registry, mut ids) = with_function();
    let created = registry.create_mapping(new_mapping(), NOW, &mut ids);
    let (mapping, _) = created.unwrap();
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

/// A service without functions.
struct Lab {
    service: Arc<LambdaService>,
    _home: TempDir,
}

impl Lab {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::start(Box::new(MemoryStorage::default()));
        let context = RuntimeContext::for_tests(&journal);
        let config = FunctionsConfig {
            home: home.path().join("functions"),
            packages: home.path().join("packages"),
            endpoint: "http://127.0.0.1:1".to_owned(),
            port: 0,
            is_supervised: false,
            disk_reserve: None,
        };
        let dependencies = Dependencies {
            identities: Identities::open(&context, ("AKIA1", "secret")).unwrap(),
            logs: Logs::open(&context).unwrap(),
            queues: Queues::open(&context).unwrap(),
        };
        let functions = Functions::open(&context, config, dependencies).unwrap();
        Self {
            service: Arc::new(LambdaService::new(functions)),
            _home: home,
        }
    }

    /// Creates the function `f` and a mapping of it, whose UUID it returns.
    async fn with_mapping(&self) -> String {
        let functions = &self.service.functions;
        functions
            .change(|registry, now, ids| registry.create_function(new_function(), now, ids))
            .await
            .unwrap();
        let mapping = functions
            .change(|registry, now, ids| registry.create_mapping(new_mapping(), now, ids))
            .await;
        mapping.unwrap().uuid
    }

    fn read(&self, line: &str, body: &Value) -> Result<Box<dyn Call>, AwsError> {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        Arc::clone(&self.service).read(&Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..request_of_a_role("", body.as_bytes())
        })
    }

    fn error(&self, line: &str) -> AwsError {
        let call = self.read(line, &Value::Null);
        call.map(|call| call.name().to_owned()).unwrap_err()
    }

    /// The required permissions, each with its context.
    fn required(&self, line: &str, body: &Value) -> Vec<String> {
        let call = self.read(line, body).unwrap();
        let required = call.required_permissions().unwrap().into_iter().map(|one| {
            // Those of tags are the same for all services.
            let own = one
                .context
                .iter()
                .filter(|(key, _)| !key.starts_with("aws:"));
            let context: String = own
                .map(|(key, value)| match value {
                    ContextValue::Text(value) => format!(" {key}={value}"),
                    other => format!(" {key} {other:?}"),
                })
                .collect();
            format!("{} {}{context}", one.action, one.resource)
        });
        required.collect()
    }
}

#[tokio::test]
async fn method_and_path_name_the_operation() {
    let lab = Lab::start();
    let create = json!({ "FunctionName": "f", "Code": {} });
    let mapping = json!({ "FunctionName": "f" });
    let concurrency = json!({ "ReservedConcurrentExecutions": 1 });
    let cases = [
        ("POST /2015-03-31/functions", &create, "CreateFunction"),
        ("GET /2015-03-31/functions/", &Value::Null, "ListFunctions"),
        (
            "POST /2015-03-31/functions/f/invocations",
            &Value::Null,
            "InvokeFunction",
        ),
        (
            "PUT /2017-10-31/functions/f/concurrency",
            &concurrency,
            "PutFunctionConcurrency",
        ),
        (
            "GET /2019-09-30/functions/f/concurrency",
            &Value::Null,
            "GetFunctionConcurrency",
        ),
        (
            "POST /2015-03-31/event-source-mappings/",
            &mapping,
            "CreateEventSourceMapping",
        ),
        (
            "GET /2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3Aa%3Afunction%3Af",
            &Value::Null,
            "GetFunction",
        ),
    ];
    for (line, body, name) in cases {
        assert_eq!(lab.read(line, body).unwrap().name(), name, "{line}");
    }
    let error = lab.error("POST /2015-03-31/functions/f/aliases?Qualifier=1");
    assert_eq!(error.code, "UnknownOperationException");
    assert!(
        error
            .message
            .contains("POST /2015-03-31/functions/f/aliases")
    );
    assert_eq!(lab.error("PATCH /").code, "UnknownOperationException");
}

#[tokio::test]
async fn there_are_no_versions_and_aliases() {
    let lab = Lab::start();
    let read = |line| lab.read(line, &Value::Null).map(drop);
    assert!(read("GET /2015-03-31/functions/f?Qualifier=$LATEST").is_ok());
    assert!(read("GET /2015-03-31/functions/f?Qualifier=").is_ok());
    for line in [
        "GET /2015-03-31/functions/f?Qualifier=live",
        "POST /2015-03-31/functions/f/invocations?Qualifier=live",
        "GET /2015-03-31/event-source-mappings?Qualifier=live",
    ] {
        let error = lab.error(line);
        assert_eq!(error.code, "InvalidParameterValueException", "{line}");
        assert!(error.message.ends_with("so no live."), "{line}");
    }
}

const F: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

#[tokio::test]
async fn all_names_of_a_function_give_one_arn() {
    let lab = Lab::start();
    for name in [
        "f",
        "f:$LATEST",
        "function:f",
        "000000000000:function:f:$LATEST",
        F,
    ] {
        let line = format!("GET /2015-03-31/functions/{name}");
        let expected = [format!("lambda:GetFunction {F}")];
        assert_eq!(lab.required(&line, &Value::Null), expected, "{name}");
    }
    let unnamed = json!({ "FunctionName": "", "Code": {} });
    let call = lab.read("POST /2015-03-31/functions", &unnamed).unwrap();
    let refused = call.required_permissions().unwrap_err();
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn tags_and_roles_require_more_permissions() {
    let lab = Lab::start();
    let role = "arn:aws:iam::000000000000:role/r";
    let pass = format!("iam:PassRole {role} iam:PassedToService=lambda.amazonaws.com");
    let create = json!({ "FunctionName": "f", "Code": {}, "Role": role, "Tags": { "a": "b" } });
    let expected = [
        format!("lambda:CreateFunction {F}"),
        format!("lambda:TagResource {F}"),
        pass.clone(),
    ];
    assert_eq!(
        lab.required("POST /2015-03-31/functions", &create),
        expected
    );
    let line = "PUT /2015-03-31/functions/f/configuration";
    let update = format!("lambda:UpdateFunctionConfiguration {F}");
    let with_role = json!({ "Role": role });
    assert_eq!(lab.required(line, &with_role), [update.clone(), pass]);
    assert_eq!(lab.required(line, &json!({ "Role": "" })), [update]);
}

#[tokio::test]
async fn permissions_on_mappings_name_the_function() {
    let lab = Lab::start();
    let mappings = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping";
    let create = json!({ "FunctionName": "f", "Tags": { "a": "b" } });
    let expected = [
        format!("lambda:CreateEventSourceMapping * lambda:FunctionArn={F}"),
        format!("lambda:TagResource {mappings}:*"),
    ];
    assert_eq!(
        lab.required("POST /2015-03-31/event-source-mappings", &create),
        expected
    );
    let line = "DELETE /2015-03-31/event-source-mappings/none";
    let delete = format!("lambda:DeleteEventSourceMapping {mappings}:none");
    let expected = [format!("{delete} lambda:FunctionArn Absent")];
    assert_eq!(lab.required(line, &Value::Null), expected);
    let uuid = lab.with_mapping().await;
    let line = format!("PUT /2015-03-31/event-source-mappings/{uuid}");
    let expected = [format!(
        "lambda:UpdateEventSourceMapping {mappings}:{uuid} lambda:FunctionArn={F}"
    )];
    assert_eq!(lab.required(&line, &json!({})), expected);
    let other = json!({ "FunctionName": "other" });
    let to_other = expected[0].replace("function:f", "function:other");
    assert_eq!(lab.required(&line, &other), [expected[0].clone(), to_other]);
}

#[tokio::test]
async fn tags_belong_to_functions_and_mappings() {
    let lab = Lab::start();
    let mapping = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:u";
    for (arn, resource) in [(F, F), (mapping, mapping), ("f", F)] {
        let line = format!("GET /2017-03-31/tags/{arn}");
        let expected = [format!("lambda:ListTags {resource}")];
        assert_eq!(lab.required(&line, &Value::Null), expected);
    }
    let required = lab.required("GET /2016-08-19/account-settings", &Value::Null);
    assert_eq!(required, ["lambda:GetAccountSettings *"]);
}

#[test]
fn payloads_are_json_within_the_limits() {
    use InvocationType::{DryRun, Event, RequestResponse};
    let small = |kind, text: &'static str| payload(kind, &Bytes::from_static(text.as_bytes()));
    assert_eq!(small(RequestResponse, "").unwrap(), "{}");
    assert_eq!(small(Event, "[1]").unwrap(), "[1]");
    let error = small(RequestResponse, "{").unwrap_err();
    assert_eq!(
        (error.status, error.code.as_ref()),
        (400, "InvalidRequestContentException")
    );
    let big = Bytes::from(format!("\"{}\"", "x".repeat(1 << 20)));
    assert!(payload(RequestResponse, &big).is_ok());
    let error = payload(Event, &big).unwrap_err();
    assert_eq!(
        (error.status, error.code.as_ref()),
        (413, "RequestTooLargeException")
    );
    assert_eq!(invocation_type(None).unwrap(), RequestResponse);
    assert_eq!(invocation_type(Some("DryRun")).unwrap(), DryRun);
    assert!(invocation_type(Some("Later")).is_err());
    assert!(with_log(Some("Tail")).unwrap());
    assert!(with_log(Some("Head")).is_err());
}

#[test]
fn unknown_parameters_are_refused() {
    let read = |body: Value| {
        let input: ConfigurationInput = serde_json::from_value(body).unwrap();
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
fn mapping_settings_are_those_of_queues() {
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
    }))
    .unwrap();
    assert_eq!(settings.report_failures, Some(true));
    assert_eq!(settings.maximum_concurrency, Some(None));
    assert!(settings.filters.unwrap().is_empty());
}

#[test]
fn pages_follow_each_other() {
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
