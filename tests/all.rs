//! All integration tests, in one binary. `tidy` and `corpus` need nothing but the sources; the
//! others run the built tool against a real local cloud with real handler processes.

mod support;

mod any_call;
mod any_call_of_redrive;
mod attempts;
mod bad_input;
mod builds;
mod concurrent;
mod corpus;
mod credentials;
mod cycle;
mod doctor;
mod endpoints;
mod escapes;
mod failures;
mod fast_forward;
mod guard;
mod help;
#[cfg(target_os = "linux")]
mod hostile;
mod json;
mod kills;
mod lag;
#[cfg(target_os = "linux")]
mod limits;
mod many;
mod messages;
mod operator;
mod output;
mod ownership;
mod records;
mod redrive_changes;
mod rights;
mod snapshots;
mod state;
mod tidy;
mod waits;
