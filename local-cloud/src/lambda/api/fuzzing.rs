//! Properties of Lambda's REST-JSON.

use std::sync::LazyLock;

use serde::Deserialize;

use super::configuration::ConfigurationInput;
use super::mappings::SettingsInput;
use super::route::{Operation, route};
use super::{TagsInput, functions, invoke, mappings, page, wire};
use crate::error::AwsError;
use crate::fuzzing::engines::{NOW, PLACE, first_line};
use crate::ids::SeededIds;
use crate::lambda::engine::{
    Configuration, FUNCTIONS, Function, Loaded, MAPPINGS, Mapping, NewFunction, NewMapping,
    Registry,
};
use crate::protocol::json::read;
use crate::protocol::rest_json::{error, parameter, parameters};
use crate::storage::Change;

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
    let made = registry.create_function(new, NOW, &mut SeededIds(1));
    let (_, mut changes) = made.expect("it is a good function");
    let settled = registry.function_settled("f", NOW, &mut SeededIds(1));
    changes.extend(settled.expect("it is there").1);
    changes
});

/// Method, path and query on the first line, as `GET /path?query`, then a body: it is read or
/// refused; a configuration or mapping that is taken is written, stored and loaded as it is.
pub fn lambda_rest(data: &[u8]) {
    let (line, body) = first_line(data);
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let Some((method, target)) = line.split_once(' ') else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Err(refused) = answer(method, path, query, body) {
        let reply = error(&refused);
        assert!(reply.status < 500);
        let written = serde_json::from_slice::<serde_json::Value>(&reply.body);
        assert!(written.is_ok());
    }
}

fn answer(method: &str, path: &str, query: &str, body: &[u8]) -> Result<(), AwsError> {
    let operation = route(method, path)?;
    parameter(query, "Qualifier")?;
    match operation {
        Operation::CreateFunction => {
            read::<functions::CreateInput>(body)?;
            configure("f", read(body)?)
        }
        Operation::UpdateConfiguration(name) => configure(&name, read(body)?),
        Operation::UpdateCode(_) => read::<functions::UpdateCodeInput>(body).map(drop),
        Operation::PutConcurrency(_) => read::<functions::ConcurrencyInput>(body).map(drop),
        Operation::TagResource(arn) => {
            let tags = read::<TagsInput>(body)?.tags;
            load(&FUNCTION).tag(&arn, tags).map(drop)
        }
        Operation::UntagResource(arn) => {
            let keys = parameters(query, "tagKeys")?;
            load(&FUNCTION).untag(&arn, &keys).map(drop)
        }
        Operation::CreateMapping => {
            read::<mappings::CreateInput>(body)?;
            map(read(body)?)
        }
        Operation::UpdateMapping(_) => {
            read::<mappings::UpdateInput>(body)?;
            map(read(body)?)
        }
        Operation::Invoke(name) => {
            let kind = invoke::kind(Some(query))?;
            invoke::payload(kind, &body.to_vec().into())?;
            load(&FUNCTION).invocable(&name).map(drop)
        }
        Operation::ListFunctions | Operation::ListMappings => {
            let all = ["a", "b", "c"].map(|name| (name, name));
            let (items, next) = page(all.into_iter(), query, 2)?;
            assert!(items.len() <= 2);
            assert!(next.is_none_or(|next| items.last() == Some(&&*next)));
            Ok(())
        }
        Operation::GetFunction(name) => load(&FUNCTION).function(&name).map(drop),
        Operation::GetMapping(uuid) => load(&FUNCTION).mapping(&uuid).map(drop),
        _ => Ok(()),
    }
}

fn configure(name: &str, asked: ConfigurationInput) -> Result<(), AwsError> {
    let mut registry = load(&FUNCTION);
    let revision = asked.revision_id.clone();
    let wanted = asked.read()?;
    let updated =
        registry.update_configuration(name, wanted, revision.as_deref(), NOW, &mut SeededIds(2));
    let (function, changes): (Function, _) = updated?;
    wire::configuration(&function);
    let again = load(&changes);
    assert_eq!(again.function("f").ok(), Some(&function));
    Ok(())
}

fn map(asked: SettingsInput) -> Result<(), AwsError> {
    let new = NewMapping {
        visibility_timeout: Some(30),
        queue_arn: QUEUE.to_owned(),
        function: "f".to_owned(),
        settings: asked.read()?,
        tags: Default::default(),
    };
    let made = load(&FUNCTION).create_mapping(new, NOW, &mut SeededIds(3));
    let (mapping, changes): (Mapping, _) = made?;
    wire::mapping(&mapping);
    let again = load(&changes);
    assert_eq!(again.mapping(&mapping.uuid).ok(), Some(&mapping));
    Ok(())
}

/// The registry that these changes leave behind, of which a later one outdoes an earlier.
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

/// What the service would take a request to call its function.
pub(crate) fn named(method: &str, path: &str, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        function_name: String,
    }
    match route(method, path).ok()? {
        Operation::CreateFunction => {
            let input: Input = read(body).ok()?;
            Some(input.function_name)
        }
        Operation::GetFunction(name)
        | Operation::DeleteFunction(name)
        | Operation::GetConfiguration(name)
        | Operation::UpdateConfiguration(name)
        | Operation::UpdateCode(name)
        | Operation::Invoke(name)
        | Operation::PutConcurrency(name)
        | Operation::GetConcurrency(name)
        | Operation::DeleteConcurrency(name)
        | Operation::ListTags(name)
        | Operation::TagResource(name)
        | Operation::UntagResource(name) => Some(name),
        _ => None,
    }
}
