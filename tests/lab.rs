//! A hermetic lab: the built tool, with a state directory of its own and nothing of the user's
//! environment.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use orders_lab::aws::{Clients, Login};
use serde_json::Value;
use tempfile::TempDir;

/// Where a local cloud listens, and its owner's key.
#[derive(Debug, Clone)]
pub(crate) struct Cloud {
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    /// The owner's access key.
    pub(crate) access_key: String,
    /// Its secret.
    pub(crate) secret_key: String,
}

/// The built tool with a state directory of its own; its local cloud ends with it.
pub(crate) struct Lab {
    home: TempDir,
}

impl Lab {
    /// A new state directory; nothing runs yet.
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A lab that is up.
    pub(crate) fn up() -> Self {
        let lab = Self::new();
        lab.good(&["up", "--speed", "50"]);
        lab
    }

    /// Starts the local cloud at this speed, and says where it is.
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

    /// Puts builds of handlers into the folder `handlers` of the state directory that are quick to
    /// upload and do nothing: for tests in which no function runs.
    pub(crate) fn tiny_handlers(&self) {
        for name in ["order-simulator", "order-processor"] {
            let folder = self.home().join("handlers").join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("bootstrap"), tiny_program()).expect("a file");
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

    /// Starts the tool and does not wait for it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts")
    }

    /// Runs the tool with `--json`; its exit code and document.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self
            .command(arguments)
            .arg("--json")
            .output()
            .expect("the tool runs");
        document(arguments, &output)
    }

    /// Runs the tool with `--json` and insists on exit code 0.
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

    /// Takes the time between sending and failing out of a test: lets the queues' time pass
    /// until every order of the runs is where it will stay.
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
    /// Clients that may do everything in it.
    pub(crate) async fn clients(&self) -> Clients {
        let login = Login::Local {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            region: "us-east-1".to_owned(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
        };
        Clients::new(&Clients::configuration(login).await)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A failed stop is no reason to hide why the test failed.
        let _ = self.run(&["local", "stop", "--force"]);
    }
}

/// A static program for x86_64 Linux that ends at once: an ELF header, one segment, `exit(0)`.
fn tiny_program() -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const START: u64 = 120;
    // xor edi, edi; mov eax, 60; syscall
    let code = [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
    let size = START + code.len() as u64;
    let mut program = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    program.resize(16, 0);
    let half = |number: u16| number.to_le_bytes();
    for number in [2, 62] {
        program.extend(half(number)); // an executable, for x86_64
    }
    program.extend(1_u32.to_le_bytes());
    for number in [BASE + START, 64, 0] {
        program.extend(number.to_le_bytes()); // the entry, program headers, no sections
    }
    program.extend(0_u32.to_le_bytes());
    for number in [64, 56, 1, 64, 0, 0] {
        program.extend(half(number)); // the sizes and numbers of headers
    }
    for number in [1_u32, 5] {
        program.extend(number.to_le_bytes()); // a segment to load, readable and executable
    }
    for number in [0, BASE, BASE, size, size, 0x1000] {
        program.extend(number.to_le_bytes());
    }
    program.extend(code);
    program
}

/// The exit code and document of a finished run.
pub(crate) fn document(arguments: &[&str], output: &Output) -> (i32, Value) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    let document = serde_json::from_str(&stdout).unwrap_or_else(|problem| {
        panic!("{arguments:?} ({code}) printed no document ({problem}): {stdout}\n{stderr}")
    });
    crate::json::check(&document);
    (code, document)
}

/// Kills a process as `kill -9` does; one that has ended already is none of our business.
pub(crate) fn kill(pid: i32) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}
