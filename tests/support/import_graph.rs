//! Which source files of a crate import which, read from their `use` declarations and paths.
//!
//! Paths are followed through re-exports to the file that defines the name. A child module that
//! uses what its parents define is not counted: it is part of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module's path in its crate: `["sqs", "engine"]`.
type Module = Vec<String>;

/// The imports between the files of one crate.
pub(crate) struct ImportGraph {
    imports: BTreeMap<Module, BTreeSet<Module>>,
    files: BTreeMap<Module, PathBuf>,
}

/// What a file imports.
struct Source {
    /// Names that it re-exports, with the paths that they stand for.
    reexports: BTreeMap<String, Module>,
    /// Paths that it uses, from the root of the crate.
    used: BTreeSet<Module>,
}

impl ImportGraph {
    /// Reads the files of the crate whose root module is in this folder. Tests are left out.
    pub(crate) fn of(root: &str, files: impl IntoIterator<Item = PathBuf>) -> Self {
        let files: BTreeMap<Module, PathBuf> = files
            .into_iter()
            .map(|file| (module(root, &file), file))
            .collect();
        let sources: BTreeMap<&Module, Source> = files
            .iter()
            .map(|(module, file)| (module, Source::read(module, file, &files)))
            .collect();
        let imports = sources
            .iter()
            .map(|(module, source)| {
                let found = source.used.iter();
                let found = found.filter_map(|path| resolve(path, &sources, 0));
                let others = found.filter(|other| !module.starts_with(other));
                ((*module).clone(), others.collect())
            })
            .collect();
        Self { imports, files }
    }

    /// The groups of files that import each other in a circle.
    pub(crate) fn cycles(&self) -> Vec<Vec<&Path>> {
        let reached: BTreeMap<&Module, BTreeSet<&Module>> = self
            .imports
            .keys()
            .map(|module| (module, self.reachable(module)))
            .collect();
        let mut cycles = BTreeSet::new();
        for (module, targets) in &reached {
            let circle = targets.iter().filter(|other| {
                let back = reached.get(*other);
                back.is_some_and(|back| back.contains(module))
            });
            let circle: Vec<&Path> = circle
                .filter_map(|module| self.files.get(*module).map(PathBuf::as_path))
                .collect();
            if circle.len() > 1 {
                cycles.insert(circle);
            }
        }
        cycles.into_iter().collect()
    }

    fn reachable(&self, from: &Module) -> BTreeSet<&Module> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = self.imports.get(from).into_iter().flatten().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module) {
                next.extend(self.imports.get(module).into_iter().flatten());
            }
        }
        reached
    }
}

impl Source {
    fn read(module: &Module, file: &Path, files: &BTreeMap<Module, PathBuf>) -> Self {
        let text = fs::read_to_string(file).expect("readable");
        let code = without_tests_and_comments(&text);
        let mut source = Self {
            reexports: BTreeMap::new(),
            used: BTreeSet::new(),
        };
        let mut rest = code.as_str();
        let mut body = String::new();
        while let Some((before, after)) = split_at_use(rest) {
            body.push_str(before.text);
            let (tree, following) = after.split_once(';').unwrap_or((after, ""));
            for (path, name) in expand(tree) {
                let Some(path) = absolute(&path, module, files) else {
                    continue;
                };
                if before.is_public {
                    source.reexports.insert(name, path);
                } else {
                    source.used.insert(path);
                }
            }
            rest = following;
        }
        body.push_str(rest);
        for path in inline_paths(&body) {
            source.used.extend(absolute(&path, module, files));
        }
        source
    }
}

/// What precedes a `use` declaration.
struct Before<'a> {
    text: &'a str,
    is_public: bool,
}

/// Splits at the next `use` declaration at the start of a line: what precedes it, and what follows
/// the keyword.
fn split_at_use(code: &str) -> Option<(Before<'_>, &str)> {
    let mut offset = 0;
    for line in code.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let is_public = trimmed.starts_with("pub");
        let declaration = match trimmed.find("use ") {
            Some(0) => Some(0),
            Some(at) if is_public && trimmed.get(at - 1..at) == Some(" ") && at < 30 => Some(at),
            _ => None,
        };
        if let Some(at) = declaration {
            let before = Before {
                text: &code[..offset],
                is_public,
            };
            return Some((before, &code[offset + indent + at + "use ".len()..]));
        }
        offset += line.len();
    }
    None
}

