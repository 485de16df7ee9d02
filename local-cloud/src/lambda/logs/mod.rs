//! What functions print, on its way to CloudWatch Logs.

mod log_shipper;
mod log_stream;

pub(crate) use log_shipper::LogShipper;
pub(crate) use log_stream::LogStream;
