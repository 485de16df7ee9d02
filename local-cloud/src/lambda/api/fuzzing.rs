//! Properties of Lambda's REST-JSON.

use std::sync::{Arc, LazyLock};

use tokio::runtime::Runtime;

use super::configuration::{ConfigurationInput, UpdateFunctionConfiguration};
use super::functions::CreateFunction;
use super::invoke::{invocation_type, payload};
use super::mapping_settings::SettingsInput;
use super::mappings::{CreateEventSourceMapping, UpdateEventSourceMapping};
use super::operations::OPERATIONS;
use super::parameters::page;
use super::service::LambdaService;
use super::tags::{TagResource, UntagResource};
use super::wire;
use crate::error::AwsError;
use crate::fuzzing::engines::{NOW, PLACE, first_line};
use crate::iam::Identities;
use crate::ids::SeededIds;
use crate::lambda::engine::{
    Configuration, FUNCTIONS, Loaded, MAPPINGS, NewFunction, NewMapping, Registry,
};
use crate::lambda::{Dependencies, Functions, FunctionsConfig};
use crate::logs::Logs;
use crate::protocol::http::Request;
use crate::protocol::http::tests::request_of_a_role;
use crate::protocol::rest_json::{error, segments};
use crate::runtime_context::RuntimeContext;
use crate::service::Call;
use crate::service::rest_json::{FromRequest, read};
use crate::sqs::Queues;
use crate::storage::journal::Journal;
use crate::storage::{Change, MemoryStorage};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

static FUNCTION: LazyLock<Vec<Change>> = LazyLock::new(|| {
    let mut registry = Registry::load(PLACE, Loaded::default()).expect("nothing is sound");
    let new = NewFunction {
        name: "f".to_owned(),
        configuration: Configuration {
            role_arn: Some("arn:aws:iam::000000000000:role/r".to_owned()),
            runtime: Some("provided.al2023".to_owned()),
            handler: Some("bootstrap".to_owned()),
            ..Configuration::default()
        },
        code_sha256: "hash".to_owned(),
        code_size: 10,
        ..NewFunction::default()
    };
    let created = registry.create_function(new, NOW, &mut SeededIds(1));
    let mut changes = created.expect("it is a valid function").1.stored;
    let settled = registry.settle_function("f", NOW, &mut SeededIds(1));
    changes.extend(settled.expect("it exists").1.stored);
    changes
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime starts"));

static SERVICE: LazyLock<Arc<LambdaService>> = LazyLock::new(|| {
    let _guard = RUNTIME.enter();
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let home = std::env::temp_dir().join(format!("local-cloud-fuzzing-{}", std::process::id()));
    let config = FunctionsConfig {
        home: home.clone(),
        packages: home.join("packages"),
        endpoint: "http://127.0.0.1:1".to_owned(),
        port: 0,
        is_supervised: false,
        disk_reserve: None,
    };
    let empty = "a new journal can be read";
    let dependencies = Dependencies {
        identities: Identities::open(&context, ("AKIAEXAMPLE", "secret")).expect(empty),
        logs: Logs::open(&context).expect(empty),
        queues: Queues::open(&context).expect(empty),
    };
    let functions = Functions::open(&context, config, dependencies).expect(empty);
    // Requests are only read, so nothing is stored there.
    std::fs::remove_dir_all(home).expect("it was just created");
    Arc::new(LambdaService::new(functions))
});

/// The request of a role with this line, as `GET /path?query`, and this body; `None` for a line
/// that is none.
fn request(line: &str, body: &[u8]) -> Option<Request> {
    let (method, target) = line.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..request_of_a_role("", body)
    })
}

/// Method, path and query on the first line, as `GET /path?query`, then a body: it is read or
/// refused; a configuration or mapping that is accepted is written, stored and loaded as it is.
pub fn lambda_rest(data: &[u8]) {
    let (line, body) = first_line(data);
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let Some(request) = request(line, body) else {
        return;
    };
    if let Err(refused) = check(&request) {
        let reply = error(&refused);
        assert!(reply.status < 500);
        let written = serde_json::from_slice::<serde_json::Value>(&reply.body);
        assert!(written.is_ok());
    }
}

