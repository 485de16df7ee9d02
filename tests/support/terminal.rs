//! The tool in a terminal of its own: a pseudo-terminal of a known width.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A terminal that gathers what is written to it.
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
        let name = name.to_str().expect("a path").to_owned();
        let inside = OpenOptions::new().read(true).write(true).open(name);
        Self {
            screen: std::thread::spawn(move || gather(outside)),
            inside: inside.expect("the terminal opens"),
        }
    }

    /// Another handle on it, for a process.
    pub(crate) fn handle(&self) -> File {
        self.inside.try_clone().expect("a handle")
    }

    /// Runs a command to its end that was given handles; what was written, and the exit code.
    pub(crate) fn finish(self, mut command: Command) -> (String, Option<i32>) {
        let status = command.status().expect("the tool runs");
        // The command holds handles, and the terminal ends with the last of them.
        drop(command);
        drop(self.inside);
        let text = self.screen.join().expect("the screen was read");
        (text.replace("\r\n", "\n"), status.code())
    }
}

/// Reads until the last handle inside is closed, which Linux tells as an error.
fn gather(outside: OwnedFd) -> String {
    let mut outside = File::from(outside);
    let mut bytes = Vec::new();
    let _ = outside.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
