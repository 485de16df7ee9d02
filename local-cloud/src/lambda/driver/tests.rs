//! Real processes and the real Runtime API, behind a small server.

mod limits;
mod mappings;

use std::convert::Infallible;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::functions::{Dependencies, Functions, FunctionsConfig};
use crate::iam::Identities;
use crate::iam::engine::{Entity, NewRole};
use crate::lambda::InvokeOutput;
use crate::lambda::engine::{Configuration, INVOCATIONS, NewFunction};
use crate::logs::Logs;
use crate::runtime_context::RuntimeContext;
use crate::sqs::Queues;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

const ROLE: &str = "arn:aws:iam::000000000000:role/worker";
const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

const LOGGING: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// A runtime that does what its events contain.
const BOOTSTRAP: &str = r#"#!/usr/bin/python3
import http.client, json, os, signal, sys, threading, time
host, _, base = os.environ["AWS_LAMBDA_RUNTIME_API"].removeprefix("http://").partition("/")
api = http.client.HTTPConnection(host)
def call(method, path, body=None):
    api.request(method, f"/{base}/2018-06-01/runtime/{path}", body)
    answer = api.getresponse()
    return answer, answer.read()
mode = os.environ.get("MODE")
if mode == "init-error":
    call("POST", "init/error", json.dumps({"errorType": "Boot", "errorMessage": "no"}))
    sys.exit(1)
if mode == "init-exit":
    sys.exit(7)
count = 0
while True:
    answer, body = call("GET", "invocation/next")
    id, event, count = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(body), count + 1
    print("event", count)
    sys.stdout.flush()
    if "RECORD" in os.environ:
        with open(os.environ["RECORD"], "a") as record:
            record.write(json.dumps(event) + "\n")
    do, result = event.get("do"), {"event": event, "count": count, "pid": os.getpid()}
    if do == "error":
        call("POST", f"invocation/{id}/error", json.dumps({"errorType": "Bad", "errorMessage": "e"}))
        continue
    if do == "exit":
        os._exit(event["code"])
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "sleep":
        time.sleep(60)
    if do == "environment":
        result = dict(os.environ)
    if do == "memory":
        held = b"x" * (event["mb"] << 20)
    if do == "processes":
        for _ in range(event["count"]):
            if os.fork() == 0:
                time.sleep(60)
    if do == "threads":
        for _ in range(event["count"]):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    if do == "file":
        file = open(os.environ["TMPDIR"] + "/file", "wb")
        if event.get("unlinked"):
            os.unlink(file.name)
        os.posix_fallocate(file.fileno(), 0, event["mb"] << 20)
    time.sleep(event.get("then_sleep", 0))
    if do == "large":
        result = "x" * 6291556
    if do == "wrong":
        answer, body = call("POST", "invocation/none/response", "{}")
        again, _ = call("GET", "invocation/next")
        result = [answer.status, json.loads(body)["errorType"], again.status]
    answer, body = call("POST", f"invocation/{id}/response", json.dumps(result))
    if answer.status != 202:
        print(answer.status, body.decode())
        sys.stdout.flush()
"#;

struct Lab {
    functions: Arc<Functions>,
    context: RuntimeContext,
    endpoint: String,
    home: TempDir,
}

impl Lab {
    async fn start() -> Self {
        Self::start_with_reserve(None).await
    }

    /// A lab in which temporary files must leave this much of the disk free.
    async fn start_with_reserve(disk_reserve: Option<u64>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let journal = Journal::start(Box::new(MemoryStorage::default()));
        let context = RuntimeContext::for_tests(&journal);
        let identities = Identities::open(&context, ("AKIA1", "secret")).unwrap();
        let role = NewRole {
            name: "worker",
            path: None,
            trust: TRUST,
            description: None,
            max_session_seconds: None,
            tags: &[],
        };
        let created = identities.change(|iam, now, ids| iam.create_role(role, now, ids));
        created.await.unwrap();
        let attach =
            identities.change(|iam, _, _| iam.attach_policy(Entity::Role("worker"), LOGGING));
        attach.await.unwrap();
        let dependencies = Dependencies {
            identities,
            logs: Logs::open(&context).unwrap(),
            queues: Queues::open(&context).unwrap(),
        };
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let config = FunctionsConfig {
            home: home.path().to_owned(),
            packages: home.path().join("packages"),
            endpoint: endpoint.clone(),
            port: 0,
            is_supervised: false,
            disk_reserve,
        };
        let functions = Functions::open(&context, config, dependencies).unwrap();
        tokio::spawn(serve(listener, Arc::clone(&functions)));
        Self {
            functions,
            context,
            endpoint,
            home,
        }
    }

    /// A function with a file in its package and some environment variables.
    async fn function(&self, file: &str, variables: &[(&str, &str)], timeout: u32) {
        self.package(file, BOOTSTRAP.as_bytes(), variables, timeout)
            .await;
    }

