//! Endpoints that are not as AWS's: nothing listens, something else answers, replies are cut off or
//! lack members. Each is said as it is, with advice that fits.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::fault::{CallSelector, Fault};
use crate::support::harness::Harness;
use crate::support::lab::{Lab, document};
use crate::support::proxy::Proxy;

/// A server that gives the same answer to every request.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        // Ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                respond(stream, answer);
            }
        });
        Self { url, requests }
    }
}

fn respond(mut stream: TcpStream, answer: &str) {
    let mut request = [0; 4096];
    // A request to STS fits into one read.
    let _ = stream.read(&mut request);
    let _ = stream.write_all(answer.as_bytes());
}

/// Runs the tool on AWS, which is at this URL.
fn on_aws(lab: &Lab, url: &str, arguments: &[&str]) -> Output {
    let mut command = lab.command(arguments);
    command
        .args(["--target", "aws", "--json"])
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    command.output().expect("the tool runs")
}

fn status(lab: &Lab, url: &str) -> (i32, Value, String) {
    let output = on_aws(lab, url, &["status"]);
    let (code, document) = document(&["status"], &output);
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    (code, document["error"].clone(), shown)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn a_refused_connection_fails_at_once() {
    let lab = Lab::new();
    let address = format!("127.0.0.1:{}", free_port());
    let url = format!("http://{address}");
    let (code, error, shown) = status(&lab, &url);
    let message = error["message"].as_str().expect("a message");
    assert_eq!(code, 3, "{error}");
    assert!(
        message.contains(&format!("nothing listens at {address}")),
        "{message}"
    );
    assert!(!shown.contains("trying again"), "{shown}");
    let output = on_aws(&lab, &url, &["doctor"]);
    let (_, report) = document(&["doctor"], &output);
    let checks = report["checks"].as_array().expect("checks");
    let endpoint = checks.iter().find(|one| one["name"] == "endpoint");
    let found = endpoint.expect("a check")["found"].to_string();
    assert!(found.contains("nothing listens"), "{found}");
}

#[test]
fn an_answer_that_is_none_is_shown() {
    let lab = Lab::new();
    for (answer, expected, requests) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n<GetCallerI",
            "HTTP 200, 11 bytes: <GetCallerI",
            3,
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 20\r\nconnection: close\r\n\r\n<h1>404 nothing</h1>",
            "HTTP 404, 20 bytes: <h1>404 nothing</h1>",
            1,
        ),
    ] {
        let server = Server::new(answer);
        let (code, error, _) = status(&lab, &server.url);
        let message = error["message"].as_str().expect("a message");
        assert_eq!(code, 3, "{error}");
        assert!(message.contains(expected), "{message}");
        let hints = error["hints"].to_string();
        assert!(hints.contains("whether the endpoint is AWS"), "{hints}");
        assert_eq!(server.requests.load(Ordering::SeqCst), requests, "{answer}");
    }
}

#[test]
fn a_call_whose_reply_is_cut_off_is_repeated() {
    let harness = Harness::with_stub_handlers(50);
    let proxy = Proxy::new(&harness.cloud);
    for (command, operation) in [("up", "sqs:CreateQueue"), ("status", "lambda:GetFunction")] {
        let first = CallSelector::NthOf(operation.to_owned(), 1);
        proxy.inject(first, Fault::CutOff);
        let output = harness.start(&proxy, &[command]).end();
        let (code, document) = document(&[command], &output);
        assert_eq!(code, 0, "{operation}: {document}");
        let log = proxy.log();
        assert_eq!(log.injected.as_deref(), Some(operation));
        let attempts: Vec<&str> = log
            .calls
            .iter()
            .filter(|call| call.operation == operation)
            .map(|call| &*call.attempt)
            .collect();
        assert!(
            attempts.iter().any(|one| one.starts_with("attempt=2")),
            "{attempts:?}"
        );
    }
}

#[test]
fn replies_may_lack_arns_and_tags() {
    let harness = Harness::with_stub_handlers(50);
    let proxy = Proxy::new(&harness.cloud);
    proxy.inject(CallSelector::Nth(0), Fault::Incomplete);
    for (arguments, member, expected) in [
        (&["up"][..], "ok", Value::from(true)),
        (&["up", "--plan"], "to_do", 0.into()),
        (&["status"], "drifted", false.into()),
        (&["down"], "ok", true.into()),
    ] {
        let output = harness.start(&proxy, arguments).end();
        let (code, document) = document(arguments, &output);
        assert_eq!(
            (code, &document[member]),
            (0, &expected),
            "{arguments:?}: {document:#}"
        );
    }
    assert_eq!(harness.resources_of(""), [""; 0]);
}

#[test]
fn missing_root_certificates_are_reported() {
    let lab = Lab::new();
    let mut command = lab.command(&["status", "--target", "aws", "--json"]);
    command
        .env(
            "AWS_ENDPOINT_URL",
            format!("https://127.0.0.1:{}", free_port()),
        )
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("SSL_CERT_FILE", "/dev/null");
    let output = command.output().expect("the tool runs");
    let (code, document) = document(&["status"], &output);
    let message = document["error"]["message"].as_str().expect("a message");
    assert_eq!(code, 3, "{document}");
    assert!(
        message.contains("no root certificates in /dev/null (SSL_CERT_FILE)"),
        "{message}"
    );
}

#[test]
fn verbose_shows_each_call() {
    let lab = Lab::new();
    lab.good(&["local", "start"]);
    let output = lab.run(&["status", "--verbose"]);
    let shown = String::from_utf8_lossy(&output.stderr);
    let line = shown
        .lines()
        .find(|line| line.starts_with("SQS GetQueueUrl orders-queue: 400 "))
        .unwrap_or_else(|| panic!("no such line: {shown}"));
    assert!(line.contains("QueueDoesNotExist"), "{line}");
    assert!(line.contains(" ms, attempt 1, request "), "{line}");
    // What the SDK does is shown only by RUST_LOG.
    assert!(!shown.contains("aws_smithy"), "{shown}");
}
