//! Tables for people.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle};

/// A table: a heading, and rows of as many cells.
#[derive(Debug, Clone, Default)]
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

    /// The table as text of at most `width` columns.
    pub fn render(&self, width: u16, color: bool) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(
            self.heading
                .iter()
                .map(|name| Cell::new(name).add_attribute(Attribute::Bold)),
        );
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| Cell::new(printable(cell))));
        }
        for &column in &self.numeric {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt()
    }
}

/// Text from outside, with what could move the cursor made visible.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            control if control.is_control() => '\u{fffd}',
            plain => plain,
        })
        .collect()
}