    async fn package(&self, file: &str, content: &[u8], variables: &[(&str, &str)], timeout: u32) {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        writer.start_file(file, options).unwrap();
        writer.write_all(content).unwrap();
        let zip = writer.finish().unwrap().into_inner();
        let stored = self.functions.code().store(&zip).unwrap();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let new = NewFunction {
            name: "f".to_owned(),
            configuration: Configuration {
                role_arn: Some(ROLE.to_owned()),
                runtime: Some("provided.al2023".to_owned()),
                handler: Some("bootstrap".to_owned()),
                timeout_seconds: Some(timeout),
                environment: Some(variables.iter().map(own).collect()),
                ..Configuration::default()
            },
            code_sha256: stored.sha256_base64,
            code_size: stored.size,
            ..NewFunction::default()
        };
        let functions = &self.functions;
        let created =
            functions.change(|registry, now, ids| registry.create_function(new, now, ids));
        created.await.unwrap();
        let mut changed = self.changed();
        while functions.read(|registry| registry.invocable("f").is_err()) {
            changed.changed().await.unwrap();
        }
    }

    /// Notifies of changes to functions and mappings.
    fn changed(&self) -> watch::Receiver<()> {
        self.functions.mapping_context().registry.subscribe()
    }

    /// A directory in the cloud's home.
    fn directory(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    async fn invoke(&self, event: Value) -> InvokeOutput {
        let payload = Bytes::from(event.to_string());
        self.functions.invoke("f", payload).await.unwrap()
    }

    async fn answer(&self, event: Value) -> Value {
        let output = self.invoke(event).await;
        assert!(!output.failed, "{output:?}");
        serde_json::from_slice(&output.payload).unwrap()
    }

    async fn error(&self, event: Value) -> (String, String, String) {
        let output = self.invoke(event).await;
        assert!(output.failed, "{output:?}");
        let body: Value = serde_json::from_slice(&output.payload).unwrap();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let log = String::from_utf8(output.log_tail).unwrap();
        (text("errorType"), text("errorMessage"), log)
    }
}

async fn serve(listener: TcpListener, functions: Arc<Functions>) {
    while let Ok((stream, _)) = listener.accept().await {
        let functions = Arc::clone(&functions);
        let service = service_fn(move |request: Request<Incoming>| {
            let functions = Arc::clone(&functions);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let path = head.uri.path().strip_prefix("/_runtime/").unwrap();
                let method = head.method.as_str();
                let reply = functions
                    .runtime_api(method, path, &head.headers, body)
                    .await;
                let mut response = Response::new(Full::new(reply.body));
                *response.status_mut() = reply.status.try_into().unwrap();
                response.headers_mut().extend(reply.headers);
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

#[tokio::test]
async fn an_environment_is_reused_and_logs() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    let first = lab.answer(json!({"a": 1})).await;
    assert_eq!(first["event"], json!({"a": 1}));
    let output = lab.invoke(json!({})).await;
    let second: Value = serde_json::from_slice(&output.payload).unwrap();
    assert_eq!(
        (&second["count"], &second["pid"]),
        (&json!(2), &first["pid"])
    );
    let log = String::from_utf8(output.log_tail).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("START RequestId: "), "{log}");
    assert_eq!(lines[1], "event 2");
    assert!(lines[2].starts_with("END RequestId: "), "{log}");
    assert!(lines[3].contains("Max Memory Used: "), "{log}");
    lab.functions.shutdown().await;
    let left = std::fs::read_dir(lab.directory("environments")).unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn handler_errors_do_not_end_the_environment() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    let (kind, message, log) = lab.error(json!({"do": "error"})).await;
    assert_eq!((&*kind, &*message), ("Bad", "e"));
    assert!(!log.contains("Status"), "{log}");
    assert_eq!(lab.answer(json!({})).await["count"], 2);
    let (kind, message, log) = lab.error(json!({"do": "large"})).await;
    assert_eq!(kind, "Function.ResponseSizeTooLarge");
    assert_eq!(
        message,
        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    );
    assert!(log.contains("413 {"), "{log}");
    assert!(
        log.contains("\"errorType\":\"RequestEntityTooLarge\""),
        "{log}"
    );
    let refused = lab.answer(json!({"do": "wrong"})).await;
    assert_eq!(refused, json!([400, "InvalidRequestID", 403]));
}

#[tokio::test]
async fn crashes_are_reported_at_once() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 60).await;
    let (kind, message, log) = lab.error(json!({"do": "exit", "code": 3})).await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("Error: Runtime exited with error: exit status 3"));
    assert!(log.contains("event 1"), "{log}");
    assert!(log.ends_with("Status: error\tError Type: Runtime.ExitError\n"));
    let (_, message, _) = lab.error(json!({"do": "exit", "code": 0})).await;
    assert!(message.ends_with("Runtime exited without providing a reason"));
    let (_, message, _) = lab.error(json!({"do": "kill"})).await;
    assert!(message.ends_with("signal: killed"), "{message}");
    assert_eq!(lab.answer(json!({})).await["count"], 1);
}

