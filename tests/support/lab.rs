//! The built tool, isolated: a state directory of its own, and nothing of the user's environment.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::assert::{Assert, OutputAssertExt as _};
use orders_lab::aws::{Clients, Login};
use serde_json::Value;
use tempfile::TempDir;

use super::stub_handler;

/// Where a local cloud listens, and its owner's access key.
#[derive(Debug, Clone)]
pub(crate) struct Cloud {
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    /// The owner's access key id.
    pub(crate) access_key: String,
    /// The owner's secret access key.
    pub(crate) secret_key: String,
}

/// The built tool with a state directory of its own. Its local cloud stops when it is dropped.
pub(crate) struct Lab {
    home: TempDir,
}

impl Lab {
    /// A new state directory. Nothing runs yet.
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A new state directory whose path has the same length everywhere, so that tables that show
    /// it have the same width.
    pub(crate) fn with_path_of_fixed_length() -> Self {
        let home = tempfile::Builder::new()
            .prefix("orders-lab-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in("/tmp");
        Self {
            home: home.expect("a temporary directory"),
        }
    }

    /// A lab that is up.
    pub(crate) fn up() -> Self {
        let lab = Self::new();
        lab.good(&["up", "--speed", "50"]);
        lab
    }

    /// Starts the local cloud at this speed and returns where it listens.
    pub(crate) fn cloud(&self, speed: u32) -> Cloud {
        self.good(&["local", "start", "--speed", &speed.to_string()]);
        let variables = self.good(&["env"])["variables"].take();
        let text = |name: &str| variables[name].as_str().expect("a variable").to_owned();
        let endpoint = text("AWS_ENDPOINT_URL");
        let (_, port) = endpoint.rsplit_once(':').expect("a port");
        Cloud {
            port: port.parse().expect("a port"),
            access_key: text("AWS_ACCESS_KEY_ID"),
            secret_key: text("AWS_SECRET_ACCESS_KEY"),
        }
    }

    /// Puts stub builds of the handlers into the folder `handlers` of the state directory.
    pub(crate) fn stub_handlers(&self) {
        for name in ["order-simulator", "order-processor"] {
            let folder = self.home().join("handlers").join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("bootstrap"), stub_handler::program()).expect("a file");
        }
    }

    /// The state directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The tool with these arguments, ready to run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orders-lab"));
        command
            .args(arguments)
            .env_clear()
            .env("ORDERS_LAB_HOME", self.home())
            .env("HOME", self.home())
            .stdin(Stdio::null());
        command
    }

    /// Runs the tool to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the tool runs")
    }

    /// Runs the tool to its end and returns what can be asserted of its exit code and output.
    pub(crate) fn assert(&self, arguments: &[&str]) -> Assert {
        self.command(arguments).assert()
    }

    /// Starts the tool and does not wait for it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts")
    }

    /// Runs the tool with `--json` and returns its exit code and document.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self
            .command(arguments)
            .arg("--json")
            .output()
            .expect("the tool runs");
        document(arguments, &output)
    }

    /// Runs the tool with `--json`, requires exit code 0 and returns the document.
    pub(crate) fn good(&self, arguments: &[&str]) -> Value {
        let (code, document) = self.json(arguments);
        assert_eq!(code, 0, "{arguments:?} ended with {code}: {document:#}");
        document
    }

    /// The process id of the local cloud, as recorded.
    pub(crate) fn cloud_pid(&self) -> Option<i32> {
        let text = std::fs::read_to_string(self.home().join("cloud/process.json")).ok()?;
        let record: Value = serde_json::from_str(&text).ok()?;
        i32::try_from(record["pid"].as_i64()?).ok()
    }

    /// Kills the local cloud, if one runs, as `kill -9` does.
    pub(crate) fn kill_cloud(&self) {
        if let Some(pid) = self.cloud_pid() {
            kill(pid);
        }
    }

    /// Waits until a killed cloud has ended, which releases its lock.
    pub(crate) fn await_cloud_end(&self) {
        let lock = File::open(self.home().join("cloud/lock")).expect("a lock");
        lock.lock_shared().expect("the lock is released");
    }

    /// Moves the queues' time ahead until no order is waiting or in flight, so that tests do not
    /// depend on the time between sending and failing.
    pub(crate) fn settle(&self) {
        for _ in 0..20 {
            let status = self.good(&["status"]);
            let busy = |queue: &Value| {
                ["visible", "in_flight", "delayed"]
                    .iter()
                    .any(|count| queue[count] != 0)
            };
            let queues = status["queues"].as_array().expect("queues");
            let orders = queues.iter().find(|queue| queue["name"] == "orders-queue");
            if !orders.is_some_and(busy) {
                return;
            }
            self.good(&["local", "fast-forward", "30s"]);
        }
    }
}

impl Cloud {
    /// The endpoint's URL.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Clients with the owner's key, which may do everything.
    pub(crate) async fn clients(&self) -> Clients {
        let login = Login::Local {
            endpoint: self.endpoint(),
            region: "us-east-1".to_owned(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
        };
        Clients::new(&Clients::configuration(login).await)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A failed stop must not hide why the test failed.
        let _ = self.run(&["local", "stop", "--force"]);
    }
}

/// The exit code and document of a finished run.
pub(crate) fn document(arguments: &[&str], output: &Output) -> (i32, Value) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    let document = serde_json::from_str(&stdout).unwrap_or_else(|problem| {
        panic!("{arguments:?} ({code}) printed no document ({problem}): {stdout}\n{stderr}")
    });
    super::schema::check(&document);
    (code, document)
}

/// What a finished run wrote to stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sends SIGKILL to a process, which may have ended already.
pub(crate) fn kill(pid: i32) {
    send(pid, rustix::process::Signal::KILL);
}

/// Sends SIGINT to a running child, as Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    let pid = i32::try_from(child.id()).expect("a process id");
    send(pid, rustix::process::Signal::INT);
}

fn send(pid: i32, signal: rustix::process::Signal) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}
