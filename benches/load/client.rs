//! A small client: one connection, requests signed with AWS Signature Version 4, replies read
//! whole. The AWS SDK would use more of the processor than the cloud.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The cloud's port, and the access key that signs.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) authority: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

/// One connection to one service.
pub(crate) struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    login: Login,
    service: &'static str,
    prefix: &'static str,
    signing_key: Vec<u8>,
    day: String,
    date: String,
}

impl Client {
    /// Connects; `service` is the SigV4 name.
    #[expect(
        clippy::disallowed_methods,
        reason = "requests are signed with the date"
    )]
    pub(crate) fn new(login: &Login, service: &'static str) -> Self {
        let now = SystemTime::now();
        let date = jiff::Timestamp::try_from(now).unwrap();
        let date = date.strftime("%Y%m%dT%H%M%SZ").to_string();
        let stream = TcpStream::connect(&login.authority).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            reader: BufReader::with_capacity(64 * 1024, stream.try_clone().unwrap()),
            stream,
            login: login.clone(),
            service,
            prefix: match service {
                "sqs" => "AmazonSQS",
                "dynamodb" => "DynamoDB_20120810",
                _ => "",
            },
            signing_key: generate_signing_key(&login.secret_key, now, "us-east-1", service)
                .as_ref()
                .to_vec(),
            day: date[..8].to_owned(),
            date,
        }
    }

    /// Calls an operation of a JSON service and reads the reply, which must be a success.
    pub(crate) fn call(&mut self, operation: &str, body: &str) -> Vec<u8> {
        let target = format!("{}.{operation}", self.prefix);
        self.exchange("POST", "/", "", &target, body)
    }

    /// The same, with the reply parsed.
    pub(crate) fn json(&mut self, operation: &str, body: &str) -> Value {
        serde_json::from_slice(&self.call(operation, body)).unwrap()
    }

    /// Calls an operation of a REST-JSON service by method, path and query.
    pub(crate) fn rest(&mut self, method: &str, path: &str, query: &str, body: &str) -> Value {
        let reply = self.exchange(method, path, query, "", body);
        serde_json::from_slice(&reply).unwrap_or_default()
    }

    fn exchange(
        &mut self,
        method: &str,
        path: &str,
        query: &str,
        target: &str,
        body: &str,
    ) -> Vec<u8> {
        let (host, date) = (&self.login.authority, &self.date);
        let names = if target.is_empty() {
            "host;x-amz-date"
        } else {
            "host;x-amz-date;x-amz-target"
        };
        let header = match target {
            "" => String::new(),
            target => format!("x-amz-target:{target}\n"),
        };
        let canonical = format!(
            "{method}\n{path}\n{query}\nhost:{host}\nx-amz-date:{date}\n{header}\n{names}\n{}",
            hex::encode(Sha256::digest(body))
        );
        let scope = format!("{}/us-east-1/{}/aws4_request", self.day, self.service);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let signature = calculate_signature(&self.signing_key, to_sign.as_bytes());
        let query = match query {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let target = match target {
            "" => String::new(),
            target => format!("x-amz-target: {target}\r\n"),
        };
        let key = &self.login.access_key;
        let request = format!(
            "{method} {path}{query} HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {date}\r\n{target}\
             content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, \
             Signature={signature}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Vec<u8> {
        let (mut line, mut status, mut length) = (String::new(), String::new(), 0);
        loop {
            line.clear();
            assert!(
                self.reader.read_line(&mut line).unwrap() > 0,
                "the connection ended"
            );
            if status.is_empty() {
                status.clone_from(&line);
            }
            let header = line.trim_end().to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).unwrap();
        let is_good = status
            .split(' ')
            .nth(1)
            .is_some_and(|code| code.starts_with('2'));
        assert!(is_good, "{status} {}", String::from_utf8_lossy(&body));
        body
    }
}
