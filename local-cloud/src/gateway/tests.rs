use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// Answers with the request, or panics where the path asks for it.
struct Echo;

impl Backend for Echo {
    fn services(&self) -> Descriptors {
        Descriptors::new([
            &crate::sqs::DESCRIPTOR,
            &crate::lambda::DESCRIPTOR,
            &crate::dynamodb::DESCRIPTOR,
            &crate::iam::DESCRIPTOR,
        ])
    }

    fn lookup(&self, _: &str) -> Option<Arc<Identity>> {
        None
    }

    async fn handle(&self, _: &str, _: &Request) -> Option<Reply> {
        None
    }

    fn has_environment(&self, token: &str) -> bool {
        token != "unknown"
    }

    fn unknown_environment(&self) -> Reply {
        Reply::new(403, "text/plain", "unknown")
    }

    async fn runtime_api(&self, method: &str, path: &str, _: &HeaderMap, body: Bytes) -> Reply {
        assert_ne!(path, "panic", "as asked");
        Reply::new(200, "text/plain", format!("{method} {path} {}", body.len()))
    }
}

/// A gateway on a free port that serves until the sender is dropped.
async fn start() -> (SocketAddr, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = Arc::new(Clock::start(1, None));
    let gateway = Gateway::new(Echo, clock, "us-east-1", address.port());
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(Arc::new(gateway).serve(listener, stopping));
    (address, stop)
}

/// Sends the bytes on one connection, with the endpoint's host for `HOST`, and reads all replies.
async fn exchange(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let sent = sent.replace("HOST", &address.to_string());
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    // The server may close before everything is sent; its reply counts.
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8(reply).unwrap()
}

const END: &str = "Host: HOST\r\nConnection: close\r\n";

