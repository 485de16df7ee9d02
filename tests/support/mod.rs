//! What the tests share: the tool in a state directory of its own, the local cloud in the place
//! of AWS, and a proxy that injects faults.

pub(crate) mod aws_env;
pub(crate) mod docs;
pub(crate) mod fault;
pub(crate) mod harness;
#[cfg(target_os = "linux")]
pub(crate) mod hostile;
pub(crate) mod import_graph;
pub(crate) mod injection_points;
pub(crate) mod inventory;
pub(crate) mod json_docs;
pub(crate) mod lab;
pub(crate) mod proxy;
pub(crate) mod reference;
pub(crate) mod schema;
pub(crate) mod stub_handler;
pub(crate) mod terminal;
pub(crate) mod wire;
