//! Replays the inputs that are kept of a fuzz target. `corpus.py` describes the files.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// Runs a target's property on each input in `corpus/TARGET.txt`, and on no bytes at all.
///
/// # Panics
/// When the property does not hold for an input, or when the file has none.
pub(crate) fn replay(fuzz: &Path, target: &str, property: fn(&[u8])) {
    let path = fuzz.join("corpus").join(target).with_extension("txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let inputs = text.lines().enumerate().filter(|(_, line)| is_input(line));
    assert!(inputs.clone().count() > 0, "{path:?} has no inputs");
    property(b"");
    for (index, line) in inputs {
        let place = format!("{}:{}", path.display(), index + 1);
        let input = unescape(line).unwrap_or_else(|| panic!("{place}: not escaped"));
        let holds = catch_unwind(|| property(&input)).is_ok();
        assert!(holds, "{place}: the property of {target} does not hold");
    }
}

/// The fuzz targets, sorted: each one's name and the text of its source.
///
/// # Panics
/// When a target has no kept inputs or is not in the manifest, or when inputs have no target.
pub(crate) fn targets(fuzz: &Path) -> Vec<(String, String)> {
    let names = stems(&fuzz.join("fuzz_targets"), "rs");
    assert_eq!(stems(&fuzz.join("corpus"), "txt"), names);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("a manifest");
    let source = |name: String| {
        let line = format!("name = {name:?}, path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&line), "{name} is not in the manifest");
        let path = fuzz.join("fuzz_targets").join(&name).with_extension("rs");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        (name, text)
    };
    names.into_iter().map(source).collect()
}

/// The names, without their extension, of a directory's files that have it.
fn stems(directory: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{directory:?}: {error}"));
    let mut stems: Vec<_> = entries
        .map(|entry| entry.expect("an entry of the directory").path())
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    stems.sort();
    stems
}

fn is_input(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// The bytes that a line stands for; `None` when an escape is not one that `corpus.py` writes.
fn unescape(line: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'\\' => b'\\',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(bytes)
}