#[tokio::test]
async fn unsigned_requests_get_their_protocols_error() {
    let (address, _stop) = start().await;
    let sqs = format!(
        "POST / HTTP/1.1\r\n{END}X-Amz-Target: AmazonSQS.ListQueues\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let reply = exchange(address, &sqs).await;
    assert!(reply.starts_with("HTTP/1.1 403"), "{reply}");
    assert!(reply.contains("#MissingAuthenticationToken\""), "{reply}");
    assert!(
        reply.contains("x-amzn-query-error: MissingAuthenticationToken;Sender"),
        "{reply}"
    );
    assert!(reply.contains("x-amzn-requestid: "), "{reply}");

    let lambda = format!("GET /2015-03-31/functions HTTP/1.1\r\n{END}\r\n");
    let reply = exchange(address, &lambda).await;
    assert!(
        reply.contains("x-amzn-errortype: MissingAuthenticationTokenException"),
        "{reply}"
    );

    let iam = format!(
        "POST / HTTP/1.1\r\n{END}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 16\r\n\r\nAction=ListRoles"
    );
    let reply = exchange(address, &iam).await;
    assert!(
        reply.contains("<Code>MissingAuthenticationToken</Code>"),
        "{reply}"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let (address, _stop) = start().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDNOBODY/20150830/us-east-1/dynamodb/\
         aws4_request, SignedHeaders=host, Signature=00";
    let sent = format!("POST / HTTP/1.1\r\n{END}Authorization: {authorization}\r\n\r\n");
    let reply = exchange(address, &sent).await;
    assert!(reply.contains("UnrecognizedClientException"), "{reply}");
}

#[tokio::test]
async fn another_host_is_refused() {
    let (address, _stop) = start().await;
    let sent = "GET /_runtime/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let reply = exchange(address, sent).await;
    assert!(reply.starts_with("HTTP/1.1 421"), "{reply}");
    assert!(reply.contains("evil.example"), "{reply}");
}

#[tokio::test]
async fn all_framings_of_bodies_are_read() {
    let (address, _stop) = start().await;
    let chunked = format!(
        "POST /_runtime/a HTTP/1.1\r\n{END}Transfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    );
    assert!(exchange(address, &chunked).await.ends_with("POST a 7"));
    let expecting = format!(
        "POST /_runtime/a HTTP/1.1\r\n{END}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab"
    );
    let reply = exchange(address, &expecting).await;
    assert!(reply.starts_with("HTTP/1.1 100 Continue"), "{reply}");
    assert!(reply.ends_with("POST a 2"), "{reply}");
}

#[tokio::test]
async fn heads_that_can_be_read_in_two_ways_are_refused() {
    let (address, _stop) = start().await;
    let length = "Content-Length: 2\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n";
    for headers in [
        "Host: HOST\r\nHost: HOST\r\n",
        "Host: HOST\r\nhost: evil.example\r\n",
        &format!("Host: HOST\r\n{length}{chunked}"),
        &format!("Host: HOST\r\n{chunked}{length}"),
        &format!("Host: HOST\r\n{length}{length}"),
        &format!("Host: HOST\r\n{length}Content-Length: 3\r\n"),
        &format!("Host: HOST\r\n{chunked}{chunked}"),
        "Host: HOST\r\nTransfer-Encoding: gzip\r\n",
        "Host: HOST\r\nContent-Length: +2\r\n",
        "Host: HOST\r\nContent-Length: 99999999999999999999999\r\n",
        "Host: HOST\r\nX: a\r\n b\r\n",
        "Host: HOST\nX: a\r\n",
        "Host : HOST\r\n",
    ] {
        let sent = format!("POST /_runtime/a HTTP/1.1\r\n{headers}\r\n2\r\nab\r\n0\r\n\r\n");
        let reply = exchange(address, &sent).await;
        assert!(reply.starts_with("HTTP/1.1 400"), "{headers:?}: {reply}");
        assert_eq!(reply.matches("HTTP/1.1").count(), 1, "{headers:?}: {reply}");
    }
    let elsewhere = format!("GET http://evil.example/ HTTP/1.1\r\n{END}\r\n");
    let reply = exchange(address, &elsewhere).await;
    assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
}

#[tokio::test]
async fn a_refused_head_needs_no_body() {
    let (address, _stop) = start().await;
    let waiting = "Expect: 100-continue\r\nContent-Length: 10000000\r\n\r\n";
    let key = "Authorization: AWS4-HMAC-SHA256 Credential=AKIDNOBODY/20150830/us-east-1/sqs/\
               aws4_request, SignedHeaders=host, Signature=00\r\n";
    for (head, status) in [
        ("POST / HTTP/1.1\r\nHost: HOST\r\n", "403"),
        (&format!("POST / HTTP/1.1\r\nHost: HOST\r\n{key}"), "403"),
        ("POST /_runtime/unknown/x HTTP/1.1\r\nHost: HOST\r\n", "403"),
        (
            "POST /_runtime/a/x HTTP/1.1\r\nHost: evil.example\r\n",
            "421",
        ),
    ] {
        // It answers while the body is still to come, and does not ask for it.
        let reply = exchange(address, &format!("{head}{waiting}")).await;
        let expected = format!("HTTP/1.1 {status}");
        assert!(reply.starts_with(&expected), "{head}: {reply}");
        assert!(reply.contains("connection: close"), "{head}: {reply}");
    }
}

#[tokio::test]
async fn the_reason_arrives_although_the_body_is_not_read() {
    let (address, _stop) = start().await;
    let size = 20 << 20;
    let body = "x".repeat(size);
    let sent = format!("POST / HTTP/1.1\r\n{END}Content-Length: {size}\r\n\r\n{body}");
    let reply = exchange(address, &sent).await;
    assert!(reply.starts_with("HTTP/1.1 403"), "{reply}");
}

#[tokio::test]
async fn a_request_sent_too_early_is_not_answered() {
    let (address, _stop) = start().await;
    let one = "POST /_runtime/a HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\nab";
    let reply = exchange(address, &format!("{one}{one}")).await;
    assert!(reply.contains("connection: close"), "{reply}");
    assert_eq!(reply.matches("HTTP/1.1 200").count(), 1, "{reply}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (address, _stop) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let sent = format!("POST /_runtime/a HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n");
    for _ in 0..3 {
        // In parts, so that the end of one request is not the end of a read.
        for part in [&sent[..9], &sent[9..], "a", "b"] {
            stream.write_all(part.as_bytes()).await.unwrap();
        }
        let mut reply = Vec::new();
        while !reply.ends_with(b"POST a 2") {
            assert_ne!(
                stream.read_buf(&mut reply).await.unwrap(),
                0,
                "it was closed"
            );
        }
    }
}

#[tokio::test]
async fn large_and_unreadable_requests_are_refused() {
    let (address, _stop) = start().await;
    let cbor = format!(
        "POST / HTTP/1.1\r\n{END}Content-Type: application/cbor\r\nContent-Length: 0\r\n\r\n"
    );
    let reply = exchange(address, &cbor).await;
    assert!(reply.starts_with("HTTP/1.1 415"), "{reply}");
    let many: String = (0..200).map(|n| format!("h{n}: v\r\n")).collect();
    let many = format!("GET /_runtime/x HTTP/1.1\r\n{END}{many}\r\n");
    assert!(exchange(address, &many).await.starts_with("HTTP/1.1 431"));
    let long = "v".repeat(100_000);
    let long = format!("GET /_runtime/x HTTP/1.1\r\n{END}h: {long}\r\n\r\n");
    assert!(exchange(address, &long).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn large_results_of_functions_are_cut() {
    let (address, _stop) = start().await;
    let size = 9 << 20;
    let body = "x".repeat(size);
    let sent = format!("POST /_runtime/a HTTP/1.1\r\n{END}Content-Length: {size}\r\n\r\n{body}");
    let reply = exchange(address, &sent).await;
    assert!(reply.ends_with("POST a 7340032"), "{reply}");
    let chunked = format!(
        "POST /_runtime/a HTTP/1.1\r\n{END}Transfer-Encoding: chunked\r\n\r\n\
         {size:x}\r\n{body}\r\n0\r\n\r\n"
    );
    let reply = exchange(address, &chunked).await;
    assert!(reply.ends_with("POST a 7340032"), "{reply}");
    let endless = format!(
        "POST /_runtime/a HTTP/1.1\r\n{END}Content-Length: {}\r\n\r\n",
        1_u64 << 40
    );
    assert!(
        exchange(address, &endless)
            .await
            .starts_with("HTTP/1.1 413")
    );
}

#[test]
fn limits_follow_the_path() {
    let of = |path| limits::body_limit(path).bytes >> 20;
    assert_eq!(of("/2015-03-31/functions"), 70);
    assert_eq!(of("/2015-03-31/functions/f/code"), 70);
    assert_eq!(of("/2015-03-31/functions/f/invocations"), 7);
    assert_eq!(
        of("/_runtime/token/2018-06-01/runtime/invocation/id/response"),
        7
    );
    assert_eq!(of("/"), 16);
}

#[tokio::test]
async fn a_panic_ends_one_request_only() {
    let (address, _stop) = start().await;
    let ask = |path: &str| format!("GET /_runtime/{path} HTTP/1.1\r\n{END}\r\n");
    let reply = exchange(address, &ask("panic")).await;
    assert!(reply.starts_with("HTTP/1.1 500"), "{reply}");
    assert!(
        exchange(address, &ask("well"))
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn stopping_closes_the_port() {
    let (address, stop) = start().await;
    let ask = format!("GET /_runtime/x HTTP/1.1\r\n{END}\r\n");
    assert!(exchange(address, &ask).await.starts_with("HTTP/1.1 200"));
    stop.send_replace(true);
    stop.closed().await;
    assert!(TcpStream::connect(address).await.is_err());
}
