//! DynamoDB: dynoxide in process, with what AWS adds around it.

mod driver;
mod operations;
pub(crate) mod partiql;
pub(crate) mod permissions;
mod stale_tags;
mod transitions;

pub use driver::Tables;
