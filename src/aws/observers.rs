//! What watches the calls.

use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;

use super::{CallLog, CommandLog, RetryObserver};

/// What watches the calls of a set of clients.
#[derive(Debug, Clone, Default)]
pub struct Observers {
    /// Limits and reports retries.
    pub retries: RetryObserver,
    /// Shows each attempt.
    pub calls: Option<CallLog>,
    /// Shows the AWS CLI commands that do the same.
    pub commands: Option<CommandLog>,
}

impl Observers {
    pub(super) fn interceptors(&self) -> Vec<SharedInterceptor> {
        let calls = self.calls.clone().map(SharedInterceptor::new);
        let commands = self.commands.clone().map(SharedInterceptor::new);
        let retries = SharedInterceptor::new(self.retries.clone());
        [Some(retries), calls, commands]
            .into_iter()
            .flatten()
            .collect()
    }
}
