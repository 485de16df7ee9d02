//! An interceptor that makes the SDK's own retries visible, and lets a service that is throttling be
//! retried more often than one that fails.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry as _, RetryAction, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::{ErrorKind, RetryConfig};
use tokio_util::sync::CancellationToken;

use super::error_code::code;
use super::limits;
use super::unreadable::{self, is_unreadable};
use crate::ui::Events;

/// Observes the attempts of every call. The default one changes the number of attempts and the
/// timeouts, and reports nothing.
#[derive(Debug, Clone, Default)]
pub struct RetryObserver(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    events: Events,
    cancel: CancellationToken,
}

impl RetryObserver {
    /// Reports each failure that is followed by another attempt, and allows none after `cancel`.
    pub fn new(events: Events, cancel: CancellationToken) -> Self {
        Self(Some(Arc::new(Inner { events, cancel })))
    }
}

#[dyn_dispatch_hint]
impl Intercept for RetryObserver {
    fn name(&self) -> &'static str {
        "RetryObserver"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(timeouts) = limits::of_input(context.input()) {
            cfg.interceptor_state().store_put(timeouts);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let retries = cfg.load::<RetryConfig>().filter(|one| one.has_retry());
        let (Some(retries), Some(kind)) = (retries, error_kind(context.inner(), components)) else {
            return Ok(());
        };
        let is_interrupted = |inner: &Arc<Inner>| inner.cancel.is_cancelled();
        let attempts = match kind {
            _ if self.0.as_ref().is_some_and(is_interrupted) => 1,
            _ if is_unreadable(context.inner()) => unreadable::ATTEMPTS,
            ErrorKind::ThrottlingError => limits::THROTTLED_ATTEMPTS,
            _ => retries.max_attempts(),
        };
        let limited = retries.clone().with_max_attempts(attempts);
        let done = cfg
            .load::<RequestAttempts>()
            .map_or(1, RequestAttempts::attempts);
        if let (Some(inner), Some(call)) = (&self.0, cfg.load::<Metadata>())
            && done < attempts
        {
            let service = call.service();
            let reason = match code(context.inner()) {
                None if context.response().is_some() => {
                    format!("{service} sent a response that cannot be read")
                }
                code => reason(kind, service, code.as_deref()),
            };
            inner.events.retry(reason);
        }
        // The SDK reads this after the interceptor to decide whether to retry.
        cfg.interceptor_state().store_put(limited);
        Ok(())
    }
}

/// How the SDK's retry classifiers see a failed attempt; `None` where it will not be retried.
fn error_kind(context: &InterceptorContext, components: &RuntimeComponents) -> Option<ErrorKind> {
    let mut indicated = RetryAction::NoActionIndicated;
    for classifier in components.retry_classifiers() {
        match classifier.classify_retry_v2(context, &indicated) {
            RetryAction::NoActionIndicated => {}
            RetryAction::RetryForbidden => return None,
            action => indicated = action,
        }
    }
    match indicated {
        RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) => Some(kind),
        _ => None,
    }
}

fn reason(kind: ErrorKind, service: &str, code: Option<&str>) -> String {
    let shown = code.map_or_else(String::new, |code| format!(" ({code})"));
    match (kind, code) {
        (ErrorKind::ThrottlingError, _) => format!("{service} is throttling{shown}"),
        (_, Some(_)) => format!("{service} returned an internal error{shown}"),
        (_, None) => format!("{service} does not respond"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_have_a_reason() {
        let text = reason(ErrorKind::ThrottlingError, "SQS", Some("RequestThrottled"));
        assert_eq!(text, "SQS is throttling (RequestThrottled)");
        let text = reason(ErrorKind::TransientError, "IAM", None);
        assert_eq!(text, "IAM does not respond");
    }
}
