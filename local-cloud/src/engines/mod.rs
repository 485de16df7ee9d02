//! Pure state machines. Each takes commands with the time and a source of identifiers, and
//! answers with a reply and the changes that must become durable.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod iam;
pub mod lambda;
pub mod logs;
pub mod sqs;
pub mod tagging;
pub mod weather;
pub mod wildcard;
