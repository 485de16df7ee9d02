//! From the start of the process to its first answer.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Figures;
use crate::client::Client;
use crate::lab::Lab;

/// How often it is measured. The figure is the median.
const TIMES: usize = 9;

pub(crate) fn measure(figures: &Figures) {
    if !figures.wants("start") {
        return;
    }
    // The first start creates the state directory.
    let lab = Lab::new();
    let login = lab.start();
    lab.run(&["local", "stop"]);
    let mut took: Vec<f64> = (0..TIMES).map(|_| once(&lab, &login)).collect();
    took.sort_by(f64::total_cmp);
    figures.print(
        "start: to the first answer, p50",
        took[TIMES / 2],
        "ms",
        "60",
    );
}

fn once(lab: &Lab, login: &crate::client::Login) -> f64 {
    let began = Instant::now();
    let mut cloud = Command::new(env!("CARGO_BIN_EXE_orders-lab"))
        .args(["local", "serve", "--announce"])
        .env_clear()
        .env("ORDERS_LAB_HOME", lab.home())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(cloud.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    Client::new(login, "sqs").call("ListQueues", "{}");
    let took = began.elapsed().as_secs_f64() * 1000.0;
    lab.run(&["local", "stop"]);
    cloud.wait().unwrap();
    took
}
