//! The rules of Lambda, apart from any process.

mod batch;
mod function;
mod invocations;
mod mapping;
mod package;
mod tags;
mod transition;

use super::{Changes, Configuration, Function, Loaded, NewFunction, Registry};
use crate::clock::{LabMs, Now, WallMs};
use crate::error::AwsError;
use crate::ids::SeededIds;
use crate::storage::{Change, Entry};

fn at(seconds: u64) -> Now {
    Now {
        wall: WallMs(1_700_000_000_000 + seconds * 1000),
        lab: LabMs(seconds * 1000),
    }
}

fn registry() -> Registry {
    Registry::load(("000000000000", "us-east-1"), Loaded::default()).unwrap()
}

fn new(name: &str) -> NewFunction {
    NewFunction {
        name: name.to_owned(),
        configuration: Configuration {
            role_arn: Some("arn:aws:iam::000000000000:role/r".to_owned()),
            runtime: Some("provided.al2023".to_owned()),
            handler: Some("bootstrap".to_owned()),
            ..Configuration::default()
        },
        code_sha256: "hash".to_owned(),
        code_size: 10,
        ..NewFunction::default()
    }
}

/// A registry with the active function `f`.
fn with_function() -> (Registry, SeededIds) {
    let (mut registry, mut ids) = (registry(), SeededIds(1));
    registry.create_function(new("f"), at(0), &mut ids).unwrap();
    registry.settle_function("f", at(0), &mut ids).unwrap();
    (registry, ids)
}

fn text<T: std::fmt::Debug>(outcome: Result<T, AwsError>) -> (u16, String, String) {
    let error = outcome.unwrap_err();
    (error.status, error.code.into_owned(), error.message)
}

/// What is stored after these changes.
fn stored(changes: Vec<Change>) -> Loaded {
    let mut loaded = Loaded::default();
    for change in changes {
        let entries: &mut Vec<Entry> = match change.collection {
            super::FUNCTIONS => &mut loaded.functions,
            super::MAPPINGS => &mut loaded.mappings,
            _ => &mut loaded.invocations,
        };
        entries.retain(|(key, _)| *key != change.key);
        entries.extend(change.value.map(|value| (change.key, value)));
    }
    loaded
}

fn reloaded(changes: Changes) -> Registry {
    Registry::load(("000000000000", "us-east-1"), stored(changes.stored)).unwrap()
}

fn function(registry: &Registry) -> Function {
    registry.function("f").unwrap().clone()
}
