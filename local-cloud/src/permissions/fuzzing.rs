//! The guard's property: the required_permissions that it asks for are those of what the service does.
//!
//! An input is a service and an operation (for Lambda: method and path) on the first line,
//! `sqs SendMessage`, then the body.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;

use super::Place;
use crate::fuzzing::engines::{PLACE, first_line};
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::engine::{Loaded, Registry};
use crate::logs::api as logs_service;
use crate::protocol::http::{Caller, Principal, Request};
use crate::protocol::json::read;
use crate::{dynamodb, iam, lambda, logs, sqs};

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::load(PLACE, Loaded::default()).expect("nothing is sound"));

static CALLER: LazyLock<Arc<Caller>> = LazyLock::new(|| {
    Arc::new(Caller {
        arn: "arn:aws:sts::000000000000:assumed-role/r/s".to_owned(),
        user_id: "AROAEXAMPLE:s".to_owned(),
        access_key: "ASIAEXAMPLE".to_owned(),
        principal: Principal::Role("arn:aws:iam::000000000000:role/r".to_owned()),
    })
});

static HERE: LazyLock<Place> = LazyLock::new(|| Place {
    region: PLACE.1.to_owned(),
    account: PLACE.0.to_owned(),
});

/// A request of a role's: whatever the service would act on is what required_permissions are asked for on.
pub fn guard(data: &[u8]) {
    let (line, body) = first_line(data);
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let Some((service, operation)) = line.split_once(' ') else {
        return;
    };
    let place = &*HERE;
    let json = match service {
        "sqs" | "dynamodb" | "logs" => read(body),
        _ => Ok(Value::Null),
    };
    let Ok(json) = json else {
        return;
    };
    let required_permissions = match service {
        "sqs" => match sqs::api::fuzzing::required(operation, body) {
            Some(required) => required,
            None => return,
        },
        "dynamodb" => match dynamodb::fuzzing::required(operation, body) {
            Some(required) => required,
            None => return,
        },
        "logs" => match logs::fuzzing::required(operation, body) {
            Some(required) => required,
            None => return,
        },
        "lambda" => return of_lambda(operation, body),
        "iam" => return iam::api::fuzzing::check_permissions(body),
        _ => return,
    };
    assert!(!required_permissions.is_empty(), "no request is free");
    let resources = match service {
        "sqs" => json
            .get("QueueUrl")
            .and_then(Value::as_str)
            .and_then(sqs::api::fuzzing::arn_of_url)
            .into_iter()
            .filter(|_| !operation.starts_with("Create") && !operation.starts_with("GetQueueUrl"))
            .filter(|_| !operation.starts_with("List") && !operation.ends_with("Task"))
            .collect(),
        "logs" => logs::fuzzing::stream_arns(operation, body),
        "dynamodb" => dynamodb::fuzzing::table_arns(operation, body),
        _ => Vec::new(),
    };
    all_asked_for(&required_permissions, &resources);
}

fn all_asked_for(required_permissions: &[RequiredPermission], resources: &[String]) {
    for resource in resources {
        let asked = |right: &RequiredPermission| right.resource == *resource;
        assert!(
            required_permissions.iter().any(asked),
            "{resource} is used, and {required_permissions:?} are asked for"
        );
    }
}

}

fn of_lambda(line: &str, body: &[u8]) {
    let Some((method, path)) = line.split_once(' ') else {
        return;
    };
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
        caller: Arc::clone(&CALLER),
        request_id: String::new(),
    };
    let Ok(required_permissions) =
        lambda::permissions::required_permissions(&HERE, &request, |_| None)
    else {
        return;
    };
    let named = lambda::api::fuzzing::named(method, path, body);
    let named = named.as_deref().map(|name| REGISTRY.name_of(name));
    let resources = match named {
        Some(Ok(name)) => vec![REGISTRY.function_arn(name)],
        _ => Vec::new(),
    };
    all_asked_for(&required_permissions, &resources);
}
