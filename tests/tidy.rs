//! Rules that the compiler does not check: layers, cycles of files, sizes, banned words.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::import_graph::{ImportGraph, without_tests_and_comments};

/// The longest file, in lines. A function's length is clippy's to check.
const LONGEST_FILE: usize = 400;
/// The longest file of tests: lists of cases may run on.
const LONGEST_TEST_FILE: usize = 700;

/// The layers of the tool, lowest first. A module imports only from modules of earlier lines.
const TOOL: &[&[&str]] = &[
    &["exit"],
    &[
        "error", "naming", "system", "shell", "costs", "backoff", "words",
    ],
    &["globals", "given", "home", "poll"],
    &["ui", "runs"],
    &["aws", "host", "artifact"],
    &["context"],
    &["messages"],
    &["provision", "lab"],
    &["dlq"],
    &["audit"],
    &["simulate"],
    &["action"],
    &["commands"],
    &["cli", "json_schema"],
    &["app"],
];

/// The layers of the local cloud, lowest first. A service knows another through its public face.
const CLOUD: &[&[&str]] = &[
    &["clock", "error", "ids", "location", "wildcard"],
    &["storage"],
    &["protocol"],
    &["faults"],
    &["runtime_context"],
    &["service"],
    &["iam"],
    &["sqs", "logs", "dynamodb", "sts", "control"],
    &["lambda"],
    &["tagging"],
    &["gateway"],
    &["cloud"],
    &["fuzzing"],
];

/// The layers inside a service, lowest first.
const SERVICE: &[&str] = &["engine", "driver", "api"];

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (root, layers) in [("src", TOOL), ("local-cloud/src", CLOUD)] {
        let rank = |module: &str| layers.iter().position(|layer| layer.contains(&module));
        for file in sources(root).into_iter().filter(|file| !is_test(file)) {
            let module = module_of(root, &file);
            let Some(own) = rank(&module) else {
                if !matches!(module.as_str(), "lib" | "main") {
                    wrong.push(format!("{} belongs to no layer", file.display()));
                }
                continue;
            };
            for used in imports(&file) {
                match rank(&used) {
                    Some(theirs) if theirs < own || used == module => {}
                    Some(_) => wrong.push(format!(
                        "{} imports {used}, which does not stand below it",
                        file.display()
                    )),
                    None => wrong.push(format!(
                        "{} imports {used}, which belongs to no layer",
                        file.display()
                    )),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_service_has_layers() {
    let mut wrong = Vec::new();
    for file in sources("local-cloud/src")
        .into_iter()
        .filter(|file| !is_test(file))
    {
        let inside = file
            .strip_prefix("local-cloud/src")
            .expect("below the root");
        let text = without_tests_and_comments(&fs::read_to_string(&file).expect("readable"));
        let Some(own) = SERVICE.iter().position(|layer| is_in(inside, layer)) else {
            continue;
        };
        let service = module_of("local-cloud/src", &file);
        for upper in &SERVICE[own + 1..] {
            if text.contains(&format!("crate::{service}::{upper}")) {
                wrong.push(format!("{} imports {upper}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a file, by its path in the crate, is in this layer of a service.
fn is_in(file: &Path, layer: &str) -> bool {
    let second = file.iter().nth(1).map(Path::new);
    second.is_some_and(|part| part.with_extension("") == Path::new(layer))
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for root in ["src", "local-cloud/src"] {
        let files = sources(root).into_iter().filter(|file| !is_test(file));
        let graph = ImportGraph::of(root, files);
        let cycles = graph.cycles();
        assert!(cycles.is_empty(), "{cycles:#?}");
    }
}

#[test]
fn only_the_hosting_command_knows_the_cloud_from_the_inside() {
    for file in sources("src") {
        let text = fs::read_to_string(&file).expect("readable");
        let hosts = file.ends_with("commands/local/serve.rs");
        assert!(
            hosts || !text.contains("local_cloud::"),
            "{} imports the local cloud",
            file.display()
        );
    }
}

#[test]
fn files_are_about_one_thing() {
    let roots = ["src", "local-cloud/src", "handlers", "tests"];
    for file in roots.into_iter().flat_map(sources) {
        let lines = fs::read_to_string(&file).expect("readable").lines().count();
        let most = if is_test(&file) {
            LONGEST_TEST_FILE
        } else {
            LONGEST_FILE
        };
        assert!(
            lines <= most,
            "{} has {lines} lines, at most {most} are allowed",
            file.display()
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Spelled apart, so that this file does not find itself.
    let banned = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["X", "XX"],
        ["for ", "now"],
        ["simpli", "fied"],
        ["place", "holder"],
    ];
    for file in ["src", "local-cloud/src", "handlers", "tests"]
        .into_iter()
        .flat_map(sources)
    {
        let text = fs::read_to_string(&file).expect("readable");
        for word in banned.map(|parts| parts.concat()) {
            assert!(
                !text.contains(&word),
                "{} contains {word:?}",
                file.display()
            );
        }
    }
}

#[test]
fn every_test_file_is_run() {
    for file in sources("tests") {
        // A folder's modules are declared in its `mod.rs`, those of `tests/` itself in `all.rs`.
        let folder = file.parent().expect("a folder");
        let root = folder.join(if folder == Path::new("tests") {
            "all.rs"
        } else {
            "mod.rs"
        });
        let declared = |root: &Path, module: &Path| {
            let name = module.file_stem().expect("a name").to_string_lossy();
            let text = fs::read_to_string(root).unwrap_or_default();
            text.contains(&format!("mod {name};"))
        };
        let is_run = if file.ends_with("tests/all.rs") {
            true
        } else if file.ends_with("mod.rs") {
            declared(&folder.with_file_name("all.rs"), folder)
        } else {
            declared(&root, &file)
        };
        assert!(is_run, "{} is in no test binary", file.display());
    }
}

/// All Rust sources below a folder of the workspace.
fn sources(root: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Whether a file holds tests or fuzzing properties, which may import anything.
fn is_test(file: &Path) -> bool {
    let is_folder = |part: &str| part == "tests" || part == "fuzzing";
    file.iter().any(|part| part.to_str().is_some_and(is_folder))
        || file.ends_with("tests.rs")
        || file.ends_with("fuzzing.rs")
}

/// The top module that a file belongs to.
fn module_of(root: &str, file: &Path) -> String {
    let inside = file.strip_prefix(root).expect("below the root");
    let first = inside
        .components()
        .next()
        .expect("a file")
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The top modules that a file names with `crate::`, its own unit tests left out.
fn imports(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).expect("readable");
    let code = without_tests_and_comments(&text);
    let first = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| {
            let group = rest
                .strip_prefix('{')
                .and_then(|rest| rest.split('}').next());
            match group {
                Some(group) => group.split(',').map(|item| first(item.trim())).collect(),
                None => vec![first(rest)],
            }
        })
        .filter(|module| !module.is_empty())
        .collect()
}
