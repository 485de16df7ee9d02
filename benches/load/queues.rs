//! SQS: sending, and receiving with deleting, with few and with many messages queued.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Client, Login};
use crate::lab::Lab;
use crate::{Figures, MEASURED};

/// Roughly an order as the simulator sends it.
const BODY: &str = r#"{\"order_number\":123456789012,\"num_items\":3,\"price_per_item\":120.0,\"item_description\":\"zTablet\"}"#;

pub(crate) fn measure(figures: &Figures) {
    for (connections, target) in [(1, "80000"), (4, "150000")] {
        let name = format!("send/{connections}");
        if figures.wants(&name) {
            let lab = Lab::new();
            let login = lab.start();
            create(&login, "q");
            let rate = in_parallel(connections, |_| send_for(&login, MEASURED));
            let name = format!("{name}: SendMessageBatch of 10");
            figures.print(&name, rate, "messages/s", target);
        }
    }
    if figures.wants("drain") {
        drain(figures);
    }
    if figures.wants("memory") {
        memory(figures);
    }
}

fn drain(figures: &Figures) {
    for (connections, target) in [(1, "50000"), (4, "90000")] {
        let mut rates = Vec::new();
        for depth in [2_000_u64, 1_000_000] {
            let name = format!("drain/{connections}/{depth}");
            let lab = Lab::new();
            let login = lab.start();
            create(&login, "q");
            fill(&login, depth);
            // As many messages as were received are sent again, unmeasured.
            let mut taken = 0.0;
            let mut took = Duration::ZERO;
            while took < MEASURED {
                let began = Instant::now();
                let part = 1_600 / connections;
                let counts = threads(connections, |_| take(&login, part));
                took += began.elapsed();
                let count: u64 = counts.iter().sum();
                taken += count as f64;
                fill(&login, count);
            }
            let rate = taken / took.as_secs_f64();
            rates.push(rate);
            let name = format!("{name}: receive 10 + delete, {depth} queued");
            figures.print(&name, rate, "messages/s", target);
        }
        let share = rates[1] / rates[0] * 100.0;
        let name = format!("drain/{connections}: at 1,000,000 as a share of at 2,000");
        figures.print(&name, share, "%", "90");
    }
}

fn memory(figures: &Figures) {
    let lab = Lab::new();
    let login = lab.start();
    let idle = lab.memory();
    figures.print("memory: idle", idle / 1e6, "MB", "30");
    create(&login, "q");
    let count = 500_000;
    fill(&login, count);
    let body = BODY.replace('\\', "").len() as f64;
    let each = (lab.memory() - idle) / count as f64 - body;
    figures.print(
        "memory: per queued order, besides its body",
        each,
        "bytes",
        "600",
    );
}

fn create(login: &Login, name: &str) {
    let body = format!(r#"{{"QueueName":"{name}"}}"#);
    Client::new(login, "sqs").call("CreateQueue", &body);
}

fn url(login: &Login) -> String {
    format!("http://{}/000000000000/q", login.authority)
}

fn batch(login: &Login) -> String {
    let mut entries = String::new();
    for id in 0..10 {
        let comma = if id == 0 { "" } else { "," };
        write!(
            entries,
            r#"{comma}{{"Id":"{id}","MessageBody":"{BODY}","MessageAttributes":{{"orders-lab.run":{{"DataType":"String","StringValue":"20261123-100000-abcd"}},"orders-lab.index":{{"DataType":"Number","StringValue":"{id}"}}}}}}"#
        )
        .unwrap();
    }
    format!(r#"{{"QueueUrl":"{}","Entries":[{entries}]}}"#, url(login))
}

/// Messages sent.
fn send_for(login: &Login, time: Duration) -> f64 {
    let (mut client, body) = (Client::new(login, "sqs"), batch(login));
    let (began, mut sent) = (Instant::now(), 0.0);
    while began.elapsed() < time {
        client.call("SendMessageBatch", &body);
        sent += 10.0;
    }
    sent
}

/// Sends this many messages, to the next ten, over two connections.
fn fill(login: &Login, count: u64) {
    threads(2, |_| {
        let (mut client, body) = (Client::new(login, "sqs"), batch(login));
        for _ in 0..count.div_ceil(20) {
            client.call("SendMessageBatch", &body);
        }
        0
    });
}

/// Receives and deletes about this many messages. Returns how many.
fn take(login: &Login, count: u64) -> u64 {
    let mut client = Client::new(login, "sqs");
    let receive = format!(
        r#"{{"QueueUrl":"{}","MaxNumberOfMessages":10,"MessageAttributeNames":["All"],"MessageSystemAttributeNames":["All"]}}"#,
        url(login)
    );
    let mut taken = 0;
    while taken < count {
        let reply: Value = client.json("ReceiveMessage", &receive);
        let Some(messages) = reply["Messages"].as_array() else {
            break;
        };
        let mut entries = String::new();
        for (id, message) in messages.iter().enumerate() {
            let comma = if id == 0 { "" } else { "," };
            let handle = message["ReceiptHandle"].as_str().unwrap();
            write!(
                entries,
                r#"{comma}{{"Id":"{id}","ReceiptHandle":"{handle}"}}"#
            )
            .unwrap();
        }
        let delete = format!(r#"{{"QueueUrl":"{}","Entries":[{entries}]}}"#, url(login));
        client.call("DeleteMessageBatch", &delete);
        taken += messages.len() as u64;
    }
    taken
}

/// Runs `work` on so many threads for [`MEASURED`]. Returns what they did in total, per second.
pub(crate) fn in_parallel(count: u64, work: impl Fn(u64) -> f64 + Sync) -> f64 {
    let began = Instant::now();
    let done: f64 = threads(count, work).iter().sum();
    done / began.elapsed().as_secs_f64()
}

fn threads<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count)
            .map(|one| scope.spawn(move || work(one)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
