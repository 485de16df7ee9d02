//! What the tool, the two functions and the table say to each other about orders.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// The message attribute (String) that names the run an order belongs to.
pub const RUN_ATTRIBUTE: &str = "orders-lab.run";
/// The message attribute (Number) that holds an order's index in its run.
pub const INDEX_ATTRIBUTE: &str = "orders-lab.index";

/// Names of the table's attributes.
pub mod table {
    /// The key, a Number: the order's number.
    pub const ID: &str = "id";
    /// A String: [`Order::details`](crate::Order::details).
    pub const ORDER_DETAILS: &str = "order_details";
    /// A String: the run; absent when the message did not tell it.
    pub const RUN: &str = "run";
    /// A Number: the index in the run; absent when the message did not tell it.
    pub const RUN_INDEX: &str = "run_index";
    /// A Number: when the message was sent, in milliseconds since 1970.
    pub const SENT_AT: &str = "sent_at";
    /// A Number: when the order was stored, in milliseconds since 1970.
    pub const STORED_AT: &str = "stored_at";
    /// A Number: how often the message had been received when it was stored.
    pub const RECEIVE_COUNT: &str = "receive_count";
}

/// The most orders that one invocation of the simulator may be asked for.
pub const MAX_PER_REQUEST: u64 = 10_000;
/// How many orders the tool asks an invocation of the simulator for: what takes some seconds, so
/// that progress is shown, an interruption is heeded, and little is sent twice when an answer is
/// lost.
pub const ORDERS_PER_REQUEST: u64 = 1000;
/// How long both queues keep a message, in seconds: the four days that SQS keeps one by default. A
/// dead letter's time has run since the order was sent.
pub const RETENTION_SECONDS: u32 = 345_600;
/// The simulator function's timeout, in seconds. The tool waits for an answer for as long.
pub const SIMULATOR_TIMEOUT_SECONDS: u16 = 60;

/// What the simulator is asked for: the orders `first..first + count` of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulateRequest {
    /// The run's name, given to each message as [`RUN_ATTRIBUTE`].
    pub run: String,
    /// The run's plan.
    pub plan: Plan,
    /// The first index to send.
    pub first: u64,
    /// How many to send, 1 to [`MAX_PER_REQUEST`].
    pub count: u64,
}

/// What the simulator answers once all that was asked for is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulateReport {
    /// The run's name.
    pub run: String,
    /// The first index sent.
    pub first: u64,
    /// How many were asked for.
    pub count: u64,
    /// How many the queue accepted; the same as `count`.
    pub sent: u64,
    /// How many requests to the queue it took.
    pub requests: u64,
    /// How many entries had to be sent again because a batch reported them failed.
    pub retried: u64,
}

/// Which of the processor's events a log line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureEvent {
    /// The order is bad, and will be as often as it is received.
    OrderRefused,
    /// The order is good, but the table would not take it this time.
    OrderNotStored,
}

/// The processor's log line, one JSON object, for each message that it could not store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailure {
    /// What happened.
    pub event: FailureEvent,
    /// The message's id in the queue.
    pub message_id: String,
    /// The order's number, if it could be read.
    pub order_number: Option<u64>,
    /// The code of a [`Reason`](crate::Reason); for an order not stored, DynamoDB's error code.
    pub reason: String,
    /// What exactly was wrong, as a sentence.
    pub detail: String,
    /// The run, if the message tells it.
    pub run: Option<String>,
    /// The index in the run, if the message tells it.
    pub index: Option<u64>,
}
