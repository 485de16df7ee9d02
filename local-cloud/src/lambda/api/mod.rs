//! The operations of Lambda: typed input, the permissions that it requires, the engine's command,
//! and the reply. Operations that this cloud does not have are refused by method and path,
//! parameters by name.

mod code;
mod concurrency;
mod configuration;
mod functions;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod invoke;
mod mapping_settings;
mod mappings;
mod operations;
mod parameters;
mod permissions;
mod role;
mod service;
mod tags;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use service::LambdaService;
