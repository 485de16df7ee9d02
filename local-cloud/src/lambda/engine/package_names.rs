//! The names in a deployment package: whether all of them can be unpacked, beside each other.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// The most files and directories. Lambda has no limit, but an empty file takes no bytes and yet an
/// inode, and so does each directory that a name leads through.
pub(super) const ENTRIES: usize = 65_535;

/// The longest part of a name, in bytes: what file systems take.
const LONGEST_PART: usize = 255;

/// The longest name, in bytes. Together with where it is unpacked it must be a path that the system
/// takes, which on macOS has 1,024 bytes.
const LONGEST_NAME: usize = 700;

/// Whether names that differ in case only are the same file, as they are on macOS by default.
const IS_CASELESS: bool = cfg!(target_os = "macos");

/// The names so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Whether each is a directory.
    entries: HashMap<String, bool>,
}

impl Names {
    /// Adds a name and returns its path, which is relative and stays inside the package.
    ///
    /// # Errors
    /// Why the name cannot be unpacked, as the end of a sentence.
    pub(super) fn add(&mut self, name: &str, is_directory: bool) -> Result<PathBuf, &'static str> {
        let path = inner_path(name)?;
        let Some(text) = path.to_str().filter(|text| !text.is_empty()) else {
            // The package's root.
            return match is_directory {
                true => Ok(path),
                false => Err("it has no name"),
            };
        };
        let key = match IS_CASELESS {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        for (end, _) in key.match_indices('/') {
            if !self.entry(&key[..end], true)? {
                return Err("a part of its name is a file");
            }
        }
        let is_new = !self.entries.contains_key(&key);
        if self.entry(&key, is_directory)? != is_directory {
            return Err("it is a file and a directory");
        }
        if !is_new && !is_directory {
            return Err("it is there twice");
        }
        Ok(path)
    }

    /// Whether the entry with this key, which is added if it is new, is a directory.
    fn entry(&mut self, key: &str, is_directory: bool) -> Result<bool, &'static str> {
        if let Some(is_directory) = self.entries.get(key) {
            return Ok(*is_directory);
        }
        if self.entries.len() >= ENTRIES {
            return Err("there are too many files and directories");
        }
        self.entries.insert(key.to_owned(), is_directory);
        Ok(is_directory)
    }
}

fn inner_path(name: &str) -> Result<PathBuf, &'static str> {
    if name.contains(['\\', '\0']) || name.starts_with('/') {
        return Err("its name is not a relative path");
    }
    if name.len() > LONGEST_NAME {
        return Err("its name is too long");
    }
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) if part.len() > LONGEST_PART => {
                return Err("a part of its name is too long");
            }
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err("its name leads out of the package"),
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(names: &[&str]) -> Result<(), &'static str> {
        let mut all = Names::default();
        let mut names = names.iter();
        names.try_for_each(|name| all.add(name, name.ends_with('/')).map(drop))
    }

    #[test]
    fn names_that_go_together_are_taken() {
        let long = "x".repeat(255);
        let deep = "d/".repeat(300);
        for names in [
            &["bootstrap", "lib/a", "lib/b", "lib/"][..],
            &["lib/", "lib/", "./lib/a", "./"],
            &[&long, &deep],
            &["a.b", "a", "ab/c", "a-/c"],
        ] {
            assert_eq!(added(names), Ok(()), "{names:?}");
        }
    }

    #[test]
    fn names_that_cannot_be_unpacked_are_refused() {
        let long = "x".repeat(256);
        let umlauts = "ü".repeat(128);
        let whole = "d/".repeat(400);
        for names in [
            &["../a"][..],
            &["a/../../b"],
            &["a/.."],
            &["/a"],
            &["a\\b"],
            &["a\0b"],
            &[""],
            &["."],
            &[&long],
            &[&umlauts],
            &[&whole],
            &["a", "a"],
            &["a", "./a"],
            &["a", "a/b"],
            &["a/b", "a"],
            &["a/b/c", "a/b"],
            &["a", "a/"],
            &["a/", "a"],
        ] {
            assert!(added(names).is_err(), "{names:?}");
        }
        assert_eq!(added(&["a", "A"]).is_err(), IS_CASELESS);
    }

    #[test]
    fn directories_count_too() {
        let mut all = Names::default();
        let refused = (0..ENTRIES).find(|file| all.add(&format!("{file}/d/d/f"), false).is_err());
        assert_eq!(refused, Some(ENTRIES / 4));
    }
}
