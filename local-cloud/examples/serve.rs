//! Runs a local cloud to try clients with: `cargo run -p local-cloud --example serve -- HOME PORT`.
//!
//! The owner's key is `AKIDEXAMPLE` with the secret `secret`. It runs until the
//! control service stops it or it is killed.

use std::error::Error;

use local_cloud::cloud::{Cloud, Config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(home), Some(port)) = (args.next(), args.next()) else {
        return Err("usage: serve HOME PORT".into());
    };
    let cloud = Cloud::start(Config {
        home: home.into(),
        port: port.parse()?,
        speed: 10,
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: "secret".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        is_supervised: false,
        disk_reserve: None,
        record: None,
        request_log: None,
    })
    .await?;
    let outcome = cloud.stopped().await;
    cloud.shutdown().await;
    Ok(outcome?)
}
