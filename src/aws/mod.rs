//! The AWS SDK as this program uses it: the user's configuration, clients for a target with
//! timeouts for each kind of call, visible calls and retries, and classified errors.

mod answer;
mod call;
mod call_log;
mod cli_command;
mod clients;
mod command_log;
mod dry_run;
mod endpoints;
mod error;
mod error_code;
mod limits;
mod observers;
mod propagation;
mod retry_observer;
mod settings;
mod transport;
mod unreadable;

pub use answer::{Answer, MayBeAbsent};
pub use call_log::CallLog;
pub use clients::{Clients, Login};
pub use command_log::{CommandLog, Shown};
pub use endpoints::{Endpoints, host as endpoint_host, is_aws, variables as endpoint_variables};
pub use error::{AwsFailure, Class, failure, why_no_credentials};
pub use limits::{ALIAS as ALIAS_WAIT, CREDENTIALS as CREDENTIALS_WAIT, for_invoke, one_attempt};
pub use observers::Observers;
pub use propagation::{PropagationDelay, propagation_delay};
pub use retry_observer::RetryObserver;
pub use settings::{AwsSettings, CredentialSource};
