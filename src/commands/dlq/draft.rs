//! A file that exists only once it is whole: it is written beside its place, and takes it at the end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// A file that is being written, readable by the owner only. It is removed where it is not finished.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    draft: PathBuf,
    file: BufWriter<File>,
    is_finished: bool,
}

impl Draft {
    /// Begins the file that will be at `path`.
    ///
    /// # Errors
    /// When no file can be created there; the error names it.
    pub(super) fn create(path: &Path) -> Result<Self, CommandError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let draft = path.with_file_name(name);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)
            .map_err(|problem| not_written(path, problem))?;
        Ok(Self {
            path: path.to_owned(),
            draft,
            file: BufWriter::new(file),
            is_finished: false,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written, for example on a full disk.
    pub(super) fn write_line(&mut self, line: &str) -> Result<(), CommandError> {
        let written = self.file.write_all(line.as_bytes());
        written
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|problem| not_written(&self.path, problem))
    }

    /// Puts the file in its place, once it is on the disk.
    ///
    /// # Errors
    /// When that fails; then there is no such file, or the one that was there before.
    pub(super) fn finish(mut self) -> Result<(), CommandError> {
        let flushed = self.file.flush();
        flushed
            .and_then(|()| self.file.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.draft, &self.path))
            .map_err(|problem| not_written(&self.path, problem))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

fn not_written(path: &Path, problem: io::Error) -> CommandError {
    CommandError::environment(format!("cannot write {}", path.display())).because(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_once_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dead.jsonl");
        let files = || fs::read_dir(folder.path()).expect("a folder").count();
        let mut left = Draft::create(&path).expect("a draft");
        left.write_line("half").expect("written");
        drop(left);
        assert_eq!(files(), 0);
        let mut whole = Draft::create(&path).expect("a draft");
        whole.write_line("whole").expect("written");
        assert!(!path.exists());
        whole.finish().expect("finished");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "whole\n");
        assert_eq!(files(), 1);
    }
}
