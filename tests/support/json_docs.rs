//! `docs/json.md`, made from the JSON schema of the documents.

use serde_json::{Map, Value};

/// Where the definitions are in the schema.
const DEFINITIONS: &str = "#/$defs/";

const BEGINNING: &str = "\
# The JSON documents

With `--json` a command prints one document on stdout, on one line; everything else goes to stderr.
[json.schema.json](json.schema.json) is the JSON schema (draft 2020-12) of all of them: its
definitions `up`, `local-start` and so on are the documents of the commands, and `error` is the
document of a command that failed.

- A member that does not apply is `null`. Only members marked as optional can be absent.
- Times are RFC 3339 in UTC, for example `2026-11-24T18:26:42.123Z`.
- Names of members that hold durations or sizes end with the unit: `_seconds`, `_ms`, `_bytes`, `_mb`,
  `_days`.
- New members may be added at any time. A member that is renamed or removed, or changes its meaning,
  changes `schema`.

This file and the schema are generated from the definitions in `src/`. After a change,
`ORDERS_LAB_WRITE_DOCS=1 cargo test --test all json::` writes both; without the variable, the same
tests fail where a file is out of date.

";

/// The text of `docs/json.md`.
pub(crate) fn markdown(schema: &Value) -> String {
    let definitions = schema["$defs"].as_object().expect("definitions");
    let (commands, types): (Vec<_>, Vec<_>) = definitions
        .iter()
        .partition(|(name, _)| name.starts_with(char::is_lowercase));
    let error = &schema["$defs"]["error"];
    let head = members(error).map(|(name, _)| name.as_str());
    let head: Vec<&str> = head.filter(|name| *name != "error").collect();
    let mut text = BEGINNING.to_owned();
    text.push_str("## Every document\n\n");
    text.push_str(&table(error, |name| head.contains(&name)));
    text.push_str("\n## Errors\n\nThe document of a command that failed has, in addition:\n\n");
    text.push_str(&table(error, |name| name == "error"));
    text.push_str("\n## Commands\n\nThe members that a command's document has in addition.\n");
    for (_, definition) in commands {
        let Some(command) = command(definition) else {
            continue;
        };
        text.push_str(&format!(
            "\n### `{command}`\n\n{}\n\n",
            description(definition)
        ));
        text.push_str(&members_text(definition, |name| !head.contains(&name)));
    }
    text.push_str("\n## Types\n");
    for (name, definition) in types {
        text.push_str(&format!("\n### {name}\n\n{}\n\n", description(definition)));
        text.push_str(&type_text(definition));
    }
    text
}

/// The command that a definition describes, as users know it; `None` for the document of errors and
/// commands that are hidden.
fn command(definition: &Value) -> Option<&str> {
    let command = definition["properties"]["command"]["const"].as_str()?;
    (!command.starts_with('_')).then_some(command)
}

fn members(definition: &Value) -> impl Iterator<Item = (&String, &Value)> {
    definition["properties"].as_object().into_iter().flatten()
}

/// An object's members, and those that it has in each of its forms where there are several.
fn members_text(definition: &Value, shown: impl Fn(&str) -> bool) -> String {
    let own = table(definition, &shown);
    let forms = ["anyOf", "oneOf"].map(|list| definition[list].as_array());
    let forms: Vec<String> = forms
        .into_iter()
        .flatten()
        .flatten()
        .map(|form| {
            let form_members = table(form, &shown);
            format!("{}\n\n{form_members}", description(form))
        })
        .collect();
    if own.is_empty() && forms.is_empty() {
        return "No other members.\n".to_owned();
    }
    let parts = std::iter::once(own).filter(|own| !own.is_empty());
    parts.chain(forms).collect::<Vec<_>>().join("\n")
}

/// A table of the members that are shown; nothing where there are none.
fn table(definition: &Value, shown: impl Fn(&str) -> bool) -> String {
    let rows: Vec<String> = members(definition)
        .filter(|(name, _)| shown(name))
        .map(|(name, member)| {
            let meaning = description(member).replace('|', "\\|");
            let required = definition["required"].as_array();
            let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
            let optional = if is_required { "" } else { ", optional" };
            format!(
                "| `{name}` | {}{optional} | {meaning} |\n",
                type_name(member)
            )
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "| Member | Type | Meaning |\n|---|---|---|\n{}",
        rows.concat()
    )
}

/// A shared type: an object, or one of several strings.
fn type_text(definition: &Value) -> String {
    let words = words(definition);
    if words.is_empty() {
        return members_text(definition, |_| true);
    }
    let rows = words
        .into_iter()
        .map(|(word, meaning)| format!("| `{word}` | {meaning} |\n"));
    format!(
        "| Value | Meaning |\n|---|---|\n{}",
        rows.collect::<String>()
    )
}

/// The strings that a definition allows, each with its meaning; none where it is no such list.
fn words(definition: &Value) -> Vec<(&str, String)> {
    let plain = definition["enum"].as_array().into_iter().flatten();
    let plain = plain.filter_map(|word| Some((word.as_str()?, String::new())));
    let described = definition["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|one| match one["const"].as_str() {
        Some(word) => vec![(word, description(one))],
        None => words(one),
    });
    plain.chain(described).collect()
}

/// A definition's description in one line.
fn description(definition: &Value) -> String {
    let text = definition["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A member's type as people call it.
fn type_name(member: &Value) -> String {
    if let Some(target) = member["$ref"].as_str() {
        let name = target.trim_start_matches(DEFINITIONS);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(value) = member["const"].as_str() {
        return format!("`\"{value}\"`");
    }
    if let Some(any) = member["anyOf"].as_array() {
        let names: Vec<String> = any.iter().map(type_name).collect();
        return names.join(" or ");
    }
    let words = words(member);
    if !words.is_empty() {
        let quoted: Vec<String> = words
            .iter()
            .map(|(word, _)| format!("`\"{word}\"`"))
            .collect();
        return quoted.join(", ");
    }
    match &member["type"] {
        Value::String(one) => one_type(one, member),
        Value::Array(several) => {
            let several = several.iter().filter_map(Value::as_str);
            let names: Vec<String> = several.map(|one| one_type(one, member)).collect();
            names.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn one_type(name: &str, member: &Value) -> String {
    match name {
        "array" => format!("array of {}", type_name(&member["items"])),
        "string" if member["format"] == "date-time" => "time".to_owned(),
        "object" => match &member["additionalProperties"] {
            values @ Value::Object(_) => format!("object of {}", type_name(values)),
            _ => "object".to_owned(),
        },
        plain => plain.to_owned(),
    }
}

/// The names of the definitions that are documents: commands, and `error`.
pub(crate) fn document_names(schema: &Value) -> Vec<&String> {
    let definitions: &Map<String, Value> = schema["$defs"].as_object().expect("definitions");
    let names = definitions.keys();
    names
        .filter(|name| !name.starts_with(char::is_uppercase))
        .collect()
}
