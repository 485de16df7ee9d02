//! `__labs` and `__runs`: the names on record, one on each line, for the completion of `--lab` and
//! `--run`. They read only the state directory, so they are fast; an empty directory is no error.

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

/// The recorded runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunsReport {
    /// Their names.
    runs: BTreeSet<String>,
}

pub(super) fn labs(env: &CommandEnv) -> Report<LabsReport> {
    let labs = labs_on_record(&env.home);
    let lines = lines(&labs);
    Report::new(LabsReport { labs }).raw(lines)
}

pub(super) fn runs(env: &CommandEnv) -> Report<RunsReport> {
    let runs = runs_on_record(&env.home);
    let lines = lines(&runs);
    Report::new(RunsReport { runs }).raw(lines)
}

fn lines(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}

/// The runs of all labs on all targets.
fn runs_on_record(home: &Home) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let targets = home.root().join("labs");
    for target in entries(&targets) {
        for lab in entries(&targets.join(&target)) {
            let files = entries(&targets.join(&target).join(lab).join("runs"));
            let runs = files.iter().filter_map(|file| file.strip_suffix(".ndjson"));
            names.extend(runs.map(str::to_owned));
        }
    }
    names
}

/// The labs with a recorded target or recorded runs, and the default one.
fn labs_on_record(home: &Home) -> BTreeSet<String> {
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
