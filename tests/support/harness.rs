//! One local cloud for all runs of a test: the tool as one that takes the cloud, or a proxy before
//! it, for AWS; and what its owner sees.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use orders_lab::aws::Clients;
use tokio::runtime::Runtime;

use crate::support::inventory::found;
use crate::support::lab::{Cloud, Lab};
use crate::support::proxy::Proxy;

/// What the tool answers the first Ctrl-C with.
const STOPPING: &str = "Ctrl-C again stops at once";

/// A cloud, and its owner's clients.
pub(crate) struct Bench {
    pub(crate) lab: Lab,
    pub(crate) cloud: Cloud,
    pub(crate) runtime: Runtime,
    pub(crate) clients: Clients,
}

/// Who calls.
pub(crate) struct Keys {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    /// The token of a session, where the keys are one's.
    pub(crate) token: Option<String>,
}

impl Bench {
    /// A cloud at this speed.
    pub(crate) fn new(speed: u32) -> Self {
        let lab = Lab::new();
        let cloud = lab.cloud(speed);
        let runtime = Runtime::new().expect("a runtime");
        let clients = runtime.block_on(cloud.clients());
        Self {
            lab,
            cloud,
            runtime,
            clients,
        }
    }

    /// The same with functions that do nothing, for tests in which none runs.
    pub(crate) fn with_tiny_handlers(speed: u32) -> Self {
        let bench = Self::new(speed);
        bench.lab.tiny_handlers();
        bench
    }

    /// The tool on AWS, which is at this endpoint.
    pub(crate) fn command(&self, endpoint: &str, keys: &Keys, arguments: &[&str]) -> Command {
        let mut command = self.lab.command(arguments);
        command
            .args(["--target", "aws", "--yes", "--json"])
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &keys.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_key);
        if let Some(token) = &keys.token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        let handlers = self.lab.home().join("handlers");
        if handlers.exists() {
            command.env("ORDERS_LAB_HANDLERS", handlers);
        }
        command
    }

    /// Starts the tool on AWS, which is behind this proxy; its own keys do not matter there.
    pub(crate) fn start(&self, proxy: &Proxy, arguments: &[&str]) -> Running {
        let keys = Keys {
            access_key: "AKIDOFAUSER".to_owned(),
            secret_key: "secret".to_owned(),
            token: None,
        };
        Running::start(self.command(&proxy.endpoint(), &keys, arguments), proxy)
    }

    /// What there is of a lab; of any, where it is empty.
    pub(crate) fn found(&self, lab: &str) -> Vec<String> {
        self.runtime.block_on(found(&self.clients, lab))
    }
}

/// The tool at work. What it says on stderr is heard at once: the proxy must know when it has
/// seen that it is interrupted.
pub(crate) struct Running {
    child: Child,
    said: JoinHandle<String>,
}

impl Running {
    fn start(mut command: Command, proxy: &Proxy) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the tool starts");
        let stderr = child.stderr.take().expect("a pipe");
        let heard = proxy.watch(child.id());
        let said = std::thread::spawn(move || {
            let mut said = String::new();
            for line in BufReader::new(stderr).lines() {
                let line = line.expect("the tool writes text");
                if line.contains(STOPPING) {
                    heard.send_replace(true);
                }
                said.push_str(&line);
                said.push('\n');
            }
            said
        });
        Self { child, said }
    }

    /// Waits for its end.
    pub(crate) fn end(self) -> Output {
        let mut output = self.child.wait_with_output().expect("the tool ends");
        output.stderr = self.said.join().expect("it is heard").into_bytes();
        output
    }
}
