//! Messages in a file, a line of JSON for each, read one at a time.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use super::record::MessageRecord;
use crate::error::CommandError;

/// The longest line, in bytes: a message of 1 MiB, each byte of which is escaped.
const LONGEST_LINE: u64 = 16 * 1_048_576;
/// What stands for stdin.
const STDIN: &str = "-";

/// The lines of a file, with their numbers.
#[derive(Debug)]
pub(crate) struct MessageLines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
    text: Vec<u8>,
}

impl MessageLines {
    /// Opens a file; `-` is stdin.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) async fn open(path: &Path) -> Result<Self, CommandError> {
        let opened = if is_stdin(path) {
            Path::new("/dev/stdin")
        } else {
            path
        };
        let file = File::open(opened).await.map_err(|problem| {
            CommandError::environment(format!("cannot read {}", path.display())).because(problem)
        })?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::new(file),
            number: 0,
            text: Vec::new(),
        })
    }

    /// The next message and the number of its line, from 1; `None` at the end. Empty lines are skipped.
    ///
    /// # Errors
    /// When the file cannot be read, or the line is no message that SQS would take. The error names the
    /// line.
    pub(crate) async fn next(&mut self) -> Result<Option<(u64, MessageRecord)>, CommandError> {
        loop {
            self.text.clear();
            let mut line = (&mut self.reader).take(LONGEST_LINE);
            let read = line.read_until(b'\n', &mut self.text).await;
            let length = read.map_err(|problem| {
                let path = self.path.display();
                CommandError::environment(format!("cannot read {path}")).because(problem)
            })?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            if length as u64 == LONGEST_LINE {
                return Err(self.invalid("it is longer than any message"));
            }
            if self.text.trim_ascii().is_empty() {
                continue;
            }
            let message: MessageRecord = serde_json::from_slice(&self.text)
                .map_err(|problem| self.invalid(&problem.to_string()))?;
            return match message.problem() {
                Some(problem) => Err(self.invalid(&problem)),
                None => Ok(Some((self.number, message))),
            };
        }
    }

    fn invalid(&self, why: &str) -> CommandError {
        let (number, path) = (self.number, self.path.display());
        // The parser counts lines too, and always says that it is the first.
        let why = why.replace(" at line 1 column", " at column");
        CommandError::usage(format!("line {number} of {path} is no message: {why}"))
            .hint("Each line is an object such as `dlq export` writes; only its body is needed.")
    }
}

/// Whether a path stands for stdin, which can be read only once.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> Result<Vec<(u64, String)>, CommandError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, text).expect("written");
        let mut lines = MessageLines::open(&path).await?;
        let mut all = Vec::new();
        while let Some((number, message)) = lines.next().await? {
            all.push((number, message.body));
        }
        Ok(all)
    }

    #[tokio::test]
    async fn lines_have_numbers() {
        let read = read("{\"body\":\"a\"}\n\n{\"body\":\"b\"}")
            .await
            .expect("messages");
        assert_eq!(read, [(1, "a".to_owned()), (3, "b".to_owned())]);
    }

    #[tokio::test]
    async fn a_wrong_line_is_named() {
        for (text, part) in [
            ("{\"body\":\"a\"}\nx", "line 2 of"),
            ("{\"body\":\"\"}", "the body is empty"),
            ("{\"bodi\":\"\"}", "unknown field `bodi`"),
            ("{\"body\":\"\\ud800\"}", "line 1 of"),
            ("\u{0}", "line 1 of"),
        ] {
            let error = read(text).await.expect_err(text);
            assert!(error.message.contains(part), "{text}: {}", error.message);
            assert!(
                !error.message.contains("at line 1 column"),
                "{}",
                error.message
            );
        }
    }
}
