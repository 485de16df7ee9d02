//! Functions that try to get out: each event is a piece of Python that the function runs.

use std::io::{Cursor, Write as _};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, LogType, Runtime as FunctionRuntime, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use orders_lab::aws::Clients;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::lab::{Cloud, Lab};

/// A runtime that runs the Python in its events. Its result is the variable `result`, or the name of
/// the exception.
const BOOTSTRAP: &str = r#"#!/usr/bin/python3
import ctypes, http.client, json, os, signal, socket, subprocess, sys, tempfile, time
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
host, _, base = os.environ["AWS_LAMBDA_RUNTIME_API"].removeprefix("http://").partition("/")
api = http.client.HTTPConnection(host)
def call(method, path, body=None):
    api.request(method, f"/{base}/2018-06-01/runtime/{path}", body)
    answer = api.getresponse()
    return answer, answer.read()
while True:
    answer, body = call("GET", "invocation/next")
    id, names = answer.headers["Lambda-Runtime-Aws-Request-Id"], dict(globals(), result=None)
    try:
        exec(json.loads(body)["run"], names)
        outcome = names["result"]
    except Exception as problem:
        outcome = type(problem).__name__
    call("POST", f"invocation/{id}/response", json.dumps(outcome))
"#;

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// What Python raises when the system refuses something.
pub(crate) const REFUSED: &str = "PermissionError";

/// How an invocation ended whose environment did.
pub(crate) struct Failed {
    /// The error's type.
    pub(crate) error: String,
    /// The error's message.
    pub(crate) message: String,
    /// The end of the log.
    pub(crate) log: String,
}

/// A local cloud with two functions: `eve`, who tries, and `victim`.
pub(crate) struct Hostile {
    pub(crate) lab: Lab,
    pub(crate) cloud: Cloud,
    runtime: Runtime,
    clients: Clients,
}

impl Hostile {
    /// A cloud that runs in the background.
    pub(crate) fn new() -> Self {
        Self::on(Lab::new())
    }

    /// On this lab's cloud, which is started if it does not run.
    pub(crate) fn on(lab: Lab) -> Self {
        let cloud = lab.cloud(10);
        let runtime = Runtime::new().expect("a runtime");
        let clients = runtime.block_on(cloud.clients());
        let hostile = Self {
            lab,
            cloud,
            runtime,
            clients,
        };
        let role = hostile.clients.iam.create_role();
        let role = role.role_name("hostile").assume_role_policy_document(TRUST);
        let role = hostile.runtime.block_on(role.send()).expect("a role");
        let arn = role.role().expect("a role").arn().to_owned();
        for name in ["eve", "victim"] {
            hostile.create(name, &arn);
        }
        hostile
    }

    fn create(&self, name: &str, role: &str) {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        zip.start_file("bootstrap", options).expect("a file");
        // The name makes it a package of its own, and so a directory of its own.
        let text = format!("{BOOTSTRAP}# {name}\n");
        zip.write_all(text.as_bytes()).expect("written");
        let zip = zip.finish().expect("a zip").into_inner();
        let create = self.clients.lambda.create_function();
        let create = create
            .function_name(name)
            .role(role)
            .runtime(FunctionRuntime::Providedal2023)
            .handler("bootstrap")
            .timeout(20)
            .code(FunctionCode::builder().zip_file(Blob::new(zip)).build());
        self.runtime.block_on(create.send()).expect("a function");
        while self.state(name) != Some(State::Active) {}
    }

    fn state(&self, name: &str) -> Option<State> {
        let get = self.clients.lambda.get_function_configuration();
        let get = get.function_name(name).send();
        self.runtime.block_on(get).expect("a function").state
    }

    /// Runs Python in a function, and returns its `result` or the name of the exception.
    pub(crate) fn run(&self, function: &str, python: &str) -> Value {
        let event = json!({ "run": python }).to_string();
        let invoke = self.clients.lambda.invoke();
        let invoke = invoke.function_name(function).payload(Blob::new(event));
        let output = self.runtime.block_on(invoke.send()).expect("an invocation");
        let payload = output.payload().expect("a payload").as_ref();
        let text = String::from_utf8_lossy(payload);
        assert!(output.function_error().is_none(), "{python}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Runs Python in a function whose environment it ends.
    pub(crate) fn fail(&self, function: &str, python: &str) -> Failed {
        let event = json!({ "run": python }).to_string();
        let invoke = self.clients.lambda.invoke().log_type(LogType::Tail);
        let invoke = invoke.function_name(function).payload(Blob::new(event));
        let output = self.runtime.block_on(invoke.send()).expect("an invocation");
        let payload = output.payload().expect("a payload").as_ref();
        let text = String::from_utf8_lossy(payload);
        assert!(output.function_error().is_some(), "{python}: {text}");
        let body: Value = serde_json::from_slice(payload).expect("JSON");
        let member = |name: &str| body[name].as_str().expect("a text").to_owned();
        let log = output.log_result().unwrap_or_default();
        let log = BASE64.decode(log).expect("base64");
        Failed {
            error: member("errorType"),
            message: member("errorMessage"),
            log: String::from_utf8_lossy(&log).into_owned(),
        }
    }

    /// Requires that Python in `eve` is refused by the system.
    pub(crate) fn refuse(&self, python: &str) {
        assert_eq!(self.run("eve", python), REFUSED, "{python}");
    }

    /// Runs Python in a function, and returns its result, which is a process id.
    pub(crate) fn pid(&self, function: &str, python: &str) -> i32 {
        let pid = self.run(function, python);
        let number = pid.as_i64().and_then(|pid| i32::try_from(pid).ok());
        number.unwrap_or_else(|| panic!("{python}: {pid}"))
    }

    /// Deletes `eve`, whose environment then ends.
    pub(crate) fn delete(&self) {
        let delete = self.clients.lambda.delete_function().function_name("eve");
        self.runtime.block_on(delete.send()).expect("deleted");
    }

    /// Whether the machine enforces this part of the confinement. Says so where it does not.
    pub(crate) fn enforces(&self, part: &str) -> bool {
        let status = self.lab.good(&["local", "status"]);
        let is_enforced = status["confinement"][part] == true;
        if !is_enforced {
            say_unchecked(part);
        }
        is_enforced
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a test that checks nothing must say so"
)]
fn say_unchecked(part: &str) {
    eprintln!("NOT CHECKED: this machine does not confine functions from {part}");
}
