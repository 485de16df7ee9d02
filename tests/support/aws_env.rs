//! The local cloud in the place of AWS, as somebody reaches it who knows nothing of a local cloud; and
//! an endpoint that nobody should reach.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::support::lab::{Lab, document};

/// The local cloud's account.
pub(crate) const ACCOUNT: &str = "000000000000";

/// A local cloud, and the variables with which AWS's tools find it.
pub(crate) struct Aws {
    pub(crate) lab: Lab,
    variables: Vec<(String, String)>,
}

impl Aws {
    pub(crate) fn new() -> Self {
        let lab = Lab::new();
        let variables = lab.good(&["env"])["variables"].take();
        let variables = variables.as_object().expect("variables").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            variables: variables
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            lab,
        }
    }

    pub(crate) fn variable(&self, wanted: &str) -> &str {
        let found = self.variables.iter().find(|(name, _)| name == wanted);
        &found.expect("it is exported").1
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.lab.command(arguments);
        command.envs(self.variables.iter().cloned());
        command
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.command(arguments).arg("--json").output();
        document(arguments, &output.expect("the tool runs"))
    }

    /// Runs the tool in a terminal in which the answer is typed already: exit code and screen.
    pub(crate) fn in_a_terminal(&self, arguments: &[&str], answer: &str) -> (Option<i32>, String) {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&screen).expect("a terminal of ours");
        unlockpt(&screen).expect("a terminal to open");
        let name = ptsname(&screen, Vec::new()).expect("a terminal with a name");
        let keyboard = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let keyboard = File::from(keyboard.expect("the terminal's other end"));
        let mut screen = File::from(screen);
        screen.write_all(answer.as_bytes()).expect("typing");
        let mut child = self.command(arguments);
        child.env("TERM", "dumb");
        child.stdin(keyboard.try_clone().expect("a keyboard"));
        child.stdout(Stdio::null()).stderr(keyboard);
        let mut running = child.spawn().expect("the tool starts");
        // The last holder of the other end is the tool; reading fails when it has ended.
        drop(child);
        let mut shown = Vec::new();
        let _ = screen.read_to_end(&mut shown);
        let code = running.wait().expect("the tool ends").code();
        (code, String::from_utf8_lossy(&shown).into_owned())
    }
}

pub(crate) fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An endpoint that tells whether anybody came.
pub(crate) struct Lure(TcpListener);

impl Lure {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        Self(listener)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }

    pub(crate) fn untouched(&self) -> bool {
        matches!(self.0.accept(), Err(problem) if problem.kind() == ErrorKind::WouldBlock)
    }
}