#[tokio::test]
async fn a_timeout_ends_the_process() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 1).await;
    let pid = lab.answer(json!({})).await["pid"].clone();
    let (kind, message, log) = lab.error(json!({"do": "sleep"})).await;
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(message.ends_with("Error: Task timed out after 1.00 seconds"));
    assert!(log.ends_with("Status: timeout\n"), "{log}");
    assert_ne!(lab.answer(json!({})).await["pid"], pid);
}

#[tokio::test]
async fn a_failed_init_is_repeated_and_reported() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[("MODE", "init-error")], 10)
        .await;
    let (kind, message, log) = lab.error(json!({})).await;
    assert_eq!((&*kind, &*message), ("Boot", "no"));
    assert!(
        log.contains("Phase: init\tStatus: error\tError Type: Boot"),
        "{log}"
    );
    assert!(log.contains("Phase: invoke\t"), "{log}");
}

#[tokio::test]
async fn an_exit_during_init_is_reported() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[("MODE", "init-exit")], 10)
        .await;
    let (kind, message, _) = lab.error(json!({})).await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("exit status 7"), "{message}");
}

#[tokio::test]
async fn a_missing_bootstrap_is_reported() {
    let lab = Lab::start().await;
    lab.function("other", &[], 10).await;
    let (kind, message, log) = lab.error(json!({})).await;
    assert_eq!(kind, "Runtime.InvalidEntrypoint");
    let why = "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    assert!(message.ends_with(why), "{message}");
    let expected = [
        "INIT_START ",
        "INIT_REPORT ",
        "INIT_REPORT ",
        "START RequestId: ",
        &message,
        "Runtime.InvalidEntrypoint",
        "END RequestId: ",
        "REPORT RequestId: ",
    ];
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}");
    }
    let status = "Status: error\tError Type: Runtime.InvalidEntrypoint";
    for line in [lines[1], lines[2], lines[7]] {
        assert!(line.ends_with(status), "{line}");
    }
}

#[tokio::test]
async fn a_missing_interpreter_is_reported() {
    let lab = Lab::start().await;
    lab.package("bootstrap", b"#!/nowhere/python\n", &[], 10)
        .await;
    let (kind, message, _) = lab.error(json!({})).await;
    assert_eq!(kind, "Runtime.InvalidEntrypoint");
    let why = "Error: fork/exec /var/task/bootstrap: no such file or directory";
    assert!(message.ends_with(why), "{message}");
}

#[tokio::test]
async fn processes_have_only_aws_s_variables() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[("MINE", "yes")], 10).await;
    let answer = lab.answer(json!({"do": "environment"})).await;
    let variables = answer.as_object().unwrap();
    assert_eq!(variables["MINE"], "yes");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "128");
    assert_eq!(variables["AWS_ENDPOINT_URL"], lab.endpoint);
    for absent in ["HOME", "USER", "CARGO", "AWS_EXECUTION_ENV"] {
        assert!(!variables.contains_key(absent), "{absent}");
    }
    let key = variables["AWS_ACCESS_KEY_ID"].as_str().unwrap();
    let whose = lab.functions.identities().lookup(key).unwrap();
    assert_eq!(whose.caller.role_arn(), Some(ROLE));
}

#[tokio::test]
async fn updates_replace_idle_environments() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    let first = lab.answer(json!({})).await["pid"].clone();
    let wanted = Configuration {
        memory_mb: Some(256),
        ..Configuration::default()
    };
    let functions = &lab.functions;
    let changed = functions
        .change(|registry, now, ids| registry.update_configuration("f", wanted, None, now, ids));
    changed.await.unwrap();
    assert_ne!(lab.answer(json!({})).await["pid"], first);
    let reserve =
        functions.change(|registry, _, ids| registry.reserve_concurrency("f", Some(0), ids));
    reserve.await.unwrap();
    let refused = functions.invoke("f", Bytes::new()).await.unwrap_err();
    assert_eq!(
        (&*refused.code, refused.status),
        ("TooManyRequestsException", 429)
    );
    let reason = json!("ReservedFunctionConcurrentInvocationLimitExceeded");
    assert_eq!(refused.members, [("Reason", reason)]);
}

#[tokio::test]
async fn unused_code_is_removed() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    lab.answer(json!({})).await;
    let functions = &lab.functions;
    let directories = ["code", "packages"].map(|name| lab.directory(name));
    let files = || -> usize {
        let count = |path: &PathBuf| std::fs::read_dir(path).unwrap().count();
        directories.iter().map(count).sum()
    };
    assert_eq!(files(), 2);
    let deleted = functions.change(|registry, _, _| registry.delete_function("f"));
    deleted.await.unwrap();
    let wait = async {
        while files() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, wait).await.unwrap();
}

#[tokio::test]
async fn asynchronous_invocations_run_once() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    let functions = &lab.functions;
    let mut changed = lab.changed();
    functions.invoke_later("f", b"{}").await.unwrap();
    let stored = || lab.context.journal.load(INVOCATIONS).unwrap();
    while !stored().is_empty() {
        changed.changed().await.unwrap();
    }
    // The same process has seen it.
    assert_eq!(lab.answer(json!({})).await["count"], 2);
}
