use std::sync::Arc;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::*;

/// A terminal that reflows its lines when it is resized, as most do.
#[derive(Debug)]
struct Reflowing {
    width: usize,
    lines: Vec<String>,
    /// The line of the cursor, which is always at its beginning when a frame ends.
    line: usize,
    /// Whether something else may have been written since the last frame.
    is_disturbed: bool,
}

#[derive(Clone)]
struct Screen(Arc<Mutex<Reflowing>>);

impl Screen {
    fn new(width: usize) -> Self {
        Self(Arc::new(Mutex::new(Reflowing {
            width,
            lines: vec![String::new()],
            line: 0,
            is_disturbed: false,
        })))
    }

    fn resize(&self, width: usize) {
        self.0.lock().expect("a screen").width = width;
    }

    /// Another program writes lines while this one is suspended.
    fn disturb(&self, text: &str) {
        self.write(text).expect("written");
        self.0.lock().expect("a screen").is_disturbed = true;
    }

    fn text(&self) -> String {
        let screen = self.0.lock().expect("a screen");
        screen.lines.join("\n").trim_end().to_owned()
    }
}

impl Reflowing {
    /// Moves the cursor up by rows, of which a line may take several.
    fn up(&mut self, mut by: usize) {
        while by > 0 {
            self.line -= 1;
            let taken = rows_of(visible_width(&self.lines[self.line]), self.width);
            assert!(taken <= by, "the cursor is within a line");
            by -= taken;
        }
    }

    fn code(&mut self, number: usize, code: char) {
        match code {
            'A' => self.up(number),
            'J' => {
                self.lines.truncate(self.line);
                self.lines.push(String::new());
            }
            'K' => {}
            other => panic!("an escape code {other}"),
        }
    }
}

impl Canvas for Screen {
    fn size(&self) -> (u16, u16) {
        let width = self.0.lock().expect("a screen").width;
        (u16::try_from(width).expect("a width"), 24)
    }

    fn draw(&self, paint: &mut dyn FnMut(bool) -> String) -> io::Result<()> {
        let is_disturbed = std::mem::take(&mut self.0.lock().expect("a screen").is_disturbed);
        self.write(&paint(!is_disturbed))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut screen = self.0.lock().expect("a screen");
        let mut rest = text;
        let mut written = String::new();
        while let Some(next) = rest.chars().next() {
            if let Some(code) = rest.strip_prefix("\x1b[") {
                let end = code
                    .find(|c: char| c.is_ascii_alphabetic())
                    .expect("a code");
                let number = code[..end].parse().unwrap_or(1);
                screen.code(number, code[end..].chars().next().expect("a code"));
                rest = &code[end + 1..];
                continue;
            }
            match next {
                '\n' => {
                    let line = screen.line;
                    screen.lines[line] = std::mem::take(&mut written);
                    screen.line += 1;
                    if screen.line == screen.lines.len() {
                        screen.lines.push(String::new());
                    }
                }
                '\r' => {}
                other => written.push(other),
            }
            rest = &rest[next.len_utf8()..];
        }
        assert_eq!(written, "", "every line ends");
        Ok(())
    }
}

fn progress(screen: &Screen) -> MultiProgress {
    let drawing = Drawing::new(screen.clone());
    MultiProgress::with_draw_target(ProgressDrawTarget::term_like(Box::new(drawing)))
}

fn bar(text: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg}").expect("a template");
    ProgressBar::new_spinner()
        .with_style(style)
        .with_message(text.to_owned())
}

#[test]
fn a_resized_terminal_is_drawn_over() {
    let screen = Screen::new(60);
    let bars = progress(&screen);
    bars.println("a line that stays").expect("printed");
    let one = bars.add(bar("a bar of some forty columns, more or less"));
    let two = bars.add(bar("two\nlines of another bar, wider than thirty"));
    one.tick();
    two.tick();
    let expected = "a line that stays\na bar of some forty columns, more or less\ntwo\nlines of another bar, wider than thirty";
    assert_eq!(screen.text(), expected);
    for width in [25, 10, 80, 33, 60] {
        screen.resize(width);
        one.tick();
        two.tick();
        assert_eq!(screen.text(), expected, "{width} columns");
    }
    screen.resize(20);
    bars.println("and another").expect("printed");
    one.finish_and_clear();
    two.finish_and_clear();
    assert_eq!(screen.text(), "a line that stays\nand another");
}

#[test]
fn what_others_print_is_left_alone() {
    let screen = Screen::new(40);
    let bars = progress(&screen);
    let one = bars.add(bar("a bar"));
    one.tick();
    bars.suspend(|| screen.write("a table\nof two lines\n").expect("written"));
    assert_eq!(screen.text(), "a table\nof two lines\na bar");
    screen.resize(3);
    one.finish_and_clear();
    assert_eq!(screen.text(), "a table\nof two lines");
}

#[test]
fn what_a_shell_prints_meanwhile_is_left_alone() {
    let screen = Screen::new(40);
    let bars = progress(&screen);
    let one = bars.add(bar("a bar\nof two lines"));
    one.tick();
    screen.disturb("suspended\nfg\n");
    one.tick();
    one.tick();
    assert_eq!(
        screen.text(),
        "a bar\nof two lines\nsuspended\nfg\na bar\nof two lines"
    );
    one.finish_and_clear();
    assert_eq!(screen.text(), "a bar\nof two lines\nsuspended\nfg");
}

#[test]
fn escape_codes_take_no_columns() {
    assert_eq!(visible_width("\x1b[32m✓\x1b[0m done\x1b[0;1m"), 6);
    assert_eq!(visible_width("plain"), 5);
}
