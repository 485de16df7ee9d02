//! The text of a recorded run, parsed and written. Pure. The fuzz target includes this file alone,
//! so it must not depend on other modules of this crate.

use order::Plan;
use serde::{Deserialize, Serialize};

/// The version of the file format.
const VERSION: u32 = 1;

/// A file's first line. Each order of the run can be computed from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The run's name.
    pub run: String,
    /// The orders that it sends.
    pub plan: Plan,
    /// How many orders of the plan it sends.
    pub count: u64,
    /// When it started, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// The version of the file format.
    pub version: u32,
}

impl Header {
    /// A new run's header, in the present version.
    pub fn new(run: String, plan: Plan, count: u64, started_ms: u64) -> Self {
        Self {
            run,
            plan,
            count,
            started_ms,
            version: VERSION,
        }
    }
}

/// The orders `first..first + count` of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first index.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// A line after the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Sending the range is about to begin.
    Began(Range),
    /// The queue has accepted the whole range.
    Sent(Range),
}

/// A run as recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The first line.
    pub header: Header,
    /// The other lines, in order.
    pub steps: Vec<Step>,
}

/// Parses a file's text. A last line without its line feed was torn by a crash and is ignored.
///
/// # Errors
/// What is wrong with the first damaged line.
pub fn parse(text: &str) -> Result<Run, String> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = whole.lines();
    let first = lines.next().ok_or("it has no header")?;
    let header: Header =
        serde_json::from_str(first).map_err(|error| format!("its header is damaged: {error}"))?;
    if header.version != VERSION {
        return Err(format!("its version is {}, not {VERSION}", header.version));
    }
    let steps = (2..)
        .zip(lines)
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| format!("its line {number} is damaged: {error}"))
        })
        .collect::<Result<_, String>>()?;
    Ok(Run { header, steps })
}

/// A line of a file, with its line feed.
///
/// # Errors
/// When the value has no JSON form.
pub fn line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"run":"r","plan":{"seed":1,"block":{"first":1,"size":2},"faults":{"rate":0.0,"kinds":[]}},"count":2,"started_ms":3,"version":1}"#;

    #[test]
    fn only_a_torn_last_line_is_ignored() {
        let begun = r#"{"began":{"first":0,"count":2}}"#;
        let run = parse(&format!("{HEADER}\n{begun}\n{{\"sent\":{{")).expect("a whole header");
        assert_eq!(run.steps, [Step::Began(Range { first: 0, count: 2 })]);
        assert!(parse(&format!("{HEADER}\nnonsense\n")).is_err());
        assert!(parse(HEADER).is_err());
    }
}
