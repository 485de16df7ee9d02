//! A pseudo-terminal of a known width in which the tool runs.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A terminal that collects what is written to it.
pub(crate) struct Terminal {
    screen: JoinHandle<String>,
    inside: File,
}

impl Terminal {
    /// A terminal with this many columns.
    pub(crate) fn new(columns: u16) -> Self {
        let outside = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&outside).expect("granted");
        unlockpt(&outside).expect("unlocked");
        let size = Winsize {
            ws_row: 50,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&outside, size).expect("a size");
        let name = ptsname(&outside, Vec::new()).expect("a name");
        let path = name.to_str().expect("a path");
        let inside = OpenOptions::new().read(true).write(true).open(path);
        Self {
            screen: std::thread::spawn(move || read_all(outside)),
            inside: inside.expect("the terminal opens"),
        }
    }

    /// Another handle on it, for a process.
    pub(crate) fn handle(&self) -> File {
        self.inside.try_clone().expect("a handle")
    }

    /// Runs to its end a command that was given handles. Returns what was written, and the exit
    /// code.
    pub(crate) fn finish(self, mut command: Command) -> (String, Option<i32>) {
        let status = command.status().expect("the tool runs");
        // The command holds handles, and the terminal ends with the last of them.
        drop(command);
        drop(self.inside);
        let text = self.screen.join().expect("the screen was read");
        (text.replace("\r\n", "\n"), status.code())
    }
}

/// Reads until the last handle inside is closed, which Linux reports as an error.
fn read_all(outside: OwnedFd) -> String {
    let mut bytes = Vec::new();
    let _ = File::from(outside).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
