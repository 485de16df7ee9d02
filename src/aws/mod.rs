//! The AWS SDK as this program uses it: the user's configuration, clients for a target with
//! timeouts for each kind of call, visible retries, and classified errors.

mod answer;
mod clients;
mod endpoints;
mod error;
mod limits;
mod propagation;
mod retry_observer;
mod settings;

pub use answer::{Answer, MayBeAbsent};
pub use clients::{Clients, Login};
pub use endpoints::{Endpoints, variables as endpoint_variables};
pub use error::{AwsFailure, Class, failure, why_no_credentials};
pub use limits::{ALIAS as ALIAS_WAIT, CREDENTIALS as CREDENTIALS_WAIT, for_invoke};
pub use propagation::{PropagationDelay, propagation_delay};
pub use retry_observer::RetryObserver;
pub use settings::{AwsSettings, CredentialSource};
