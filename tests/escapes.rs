//! Whatever functions print and queues hold, a terminal obeys none of it.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use tokio::runtime::Runtime;

use crate::support::lab::{Cloud, Lab};
use crate::support::terminal::Terminal;

/// Clears the screen, sets the title, moves up, reports the cursor's place as if it were typed, hides
/// what precedes a line's end, does the first with an 8-bit code, and reverses what follows.
const HOSTILE: &str = "ESC \u{1b}[2J\u{1b}]0;title\u{7}\u{1b}[1A\u{1b}[6n over\rwritten back\u{8} C1 \u{9b}2J bidi \u{202e}abc\u{2066}";

const COMMANDS: [&[&str]; 7] = [
    &["logs"],
    &["logs", "--raw"],
    &["logs", "--json"],
    &["dlq", "--full"],
    &["dlq", "--full", "--json"],
    &["--color", "always", "logs"],
    &["--color", "always", "dlq", "--full"],
];

#[test]
fn a_terminal_obeys_nothing_from_outside() {
    let lab = hostile_lab();
    for arguments in COMMANDS {
        let terminal = Terminal::new(100);
        let mut command = lab.command(arguments);
        command.stdout(terminal.handle()).stderr(terminal.handle());
        let (text, _) = terminal.finish(command);
        assert!(
            text.contains("ESC"),
            "{arguments:?} shows none of it: {text:?}"
        );
        let rest = without_codes(&text);
        let obeyed = rest.find(|one: char| {
            one.is_control() && one != '\n'
                || matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(obeyed, None, "{arguments:?}: {text:?}");
    }
}

#[test]
fn raw_logs_in_a_pipe_are_unchanged() {
    let lab = hostile_lab();
    let raw = lab.run(&["logs", "--raw"]).stdout;
    assert!(String::from_utf8_lossy(&raw).contains(HOSTILE));
    let shown = lab.run(&["logs"]).stdout;
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("ESC \u{fffd}[2J"), "{shown:?}");
    let document = lab.good(&["logs"]);
    let events = document["events"].as_array().expect("events");
    assert!(events.iter().any(|event| event["message"] == HOSTILE));
}

/// A lab whose processor seems to have logged hostile text, and with a dead letter of it.
fn hostile_lab() -> Lab {
    let lab = Lab::up();
    let cloud = lab.cloud(50);
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(plant(&cloud));
    lab
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time at which a line is logged is now"
)]
async fn plant(cloud: &Cloud) {
    let clients = cloud.clients().await;
    let (group, stream) = ("/aws/lambda/lab-order-processor", "hostile");
    let create = clients.logs.create_log_stream();
    let create = create.log_group_name(group).log_stream_name(stream);
    create.send().await.expect("a stream");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = now.expect("a time").as_millis().try_into();
    let event = InputLogEvent::builder()
        .timestamp(millis.expect("a time"))
        .message(HOSTILE);
    let put = clients.logs.put_log_events();
    let put = put.log_group_name(group).log_stream_name(stream);
    let put = put.log_events(event.build().expect("an event"));
    put.send().await.expect("logged");
    let queue = clients.sqs.get_queue_url().queue_name("orders-dl-queue");
    let queue = queue.send().await.expect("a queue");
    let body = serde_json::json!({ "orderNumber": HOSTILE }).to_string();
    // As JSON has no control characters, one body is none.
    for body in [body, "ESC \u{85}\u{9b}2J\u{202e}\r".to_owned()] {
        let send = clients.sqs.send_message().message_body(body);
        let send = send.set_queue_url(queue.queue_url.clone());
        send.send().await.expect("a message");
    }
}

/// The text without this program's own codes: colours, and the end of a line.
fn without_codes(text: &str) -> String {
    const OURS: [&str; 14] = [
        "0m", "1m", "2m", "31m", "32m", "33m", "36m", "31;1m", "33;1m", "39m", "38;5;1m",
        "38;5;2m", "38;5;3m", "K",
    ];
    OURS.iter().fold(text.to_owned(), |text, code| {
        text.replace(&format!("\u{1b}[{code}"), "")
    })
}
