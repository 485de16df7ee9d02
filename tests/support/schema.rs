//! The JSON schema of the tool's documents, compiled. Every document that a test reads is checked
//! against it.

use std::sync::OnceLock;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use orders_lab::json_schema;
use serde_json::Value;

use super::json_docs::document_names;

/// Where the schema's definitions are, for the compiler.
const DEFINITIONS: &str = "file:///documents.json#/$defs/";

/// The definitions, compiled. No member is allowed that they do not name.
pub(crate) struct Definitions {
    schemas: Schemas,
    indices: Vec<(String, SchemaIndex)>,
}

impl Definitions {
    fn compile(mut schema: Value, more: &[&str]) -> Self {
        for definition in schema["$defs"]
            .as_object_mut()
            .expect("definitions")
            .values_mut()
        {
            forbid_other_members(definition);
        }
        let names = document_names(&schema).into_iter().cloned();
        let names: Vec<String> = names
            .chain(more.iter().map(|name| (*name).to_owned()))
            .collect();
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler
            .add_resource("file:///documents.json", schema)
            .expect("a schema");
        let indices = names.into_iter().map(|name| {
            let index = compiler.compile(&format!("{DEFINITIONS}{name}"), &mut schemas);
            (name, index.expect("a definition"))
        });
        Self {
            indices: indices.collect(),
            schemas,
        }
    }

    /// Why a value does not match the definition of this name.
    pub(crate) fn problem(&self, name: &str, value: &Value) -> Option<String> {
        let found = self.indices.iter().find(|(known, _)| known == name);
        let Some((_, index)) = found else {
            return Some(format!("there is no definition {name}"));
        };
        let valid = self.schemas.validate(value, *index);
        valid.err().map(|problem| format!("{problem:#}"))
    }
}

/// Allows an object only the members that are named. A definition in place, as part of an object,
/// names only some of them.
fn forbid_other_members(definition: &mut Value) {
    let Some(members) = definition.as_object_mut() else {
        return;
    };
    for list in ["anyOf", "oneOf", "allOf"] {
        for part in members
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            forbid_in_members(part);
        }
    }
    let in_parts = |list: &str| {
        let parts = members.get(list).and_then(Value::as_array);
        parts.is_some_and(|parts| parts.iter().any(|part| part["properties"].is_object()))
    };
    let is_object = members.contains_key("properties") || in_parts("anyOf") || in_parts("oneOf");
    let is_open = members.contains_key("additionalProperties");
    if is_object && !is_open {
        members.insert("unevaluatedProperties".to_owned(), false.into());
    }
    forbid_in_members(definition);
}

fn forbid_in_members(definition: &mut Value) {
    if let Some(properties) = definition
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        properties.values_mut().for_each(forbid_other_members);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = definition.get_mut(name) {
            forbid_other_members(inner);
        }
    }
}

/// The definitions of all documents, and of the lines that `logs --follow` and `dlq export` print.
pub(crate) fn definitions() -> &'static Definitions {
    static COMPILED: OnceLock<Definitions> = OnceLock::new();
    COMPILED.get_or_init(|| Definitions::compile(json_schema(), &["LogEvent", "Message"]))
}

/// The definition that a document must match.
pub(crate) fn definition_of(document: &Value) -> String {
    if document.get("error").is_some() {
        return "error".to_owned();
    }
    let command = document["command"].as_str().unwrap_or_default();
    command.replace(' ', "-")
}

/// Checks a document against the schema.
pub(crate) fn check(document: &Value) {
    let problem = definitions().problem(&definition_of(document), document);
    if let Some(problem) = problem {
        panic!("{problem}\n{document:#}");
    }
}
