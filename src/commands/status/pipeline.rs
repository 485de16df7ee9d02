//! The lab as a picture: simulator → queue → processor → table, with the dead-letter queue below.

use unicode_width::UnicodeWidthStr as _;

use crate::ui::{Cell, Picture, Table, Tone};

/// The columns between two stations, which an arrow crosses.
const ARROW: &str = " ──▶ ";

/// A part of the pipeline.
#[derive(Clone)]
pub(super) struct Station {
    /// What it is, for example `queue`.
    pub(super) role: &'static str,
    /// Its name.
    pub(super) name: String,
    /// Its state, for example `active`; several where it has several.
    pub(super) states: Vec<Cell>,
}

/// The pipeline.
pub(super) struct Pipeline {
    /// From the simulator to the table; the second is the queue of orders.
    pub(super) stations: Vec<Station>,
    /// The dead-letter queue.
    pub(super) dead_letters: Station,
    /// What leads there, for example `after 3 failures`.
    pub(super) after: String,
}

impl Station {
    /// Its lines: role, name, and states.
    fn lines(&self) -> Vec<Cell> {
        let role = Cell::new(self.role.to_uppercase(), Tone::Dim);
        let head = [role, Cell::from(self.name.as_str())];
        head.into_iter()
            .chain(self.states.iter().cloned())
            .collect()
    }

    /// The same with its states broken between words.
    fn narrow(&self) -> Self {
        let width = self.name.width().max(self.role.width());
        let lines = |state: &Cell| -> Vec<Cell> {
            let mut lines: Vec<String> = Vec::new();
            for word in state.text.split(' ') {
                match lines.last_mut() {
                    Some(line) if line.width() + 1 + word.width() <= width => {
                        line.push(' ');
                        line.push_str(word);
                    }
                    _ => lines.push(word.to_owned()),
                }
            }
            let tone = state.tone;
            lines
                .into_iter()
                .map(|line| Cell::new(line, tone))
                .collect()
        };
        Self {
            states: self.states.iter().flat_map(lines).collect(),
            ..self.clone()
        }
    }

    fn width(&self) -> usize {
        let widths = self.lines().into_iter().map(|line| line.text.width());
        widths.max().unwrap_or(0)
    }

    /// Its states in one line, with the tone of the one that matters most.
    fn state(&self) -> Cell {
        let texts: Vec<&str> = self
            .states
            .iter()
            .map(|state| state.text.as_str())
            .collect();
        let tones = [Tone::Bad, Tone::Warning, Tone::Good, Tone::Dim];
        let has = |tone: &Tone| self.states.iter().any(|state| state.tone == *tone);
        let tone = tones.into_iter().find(has).unwrap_or_default();
        Cell::new(texts.join(", "), tone)
    }
}

impl Pipeline {
    /// The picture where it fits, if need be with its states in narrow lines, elsewhere a table.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(["What", "Name", "State"]);
        for station in self.stations.iter().chain([&self.dead_letters]) {
            table.row([
                Cell::from(station.role),
                Cell::from(station.name.as_str()),
                station.state(),
            ]);
        }
        table
            .or_picture(self.picture())
            .or_picture(self.narrow().picture())
    }

    /// The same with states that are no wider than the names above them, if their words are not.
    fn narrow(&self) -> Self {
        Self {
            stations: self.stations.iter().map(Station::narrow).collect(),
            dead_letters: self.dead_letters.clone(),
            after: self.after.clone(),
        }
    }

    fn picture(&self) -> Picture {
        let columns: Vec<Vec<Cell>> = self.stations.iter().map(Station::lines).collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines: Vec<Vec<Cell>> = (0..height).map(|row| self.row(&columns, row)).collect();
        let before = self.stations.first().map_or(0, Station::width) + ARROW.width();
        let indent = Cell::from(" ".repeat(before));
        let below = [
            Cell::new(format!("  │ {}", self.after), Tone::Dim),
            Cell::new("  ▼", Tone::Dim),
        ];
        let below = below.into_iter().chain(self.dead_letters.lines());
        lines.extend(below.map(|cell| vec![indent.clone(), cell]));
        Picture(lines)
    }

    /// A line across all stations. The one with their names has the arrows.
    fn row(&self, columns: &[Vec<Cell>], row: usize) -> Vec<Cell> {
        let mut line = Vec::new();
        for (at, (station, cells)) in self.stations.iter().zip(columns).enumerate() {
            let cell = cells.get(row).cloned().unwrap_or_default();
            let room = station.width() - cell.text.width();
            let is_last = at + 1 == columns.len();
            line.push(cell);
            let gap = if is_last {
                String::new()
            } else if row == 1 {
                format!(" {}{}", "─".repeat(room), ARROW.trim_start())
            } else {
                " ".repeat(room + ARROW.width())
            };
            line.push(Cell::new(gap, Tone::Dim));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(role: &'static str, name: &str, states: &[&str]) -> Station {
        Station {
            role,
            name: name.to_owned(),
            states: states.iter().map(|state| Cell::from(*state)).collect(),
        }
    }

    fn pipeline() -> Pipeline {
        Pipeline {
            stations: vec![
                station("simulator", "sim", &["active"]),
                station("queue", "orders-queue", &["2 waiting", "1 in flight"]),
                station("processor", "proc", &["active", "trigger disabled"]),
                station("table", "orders", &["17 stored"]),
            ],
            dead_letters: station("dead-letter queue", "orders-dl-queue", &["3 dead-lettered"]),
            after: "after 3 failures".to_owned(),
        }
    }

    #[test]
    fn the_picture_shows_the_way_of_an_order() {
        let text = pipeline().table().render(None, false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 9, "{text}");
        assert_eq!(lines[1].matches('▶').count(), 3, "{text}");
        let column = |line: &str, word: &str| line[..line.find(word).expect(word)].width();
        let queue = column(lines[1], "orders-queue");
        assert_eq!(column(lines[0], "QUEUE"), queue, "{text}");
        assert_eq!(column(lines[7], "orders-dl-queue"), queue, "{text}");
    }

    #[test]
    fn wide_numbers_keep_the_picture() {
        let mut pipeline = Pipeline {
            stations: vec![
                station("simulator", "lab-order-simulator", &["active"]),
                station(
                    "queue",
                    "orders-queue",
                    &["1,200,000 waiting", "1,000 in flight"],
                ),
                station(
                    "processor",
                    "lab-order-processor",
                    &["active", "trigger enabled"],
                ),
                station("table", "orders", &["at least 3,456,000 stored"]),
            ],
            ..pipeline()
        };
        let text = pipeline.table().render(Some(80), false);
        assert!(text.contains('▶'), "{text}");
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        assert!(text.contains("3,456,000"), "{text}");
        pipeline.stations[3] = station("table", "orders", &["17 stored"]);
        pipeline.stations[1] = station("queue", "orders-queue", &["3 in flight"]);
        let text = pipeline.table().render(Some(80), false);
        assert!(
            text.contains("3 in flight") && text.contains("17 stored"),
            "{text}"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_a_table() {
        let text = pipeline().table().render(Some(40), false);
        assert!(text.starts_with("WHAT"), "{text}");
        assert!(text.contains("2 waiting, 1\n"), "{text}");
    }
}
