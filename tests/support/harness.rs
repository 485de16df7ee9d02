//! One local cloud for all runs of a test. The tool takes the cloud, or a proxy in front of it,
//! for AWS; the cloud's owner inspects what there is.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use orders_lab::app::STOPPING;
use orders_lab::aws::Clients;
use tokio::runtime::Runtime;

use super::inventory::resources_of;
use super::lab::{Cloud, Lab};
use super::proxy::Proxy;

/// A cloud, and its owner's clients.
pub(crate) struct Harness {
    pub(crate) lab: Lab,
    pub(crate) cloud: Cloud,
    pub(crate) runtime: Runtime,
    pub(crate) clients: Clients,
}

/// An access key, and the session's token if it is temporary.
pub(crate) struct Credentials {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) token: Option<String>,
}

impl Harness {
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

    /// A cloud at this speed, and stub handlers for tests in which no function runs.
    pub(crate) fn with_stub_handlers(speed: u32) -> Self {
        let harness = Self::new(speed);
        harness.lab.stub_handlers();
        harness
    }

    /// The tool on AWS, which is at this endpoint.
    pub(crate) fn command(
        &self,
        endpoint: &str,
        credentials: &Credentials,
        arguments: &[&str],
    ) -> Command {
        let mut command = self.lab.command(arguments);
        command
            .args(["--target", "aws", "--yes", "--json"])
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &credentials.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &credentials.secret_key);
        if let Some(token) = &credentials.token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        let handlers = self.lab.home().join("handlers");
        if handlers.exists() {
            command.env("ORDERS_LAB_HANDLERS", handlers);
        }
        command
    }

    /// Starts the tool on AWS, which is behind this proxy. The proxy signs with the owner's key.
    pub(crate) fn start(&self, proxy: &Proxy, arguments: &[&str]) -> Running {
        let credentials = Credentials {
            access_key: "AKIDOFAUSER".to_owned(),
            secret_key: "secret".to_owned(),
            token: None,
        };
        Running::start(
            self.command(&proxy.endpoint(), &credentials, arguments),
            proxy,
        )
    }

    /// The resources of a lab; of every lab, where the name is empty.
    pub(crate) fn resources_of(&self, lab: &str) -> Vec<String> {
        self.runtime.block_on(resources_of(&self.clients, lab))
    }
}

/// The running tool. Its stderr is read at once: the proxy must know when the tool has
/// acknowledged an interruption.
pub(crate) struct Running {
    child: Child,
    stderr: JoinHandle<String>,
}

impl Running {
    fn start(mut command: Command, proxy: &Proxy) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the tool starts");
        let pipe = child.stderr.take().expect("a pipe");
        let acknowledged = proxy.attach(child.id());
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            for line in BufReader::new(pipe).lines() {
                let line = line.expect("the tool writes text");
                if line.contains(STOPPING) {
                    acknowledged.send_replace(true);
                }
                text.push_str(&line);
                text.push('\n');
            }
            text
        });
        Self { child, stderr }
    }

    /// Waits until the tool ends.
    pub(crate) fn end(self) -> Output {
        let mut output = self.child.wait_with_output().expect("the tool ends");
        output.stderr = self.stderr.join().expect("stderr is read").into_bytes();
        output
    }
}
