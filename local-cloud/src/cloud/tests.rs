use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

mod chaos;

fn config(home: &Path, speed: u32) -> Config {
    Config {
        home: home.to_owned(),
        port: 0,
        speed,
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: "secret".to_owned(),
        version: "1.2.3".to_owned(),
        is_supervised: false,
        disk_reserve: None,
        record: None,
        request_log: None,
    }
}

fn wall(cloud: &Cloud) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(cloud.clock.now().wall.0)
}

/// One request in AWS JSON: the status and the body.
async fn call(cloud: &Cloud, service: &str, target: &str, body: Value) -> (u16, Value) {
    let headers = [("x-amz-target", target)];
    let (status, body) = post(cloud, service, "/", &headers, body.to_string()).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// One request, signed by AWS's own signer: the status and the body.
async fn post(
    cloud: &Cloud,
    service: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> (u16, String) {
    let credentials =
        aws_credential_types::Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let identity: Identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name(service)
        .time(wall(cloud))
        .settings(SigningSettings::default())
        .build()
        .unwrap();
    let host = cloud.address().to_string();
    let mut headers = headers.to_vec();
    headers.push(("host", host.as_str()));
    let signable = SignableRequest::new(
        "POST",
        format!("http://{host}{path}"),
        headers.iter().copied(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let (signed, _) = sign(signable.unwrap(), &params.into())
        .unwrap()
        .into_parts();
    let mut sent = format!("POST {path} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in headers.into_iter().chain(signed.headers()) {
        sent.push_str(&format!("{name}: {value}\r\n"));
    }
    sent.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));

    let mut stream = TcpStream::connect(cloud.address()).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

async fn control(cloud: &Cloud, operation: &str, body: Value) -> (u16, Value) {
    call(cloud, "orders-lab", &format!("OrdersLab.{operation}"), body).await
}

#[tokio::test]
async fn status_describes_the_cloud() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("new").join("home");
    let cloud = Cloud::start(config(&home, 7)).await.unwrap();
    let (status, facts) = control(&cloud, "Status", json!({})).await;
    assert_eq!(status, 200);
    assert!(cloud.address().ip().is_loopback());
    assert_eq!(facts["version"], "1.2.3");
    assert_eq!(facts["speed"], 7);
    assert_eq!(facts["pid"], std::process::id());
    assert_eq!(facts["endpoint"], format!("http://{}", cloud.address()));
    let (status, error) = control(&cloud, "Dance", json!({})).await;
    assert_eq!(
        (status, &error["__type"]),
        (400, &json!("UnknownOperationException"))
    );
    cloud.shutdown().await;
}

#[tokio::test]
async fn lab_time_never_goes_back() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(config(dir.path(), 1000)).await.unwrap();
    let day = json!({"seconds": 86_400});
    let (status, reply) = control(&cloud, "FastForward", day).await;
    assert_eq!(status, 200);
    assert!(reply["lab_time"].as_u64().unwrap() >= 86_400_000);
    let (status, _) = control(&cloud, "FastForward", json!({"seconds": u64::MAX})).await;
    assert_eq!(status, 400);
    let before = cloud.clock.now().lab;
    // As after a kill: nothing is stored at the end.
    cloud.stop.send_replace(true);
    cloud.journal.close().await;

    let cloud = Cloud::start(config(dir.path(), 1)).await.unwrap();
    assert!(cloud.clock.now().lab >= before);
    cloud.shutdown().await;
}

#[tokio::test]
async fn it_stops_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(config(dir.path(), 1)).await.unwrap();
    assert_eq!(control(&cloud, "Stop", json!({})).await.0, 200);
    cloud.stopped().await.unwrap();
    let address = cloud.address();
    cloud.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
    Cloud::start(config(dir.path(), 1))
        .await
        .unwrap()
        .shutdown()
        .await;
}

#[tokio::test]
async fn a_home_serves_one_cloud() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(config(dir.path(), 1)).await.unwrap();
    let second = Cloud::start(config(dir.path(), 1)).await.unwrap_err();
    assert!(second.to_string().contains("another process"), "{second}");
    let elsewhere = tempfile::tempdir().unwrap();
    let taken = Config {
        port: cloud.address().port(),
        ..config(elsewhere.path(), 1)
    };
    assert!(matches!(
        Cloud::start(taken).await,
        Err(StartError::Listen { .. })
    ));
    cloud.shutdown().await;
}

#[tokio::test]
async fn a_signature_is_for_one_service() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(config(dir.path(), 1)).await.unwrap();
    let tables = call(
        &cloud,
        "dynamodb",
        "DynamoDB_20120810.ListTables",
        json!({}),
    )
    .await;
    assert_eq!(tables, (200, json!({"TableNames": []})));
    let (_, wrong) = call(&cloud, "logs", "DynamoDB_20120810.ListTables", json!({})).await;
    assert!(
        wrong["message"]
            .as_str()
            .unwrap()
            .contains("correct service: 'dynamodb'")
    );
    let (status, none) = call(&cloud, "glue", "AWSGlue.GetTables", json!({})).await;
    assert_eq!(status, 404);
    assert!(none["message"].as_str().unwrap().contains("glue"));
    cloud.shutdown().await;
}

#[test]
fn debug_output_hides_the_secret() {
    let config = config(Path::new("/home"), 1);
    let told = format!("{config:?}");
    assert!(told.contains("AKIDEXAMPLE") && !told.contains("\"secret\""));
}
