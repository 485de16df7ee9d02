//! Tables for people: aligned columns below headings in capitals, without rules.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, CellAlignment, ContentArrangement};
use unicode_width::UnicodeWidthStr as _;

use super::Tone;
use super::cell::{Cell, printable};
use super::picture::Picture;
use super::wrap::cell;

/// The columns between two cells.
const GAP: u16 = 2;
/// The least width of a column that is made narrower.
const NARROWEST: usize = 8;

/// A table: headings, and rows of as many cells. Columns without any content are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    numeric: Vec<usize>,
    pictures: Vec<Picture>,
    note: Option<&'static str>,
}

impl Table {
    /// A table with these columns.
    pub fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            headings: headings.into_iter().collect(),
            ..Self::default()
        }
    }

    /// A table of these rows, without headings.
    pub fn list<C: Into<Cell>, R: IntoIterator<Item = C>>(
        rows: impl IntoIterator<Item = R>,
    ) -> Self {
        let mut list = Self::default();
        rows.into_iter().for_each(|row| list.row(row));
        let columns = list.rows.iter().map(Vec::len).max().unwrap_or(0);
        list.headings = vec![""; columns];
        list
    }

    /// Aligns these columns (counted from 0) to the right.
    #[must_use]
    pub fn numeric(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.numeric.extend(columns);
        self
    }

    /// Shows a picture of the same facts instead wherever it fits; of several the first that does.
    #[must_use]
    pub fn or_picture(mut self, picture: Picture) -> Self {
        self.pictures.push(picture);
        self
    }

    /// Explains the table in a dim sentence below it.
    #[must_use]
    pub fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// Adds a row.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table as text. Where there is a `width`, it has at most so many columns, if its own can be
    /// made narrow enough; elsewhere no cell is wrapped.
    pub fn render(&self, width: Option<u16>, color: bool) -> String {
        let width = width.map(usize::from);
        let fits = |picture: &&Picture| width.is_none_or(|width| picture.width() <= width);
        if let Some(picture) = self.pictures.iter().find(fits) {
            return picture.render(color);
        }
        let columns = self.columns();
        let widths = self.widths(&columns, width);
        let mut table = comfy_table::Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        table.style_text_only();
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if self.headings.iter().any(|heading| !heading.is_empty()) {
            let headings = columns.iter().zip(&widths).map(|(column, width)| {
                let heading = self.headings[*column].to_uppercase();
                comfy_table::Cell::new(cell(&heading, *width)).add_attribute(Attribute::Dim)
            });
            table.set_header(headings);
        }
        for row in &self.rows {
            let cells = columns.iter().zip(&widths);
            table.add_row(cells.map(|(column, width)| styled(row.get(*column), *width)));
        }
        for (shown, column) in columns.iter().enumerate() {
            if let Some(layout) = table.column_mut(shown) {
                layout.set_padding((0, GAP));
                if self.numeric.contains(column) {
                    layout.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let note = self.note.map(|note| {
            let note = Tone::Dim.paint(&cell(note, width.unwrap_or(usize::MAX)), color);
            format!("\n{note}")
        });
        table.trim_fmt() + &note.unwrap_or_default()
    }

    /// The columns with any content.
    fn columns(&self) -> Vec<usize> {
        let is_filled = |column: &usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(*column));
            cells.any(|cell| !cell.text.is_empty())
        };
        (0..self.headings.len()).filter(is_filled).collect()
    }

    /// The width of each column's text: the widest columns shrink first.
    fn widths(&self, columns: &[usize], width: Option<usize>) -> Vec<usize> {
        let longest = |text: &str| text.lines().map(|line| line.width()).max().unwrap_or(0);
        let width_of = |column: &usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(*column));
            let widest = cells.map(|cell| longest(&printable(&cell.text))).max();
            longest(self.headings[*column]).max(widest.unwrap_or(0))
        };
        let mut widths: Vec<usize> = columns.iter().map(width_of).collect();
        let gaps = usize::from(GAP) * widths.len().saturating_sub(1);
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(gaps));
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn styled(content: Option<&Cell>, width: usize) -> comfy_table::Cell {
    let Some(Cell { text, tone }) = content else {
        return comfy_table::Cell::new("");
    };
    let mut styled = comfy_table::Cell::new(cell(&printable(text), width));
    if let Some(color) = tone.color() {
        styled = styled.fg(color);
    }
    match tone.attribute() {
        Some(attribute) => styled.add_attribute(attribute),
        None => styled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Table {
        let mut table = Table::new(["Kind", "Name", "Note", "Count"]).numeric([3]);
        table.row(["role", name, "", "12,345"]);
        table.row(["queue", "q", "", "7"]);
        table
    }

    #[test]
    fn a_table_is_as_narrow_as_its_content() {
        let text = table("a-role").render(Some(80), false);
        assert_eq!(
            text,
            "KIND   NAME     COUNT\nrole   a-role  12,345\nqueue  q            7"
        );
    }

    #[test]
    fn widest_columns_shrink_first() {
        let name = "a23456789-123456789-1234-order-processor";
        for width in [30, 40, 50, 80] {
            let text = table(name).render(Some(width), false);
            let widest = text.lines().map(|line| line.width()).max();
            assert!(
                widest.is_some_and(|widest| widest <= usize::from(width)),
                "{width}:\n{text}"
            );
            assert!(text.contains("role") && text.contains("12,345"), "{text}");
        }
        assert!(table(name).render(Some(80), false).contains(name));
    }

    #[test]
    fn a_list_wraps_below_what_it_says() {
        let words = "order 100000000007, attempt 1: price_err, price_per_item is \"err\"";
        let list = Table::list([["18:26:42.123 CET", "processor", words]]);
        insta::assert_snapshot!(list.render(Some(60), false), @r#"
        18:26:42.123 CET  processor  order 100000000007, attempt 1:
                                     price_err, price_per_item is
                                     "err"
        "#);
        assert_eq!(list.render(None, false).lines().count(), 1);
    }

    #[test]
    fn a_note_stands_below_its_table() {
        let table = table("q").note("COUNT: how many there are, as far as that is known.");
        let text = table.render(Some(30), false);
        assert!(
            text.ends_with("\nCOUNT: how many there are, as\nfar as that is known."),
            "{text}"
        );
        assert!(table.render(None, true).contains("\u{1b}[2mCOUNT"));
    }

    #[test]
    fn nothing_is_wrapped_without_a_width() {
        let name = "a-name-".repeat(40);
        assert_eq!(table(&name).render(None, false).lines().count(), 3);
    }

    #[test]
    fn colours_change_no_text() {
        let mut table = Table::new(["State", "Count"]).numeric([1]);
        table.row([Cell::new("ok", Tone::Good), Cell::new("1", Tone::Dim)]);
        let colored = table.render(None, true);
        assert!(colored.contains("\u{1b}[38;5;2mok") || colored.contains("\u{1b}[32mok"));
        assert_eq!(table.render(None, false), "STATE  COUNT\nok         1");
    }
}
