//! The terminal that bars are drawn on. It knows what it has drawn, so that a resized terminal is
//! drawn over completely.
//!
//! indicatif fills each line to the terminal's full width and moves up by as many lines as it drew. A
//! terminal that becomes narrower breaks such lines in two, and what is left of them stays on the
//! screen. Here lines end where their text ends, and rows are counted with the width of the moment.

use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;
use unicode_width::UnicodeWidthStr as _;

/// How many lines are remembered: more than bars ever take.
const REMEMBERED: usize = 100;

/// Where drawings go, and how large it is.
pub(super) trait Canvas: Send + Sync {
    /// Columns and rows.
    fn size(&self) -> (u16, u16);
    /// Writes the text with escape codes that `paint` returns. It is told whether nothing else can have
    /// been written since the last text, so that what was drawn is where it was.
    fn draw(&self, paint: &mut dyn FnMut(bool) -> String) -> io::Result<()> {
        let text = paint(true);
        self.write(&text)
    }
    /// Writes text.
    fn write(&self, text: &str) -> io::Result<()>;
}

/// A canvas for indicatif.
pub(super) struct Drawing<C> {
    canvas: C,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The lines on the screen, above the cursor's line.
    drawn: Vec<Line>,
    /// How many of their last rows the next frame replaces, as they were when they were drawn.
    replaced: usize,
    /// The lines of the next frame.
    frame: Vec<String>,
    /// Whether the next text fills the line to the terminal's width.
    is_filler: bool,
}

/// A line on the screen.
#[derive(Debug, Clone, Copy)]
struct Line {
    columns: usize,
    /// How many rows it took when it was drawn.
    rows: usize,
}

impl<C: Canvas> Drawing<C> {
    pub(super) fn new(canvas: C) -> Self {
        Self {
            canvas,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> fmt::Debug for Drawing<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Drawing").finish_non_exhaustive()
    }
}

impl State {
    /// The escape codes and the text that bring the frame to a screen of this width.
    fn paint(&mut self, width: usize) -> String {
        let mut rows = 0;
        let mut replaced = 0;
        while replaced < self.replaced
            && let Some(line) = self.drawn.pop()
        {
            replaced += line.rows;
            rows += rows_of(line.columns, width);
        }
        let mut text = match rows {
            0 => String::new(),
            rows => format!("\x1b[{rows}A\r"),
        };
        for line in std::mem::take(&mut self.frame) {
            text.push_str(&line);
            text.push_str("\x1b[K\n");
            let columns = visible_width(&line);
            let rows = rows_of(columns, width);
            self.drawn.push(Line { columns, rows });
        }
        if rows > 0 {
            text.push_str("\x1b[J");
        }
        let forgotten = self.drawn.len().saturating_sub(REMEMBERED);
        self.drawn.drain(..forgotten);
        (self.replaced, self.is_filler) = (0, false);
        text
    }
}

/// What indicatif calls for a frame: moves and a clear for each line of the frame before, then for
/// each line its text and what fills it, then a flush.
impl<C: Canvas> TermLike for Drawing<C> {
    fn width(&self) -> u16 {
        self.canvas.size().0
    }

    fn height(&self) -> u16 {
        self.canvas.size().1
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.state().replaced += 1;
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.state().frame.push(text.to_owned());
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut state = self.state();
        if !state.is_filler {
            state.frame.push(text.to_owned());
        }
        state.is_filler = !state.is_filler;
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let width = self.width().into();
        self.canvas.draw(&mut |is_left_alone| {
            let mut state = self.state();
            if !is_left_alone {
                state.drawn.clear();
            }
            state.paint(width)
        })
    }
}

/// How many rows a line of this width takes.
fn rows_of(line: usize, width: usize) -> usize {
    line.div_ceil(width.max(1)).max(1)
}

/// The columns that a line takes, without its escape codes.
fn visible_width(line: &str) -> usize {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().width();
    let after_code = |part: &str| {
        let end = part.find(|last: char| last.is_ascii_alphabetic());
        part[end.map_or(part.len(), |end| end + 1)..].width()
    };
    first + parts.map(after_code).sum::<usize>()
}

#[cfg(test)]
mod tests;
