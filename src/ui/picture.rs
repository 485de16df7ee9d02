//! Drawings made of text.

use unicode_width::UnicodeWidthStr as _;

use super::cell::{Cell, printable};

/// A drawing: lines of coloured parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture(pub Vec<Vec<Cell>>);

impl Picture {
    /// The width of its longest line, in columns.
    pub(super) fn width(&self) -> usize {
        let width = |line: &Vec<Cell>| line.iter().map(|part| part.text.width()).sum();
        self.0.iter().map(width).max().unwrap_or(0)
    }

    /// Its lines, without spaces at their ends.
    pub(super) fn render(&self, color: bool) -> String {
        let lines: Vec<String> = self.0.iter().map(|parts| line(parts, color)).collect();
        lines.join("\n")
    }
}

/// A line of parts.
fn line(parts: &[Cell], color: bool) -> String {
    let parts = parts
        .iter()
        .map(|part| part.tone.paint(&printable(&part.text), color));
    parts.collect::<String>().trim_end().to_owned()
}
