//! The local cloud in the place of AWS, reached by the standard AWS variables, and an endpoint
//! that must not be called.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use super::lab::{Lab, document};

/// The local cloud's account id.
pub(crate) const ACCOUNT: &str = "000000000000";

/// A local cloud, and the variables with which AWS's tools find it.
pub(crate) struct AwsEnv {
    pub(crate) lab: Lab,
    variables: Vec<(String, String)>,
}

impl AwsEnv {
    /// Starts a local cloud.
    pub(crate) fn new() -> Self {
        Self::of(Lab::new())
    }

    /// Starts the local cloud of a state directory.
    pub(crate) fn of(lab: Lab) -> Self {
        Self {
            variables: variables(&lab),
            lab,
        }
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, wanted: &str) -> &str {
        let found = self.variables.iter().find(|(name, _)| name == wanted);
        &found.expect("it is exported").1
    }

    /// The tool with these arguments and the variables, ready to run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.lab.command(arguments);
        command.envs(self.variables.iter().cloned());
        command
    }

    /// Runs the tool with `--json` and returns its exit code and document.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.command(arguments).arg("--json").output();
        document(arguments, &output.expect("the tool runs"))
    }

    /// Runs the tool in a terminal into which `answer` is typed. Returns the exit code and the
    /// screen.
    pub(crate) fn in_terminal(&self, arguments: &[&str], answer: &str) -> (Option<i32>, String) {
        let outside = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&outside).expect("granted");
        unlockpt(&outside).expect("unlocked");
        let name = ptsname(&outside, Vec::new()).expect("a name");
        let inside = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let keyboard = File::from(inside.expect("the terminal's other end"));
        let mut screen = File::from(outside);
        screen.write_all(answer.as_bytes()).expect("typing");
        let mut command = self.command(arguments);
        command.env("TERM", "dumb");
        command.stdin(keyboard.try_clone().expect("a keyboard"));
        command.stdout(Stdio::null()).stderr(keyboard);
        let mut running = command.spawn().expect("the tool starts");
        // The last holder of the other end is the tool. Reading fails when it has ended.
        drop(command);
        let mut shown = Vec::new();
        let _ = screen.read_to_end(&mut shown);
        let code = running.wait().expect("the tool ends").code();
        (code, String::from_utf8_lossy(&shown).into_owned())
    }
}

/// The variables that `env` exports for a lab's local cloud.
pub(crate) fn variables(lab: &Lab) -> Vec<(String, String)> {
    let variables = lab.good(&["env"])["variables"].take();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    variables
        .as_object()
        .expect("variables")
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// An endpoint that must not be called, and that knows whether it was.
pub(crate) struct UncalledEndpoint(TcpListener);

impl UncalledEndpoint {
    /// Listens on a free port.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        Self(listener)
    }

    /// The endpoint's URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }

    /// Whether nobody has connected.
    pub(crate) fn was_not_called(&self) -> bool {
        matches!(self.0.accept(), Err(problem) if problem.kind() == ErrorKind::WouldBlock)
    }
}
