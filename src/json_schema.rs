//! The JSON schema of every document that `--json` prints, made from one list of their types.
//!
//! `docs/json.schema.json` is this schema, and `docs/json.md` is made from it; `tests/json.rs`
//! compares both, and validates what the commands print.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::audit::RunAudit;
use crate::commands::local::{chaos, control, fast_forward, serve};
use crate::commands::{
    completions, cost, demo, dlq, doctor, down, env, list, logs, man, names, policy, redrive,
    simulate, status, up,
};
use crate::messages::MessageRecord;
use crate::ui::{Document, ErrorDocument};

/// What the schema says of itself.
const DESCRIPTION: &str = "What `orders-lab COMMAND --json` prints on stdout. \
    Each command has a definition of its own, named after it.";

/// The JSON schema (draft 2020-12) of all documents: a definition for each command, named after it
/// with hyphens for blanks (`local-start` for `local start`), one named `error`, and one for each
/// type that they share.
pub fn json_schema() -> Value {
    let mut documents = Documents::new();
    documents.add::<demo::DemoReport>("demo");
    documents.add::<up::UpReport>("up");
    documents.add::<simulate::SimulateReport>("simulate");
    documents.add::<status::StatusReport>("status");
    documents.add::<dlq::DlqReport>("dlq");
    documents.add::<dlq::export::ExportReport>("dlq export");
    documents.add::<dlq::import::ImportReport>("dlq import");
    documents.add::<dlq::copy::CopyReport>("dlq copy");
    documents.add::<dlq::delete::DeleteReport>("dlq delete");
    documents.add::<dlq::purge::PurgeReport>("dlq purge");
    documents.add::<redrive::RedriveReport>("redrive");
    documents.add::<RunAudit>("audit");
    documents.add::<logs::LogsReport>("logs");
    documents.add::<down::DownReport>("down");
    documents.add::<list::ListReport>("list");
    documents.add::<policy::PolicyReport>("policy");
    documents.add::<env::EnvReport>("env");
    documents.add::<doctor::DoctorReport>("doctor");
    documents.add::<cost::CostReport>("cost");
    documents.add::<completions::CompletionsReport>("completions");
    documents.add::<man::ManReport>("man");
    documents.add::<names::LabsReport>("__labs");
    documents.add::<names::RunsReport>("__runs");
    documents.add::<control::LocalStatusReport>("local status");
    documents.add::<control::LocalStatusReport>("local start");
    documents.add::<control::StopReport>("local stop");
    documents.add::<control::ResetReport>("local reset");
    documents.add::<serve::ServeReport>("local serve");
    documents.add::<chaos::ChaosReport>("local chaos");
    documents.add::<fast_forward::FastForwardReport>("local fast-forward");
    documents.finish()
}

/// The schema as far as it is made.
struct Documents {
    generator: SchemaGenerator,
    commands: Map<String, Value>,
}

impl Documents {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        Self {
            generator: settings.into_generator(),
            commands: Map::new(),
        }
    }

    /// Adds the document of a command whose own members are those of `T`.
    fn add<T: JsonSchema>(&mut self, command: &str) {
        let mut schema = Document::<T>::json_schema(&mut self.generator);
        let report = T::json_schema(&mut self.generator);
        for member in ["title", "description"] {
            if let Some(value) = report.get(member) {
                schema.insert(member.to_owned(), value.clone());
            }
        }
        set_constant(&mut schema, "command", command);
        self.commands
            .insert(command.replace(' ', "-"), schema.into());
    }

    fn finish(mut self) -> Value {
        let error = ErrorDocument::json_schema(&mut self.generator);
        // The lines of an export are no documents.
        self.generator.subschema_for::<MessageRecord>();
        self.commands.insert("error".to_owned(), error.into());
        let references = self.commands.keys();
        let references: Vec<Value> = references
            .map(|name| json!({ "$ref": format!("#/$defs/{name}") }))
            .collect();
        let mut definitions = self.generator.take_definitions(true);
        definitions.extend(self.commands);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "orders-lab",
            "description": DESCRIPTION,
            "anyOf": references,
            "$defs": definitions,
        })
    }
}

/// Narrows a member to one value.
fn set_constant(schema: &mut Schema, member: &str, value: &str) {
    let description = schema
        .pointer(&format!("/properties/{member}/description"))
        .cloned();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let constant = json!({ "const": value, "description": description });
        properties.insert(member.to_owned(), constant);
    }
}
