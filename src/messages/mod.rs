//! The messages of any queue, whatever they are about: reading a whole queue and leaving it as it
//! was, selecting and grouping messages, and messages as lines of a file.

mod attribute;
mod batch;
mod condition;
mod edit;
mod expression;
mod group;
mod journal;
mod lines;
mod moment;
mod queue;
mod read;
mod reading;
mod record;
mod sdk;
mod selection;
mod selection_args;
mod send;
mod sqs_transfer;
mod transfer;

pub(crate) use attribute::Attribute;
pub(crate) use batch::Batcher;
pub(crate) use edit::Change;
pub(crate) use expression::Expression;
pub(crate) use group::{Groups, standard_group};
pub(crate) use journal::{Journal, JournalError};
pub(crate) use lines::{MessageLines, is_stdin};
pub(crate) use queue::{Queue, QueueDepth, QueueName, depth, redrive_policy};
pub(crate) use read::{ReadError, Step, Summary, read_all};
pub(crate) use reading::{Deleted, Reading};
pub(crate) use record::MessageRecord;
pub(crate) use selection::{Facts, Selection};
pub(crate) use selection_args::SelectionArgs;
pub(crate) use send::{NotSent, send_batch};
pub(crate) use sqs_transfer::{Attendant, INTERRUPTED, SqsQueues};
pub(crate) use transfer::queues::Held;
pub(crate) use transfer::{MOVED_FROM, Transfer, TransferError, Transferred};