/// The paths of a `use` tree, each with the name that it brings.
fn expand(tree: &str) -> Vec<(Module, String)> {
    let tree = tree.trim();
    if let Some((prefix, group)) = tree.split_once('{') {
        let inside = group.trim_end().strip_suffix('}').unwrap_or(group);
        return items(inside)
            .into_iter()
            .flat_map(|item| expand(&format!("{}{}", prefix.trim(), item.trim())))
            .collect();
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut segments: Module = path.trim().split("::").map(str::to_owned).collect();
    if segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    let name = match alias.trim() {
        "" => segments.last().cloned().unwrap_or_default(),
        alias => alias.to_owned(),
    };
    vec![(segments, name)]
}

/// The items of a group, split at the commas outside of inner groups.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found.retain(|item| !item.trim().is_empty());
    found
}

/// Paths outside of `use` declarations that start at the root or at a parent.
fn inline_paths(code: &str) -> Vec<Module> {
    let is_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let tokens = code.split(|letter| !is_path(letter));
    let paths = tokens.filter(|token| token.starts_with("crate::") || token.starts_with("super::"));
    paths
        .map(|path| path.split("::").map(str::to_owned).collect())
        .collect()
}

/// A path from the root of the crate; `None` for one that leaves the crate.
fn absolute(path: &Module, of: &Module, files: &BTreeMap<Module, PathBuf>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([of.as_slice(), rest].concat()),
        "super" => {
            let (_, parent) = of.split_last()?;
            match rest.first().map(String::as_str) {
                Some("super") => absolute(&rest.to_vec(), &parent.to_vec(), files),
                _ => Some([parent, rest].concat()),
            }
        }
        child => {
            let child = [of.as_slice(), &[child.to_owned()]].concat();
            files
                .contains_key(&child)
                .then(|| [child.as_slice(), rest].concat())
        }
    }
}

/// The module that defines what a path names, through re-exports.
fn resolve(path: &Module, sources: &BTreeMap<&Module, Source>, depth: usize) -> Option<Module> {
    let length = (0..=path.len())
        .rev()
        .find(|length| sources.contains_key(&path[..*length].to_vec()))?;
    let (module, rest) = path.split_at(length);
    let module = module.to_vec();
    let reexport = rest.first().and_then(|name| {
        let source = sources.get(&module)?;
        source.reexports.get(name)
    });
    match reexport {
        Some(target) if depth < 8 => resolve(
            &[target.as_slice(), &rest[1..]].concat(),
            sources,
            depth + 1,
        ),
        _ => Some(module),
    }
}

fn module(root: &str, file: &Path) -> Module {
    let inside = file.strip_prefix(root).expect("below the root");
    let mut module: Module = inside
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
    {
        module.pop();
    }
    module
}

/// The code without its unit tests and comments.
pub(crate) fn without_tests_and_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = code.unwrap_or_default().lines();
    lines
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(files: &[(&str, &str)]) -> usize {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, text).expect("written");
        }
        let root = folder.path().to_str().expect("text");
        let paths = files.iter().map(|(name, _)| folder.path().join(name));
        ImportGraph::of(root, paths).cycles().len()
    }

    #[test]
    fn cycles_are_found() {
        let a = ("a.rs", "use crate::b::{self, B};\n");
        let b = ("b.rs", "fn f() -> super::a::A {}\n");
        assert_eq!(cycles(&[a, b]), 1);
        assert_eq!(cycles(&[a, ("b.rs", "// use crate::a::A;\n")]), 0);
        let tests = "#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n";
        assert_eq!(cycles(&[a, ("b.rs", tests)]), 0);
    }

    #[test]
    fn reexports_are_followed() {
        let face = (
            "s/mod.rs",
            "mod x;\nmod y;\npub(crate) use x::X;\npub use y::Y;\n",
        );
        let x = ("s/x.rs", "use crate::s::Y;\n");
        assert_eq!(cycles(&[face, x, ("s/y.rs", "use super::FACE;\n")]), 0);
        assert_eq!(cycles(&[face, x, ("s/y.rs", "use super::X;\n")]), 1);
    }
}
