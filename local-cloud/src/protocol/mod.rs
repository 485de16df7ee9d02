//! AWS's wire protocols: bytes to typed input, results to bytes. Pure.

pub mod http;
pub mod json;
pub mod page_token;
pub mod query;
pub mod rest_json;
pub mod time;
