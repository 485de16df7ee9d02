//! The AWS SDK as this program uses it: one set of clients for a target, and errors by class.

mod clients;
mod error;

pub use clients::{Clients, Login, for_invoke};
pub use error::{AwsFailure, Class, failure};
