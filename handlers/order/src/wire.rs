//! The data about orders that the tool, the two functions and the table exchange.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// The message attribute (String) with the name of the run that an order belongs to.
pub const RUN_ATTRIBUTE: &str = "orders-lab.run";
/// The message attribute (Number) with an order's index in its run.
pub const INDEX_ATTRIBUTE: &str = "orders-lab.index";

/// Names of the table's attributes.
pub mod table {
    /// The key, a Number: the order's number.
    pub const ID: &str = "id";
    /// A String: [`Order::details`](crate::Order::details).
    pub const ORDER_DETAILS: &str = "order_details";
    /// A String: the run; absent where the message has no such attribute.
    pub const RUN: &str = "run";
    /// A Number: the index in the run; absent where the message has no such attribute.
    pub const RUN_INDEX: &str = "run_index";
    /// A Number: when the message was sent, in milliseconds since 1970.
    pub const SENT_AT: &str = "sent_at";
    /// A Number: when the order was stored, in milliseconds since 1970.
    pub const STORED_AT: &str = "stored_at";
    /// A Number: how often the message had been received when it was stored.
    pub const RECEIVE_COUNT: &str = "receive_count";
}

/// The largest number of orders for one invocation of the simulator.
pub const MAX_PER_REQUEST: u64 = 10_000;
/// How many orders the tool requests from one invocation of the simulator. That takes some seconds, so
/// that progress is shown, an interruption takes effect, and little is sent twice when a response is
/// lost.
pub const ORDERS_PER_REQUEST: u64 = 1000;
/// How long both queues keep a message, in seconds: four days, SQS's default. For a dead letter the
/// time counts from when the order was sent.
pub const RETENTION_SECONDS: u32 = 345_600;
/// The simulator function's timeout, in seconds. The tool waits as long for its response.
pub const SIMULATOR_TIMEOUT_SECONDS: u16 = 60;

/// The request to the simulator: send the orders `first..first + count` of a plan.
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

/// The simulator's response once all requested orders are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulateReport {
    /// The run's name.
    pub run: String,
    /// The first index sent.
    pub first: u64,
    /// How many were requested.
    pub count: u64,
    /// How many the queue accepted; the same as `count`.
    pub sent: u64,
    /// How many requests to the queue it took.
    pub requests: u64,
    /// How many entries were sent again because a batch reported them as failed.
    pub retried: u64,
}

/// The event of a log line of the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureEvent {
    /// The order is bad, however often it is received.
    OrderRefused,
    /// The order is good, but the table did not accept it this time.
    OrderNotStored,
}

/// The processor's log line for a message that it did not store, one JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailure {
    /// What happened.
    pub event: FailureEvent,
    /// The message's id in the queue.
    pub message_id: String,
    /// How often the message has been received, where it says so: this is the attempt's number.
    #[serde(default)]
    pub attempt: Option<u64>,
    /// The order's number, where it could be read.
    pub order_number: Option<u64>,
    /// The code of a [`Reason`](crate::Reason); for an order not stored, DynamoDB's error code.
    pub reason: String,
    /// What exactly was wrong, as a sentence.
    pub detail: String,
    /// The run, where the message has that attribute.
    pub run: Option<String>,
    /// The index in the run, where the message has that attribute.
    pub index: Option<u64>,
}
