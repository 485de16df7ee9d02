//! `__labs`: the names of the labs on record, one on each line, for the completion of `--lab`. It
//! reads only the state directory, so it is fast; an empty directory is no error.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::CommandEnv;
use crate::home::Home;
use crate::naming::LabName;
use crate::ui::Report;

/// The labs on record.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LabsReport {
    /// Their names.
    labs: BTreeSet<String>,
}

pub(super) fn labs(env: &CommandEnv) -> Report<LabsReport> {
    let names = on_record(&env.home);
    let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
    Report::new(LabsReport { labs: names }).raw(lines)
}

/// The labs with a recorded target or recorded runs, and the default one.
fn on_record(home: &Home) -> BTreeSet<String> {
    let mut names = BTreeSet::from([LabName::default().to_string()]);
    let records = entries(&home.target_records());
    names.extend(
        records
            .iter()
            .filter_map(|name| name.strip_suffix(".json"))
            .map(str::to_owned),
    );
    let targets = home.root().join("labs");
    for target in entries(&targets) {
        names.extend(entries(&targets.join(target)));
    }
    names.retain(|name| name.parse::<LabName>().is_ok());
    names
}

/// The names in a folder; none where it cannot be read.
fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
