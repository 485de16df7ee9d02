//! Invocations: from the event to the result, and what Lambda logs about them.

mod invoker;
mod platform_log;
mod result;

pub use invoker::InvokeOutput;
pub(crate) use invoker::Invoker;
