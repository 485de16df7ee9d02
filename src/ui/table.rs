//! Tables for people.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle};
use unicode_width::UnicodeWidthStr as _;

use super::wrap::cell;

/// The columns that a cell takes besides its text: a space before, one after, one between cells.
const PADDING: usize = 3;
/// The least width of a column.
const NARROWEST: usize = 8;

/// A table: a heading, and rows of as many cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    heading: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    numeric: Vec<usize>,
}

impl Table {
    /// A table with these columns.
    pub fn new(heading: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            heading: heading.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Aligns these columns (counted from 0) to the right.
    #[must_use]
    pub fn numeric(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.numeric.extend(columns);
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text of at most `width` columns, if its columns can be made narrow enough.
    pub fn render(&self, width: u16, color: bool) -> String {
        let widths = self.widths(width.into());
        let fitted = |text: &str, column: usize| {
            let text = printable(text);
            let width = widths.get(column).copied();
            width.map_or(text.clone(), |width| cell(&text, width))
        };
        let mut table = comfy_table::Table::new();
        table
            .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
            .set_content_arrangement(ContentArrangement::Disabled);
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let heading = self.heading.iter().enumerate();
        table.set_header(
            heading.map(|(column, name)| {
                Cell::new(fitted(name, column)).add_attribute(Attribute::Bold)
            }),
        );
        for row in &self.rows {
            let cells = row.iter().enumerate();
            table.add_row(cells.map(|(column, text)| Cell::new(fitted(text, column))));
        }
        for &column in &self.numeric {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt()
    }

    /// The width of each column's text: the widest columns shrink first.
    fn widths(&self, width: usize) -> Vec<usize> {
        let longest = |text: &str| text.lines().map(|line| line.width()).max().unwrap_or(0);
        let mut widths: Vec<usize> = self.heading.iter().map(|name| longest(name)).collect();
        for row in &self.rows {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = longest(text).max(*width);
            }
        }
        let room = width.saturating_sub(PADDING * widths.len());
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

/// Text from outside, with control characters replaced.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            control if control.is_control() => '\u{fffd}',
            plain => plain,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widest_columns_shrink_first() {
        let mut table = Table::new(["Kind", "Name", "Count"]).numeric([2]);
        let name = "a23456789-123456789-1234-order-processor";
        table.row(["role".to_owned(), name.to_owned(), "12345".to_owned()]);
        for width in [30, 40, 50, 80] {
            let text = table.render(width, false);
            let widest = text.lines().map(|line| line.width()).max();
            assert!(
                widest.is_some_and(|widest| widest <= usize::from(width)),
                "{width}:\n{text}"
            );
            assert!(text.contains("role") && text.contains("12345"), "{text}");
        }
        assert!(table.render(80, false).contains(name));
    }
}