fn check(request: &Request) -> Result<(), AwsError> {
    let call = read(OPERATIONS, &SERVICE, request)?;
    let label = label(request);
    let labels = vec![label.clone()];
    match call.name() {
        "CreateFunction" => {
            let input = CreateFunction::from_request(labels, request)?;
            check_configuration("f", input.configuration)
        }
        "UpdateFunctionConfiguration" => {
            let input = UpdateFunctionConfiguration::from_request(labels, request)?;
            check_configuration(&input.name, input.configuration)
        }
        "TagResource" => {
            let input = TagResource::from_request(labels, request)?;
            load(&FUNCTION).tag(&input.arn, input.tags).map(drop)
        }
        "UntagResource" => {
            let input = UntagResource::from_request(labels, request)?;
            load(&FUNCTION).untag(&input.arn, &input.keys).map(drop)
        }
        "CreateEventSourceMapping" => {
            let input = CreateEventSourceMapping::from_request(labels, request)?;
            check_mapping(input.settings)
        }
        "UpdateEventSourceMapping" => {
            let input = UpdateEventSourceMapping::from_request(labels, request)?;
            check_mapping(input.input.settings)
        }
        "InvokeFunction" => {
            let invocation_type = invocation_type(Some(&request.query))?;
            payload(invocation_type, &request.body)?;
            load(&FUNCTION).invocable(&label).map(drop)
        }
        "ListFunctions" | "ListEventSourceMappings" => {
            let all = ["a", "b", "c"].map(|name| (name, name));
            let (items, next) = page(all.into_iter(), &request.query, 2)?;
            assert!(items.len() <= 2);
            assert!(next.is_none_or(|next| items.last() == Some(&&*next)));
            Ok(())
        }
        "GetFunction" => load(&FUNCTION).function(&label).map(drop),
        "GetEventSourceMapping" => load(&FUNCTION).mapping(&label).map(drop),
        _ => Ok(()),
    }
}

/// The label of a path: in all patterns it is the third segment.
fn label(request: &Request) -> String {
    let segments = segments(&request.path).unwrap_or_default();
    segments.into_iter().nth(2).unwrap_or_default()
}

fn check_configuration(name: &str, mut input: ConfigurationInput) -> Result<(), AwsError> {
    let mut registry = load(&FUNCTION);
    let revision_id = input.revision_id.take();
    let configuration = input.read()?;
    let (function, changes) = registry.update_configuration(
        name,
        configuration,
        revision_id.as_deref(),
        NOW,
        &mut SeededIds(2),
    )?;
    wire::configuration(&function);
    let reloaded = load(&changes.stored);
    assert_eq!(reloaded.function("f").ok(), Some(&function));
    Ok(())
}

fn check_mapping(input: SettingsInput) -> Result<(), AwsError> {
    let new = NewMapping {
        visibility_timeout: Some(30),
        queue_arn: QUEUE.to_owned(),
        function: "f".to_owned(),
        settings: input.read()?,
        tags: Default::default(),
    };
    let created = load(&FUNCTION).create_mapping(new, NOW, &mut SeededIds(3));
    let (mapping, changes) = created?;
    wire::mapping(&mapping);
    let reloaded = load(&changes.stored);
    assert_eq!(reloaded.mapping(&mapping.uuid).ok(), Some(&mapping));
    Ok(())
}

/// The registry that these changes leave behind; of several to a key, the last one counts.
fn load(changes: &[Change]) -> Registry {
    let of = |collection| {
        let changes = changes.iter().filter(|one| one.collection == collection);
        changes
            .filter_map(|one| Some((one.key.clone(), one.value.clone()?)))
            .collect()
    };
    let loaded = Loaded {
        functions: of(FUNCTIONS),
        mappings: of(MAPPINGS),
        invocations: Vec::new(),
    };
    Registry::load(PLACE, loaded).expect("it was written here")
}

/// Checks that a request requires permissions on the function that the service would use.
pub(crate) fn check_permissions(line: &str, body: &[u8]) {
    let Some(request) = request(line, body) else {
        return;
    };
    let Ok(call) = read(OPERATIONS, &SERVICE, &request) else {
        return;
    };
    let Ok(required) = call.required_permissions() else {
        return;
    };
    assert!(!required.is_empty(), "no request is free");
    let Some(function) = function(call.as_ref(), &request) else {
        return;
    };
    let registry = load(&FUNCTION);
    let Ok(name) = registry.name_of(&function) else {
        return;
    };
    let arn = registry.function_arn(name);
    let is_required = required.iter().any(|one| one.resource == arn);
    assert!(is_required, "{arn} is used, and {required:?} are required");
}

/// The function that a request is about, as it names it.
fn function(call: &dyn Call, request: &Request) -> Option<String> {
    match call.name() {
        "CreateFunction" => {
            let input = CreateFunction::from_request(Vec::new(), request);
            input.ok().map(|input| input.function_name)
        }
        "CreateEventSourceMapping"
        | "ListEventSourceMappings"
        | "GetEventSourceMapping"
        | "UpdateEventSourceMapping"
        | "DeleteEventSourceMapping"
        | "ListFunctions"
        | "GetAccountSettings" => None,
        _ => Some(label(request)),
    }
}
