//! The tool with a state directory of its own.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::client::Login;

/// The built tool with a state directory of its own. Its local cloud stops when it is dropped.
pub(crate) struct Lab {
    home: TempDir,
}

impl Lab {
    /// A new state directory. Nothing runs yet.
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs the tool and returns its document.
    pub(crate) fn run(&self, arguments: &[&str]) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_orders-lab"))
            .args(arguments)
            .arg("--json")
            .env_clear()
            .env("ORDERS_LAB_HOME", self.home.path())
            .env("HOME", self.home.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts the cloud only.
    pub(crate) fn start(&self) -> Login {
        self.run(&["local", "start"]);
        let variables = self.run(&["env"])["variables"].take();
        let text = |name: &str| variables[name].as_str().unwrap().to_owned();
        Login {
            authority: text("AWS_ENDPOINT_URL").replace("http://", ""),
            access_key: text("AWS_ACCESS_KEY_ID"),
            secret_key: text("AWS_SECRET_ACCESS_KEY"),
        }
    }

    /// The cloud's resident memory in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.run(&["local", "status"]);
        status["memory_bytes"].as_f64().unwrap()
    }

    /// The state directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.run(&["local", "stop", "--force"]);
    }
}
