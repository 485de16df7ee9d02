//! An interceptor that makes the SDK's own retries visible, and lets a service that is throttling be
//! retried more often than one that fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// The shortest time between two notes about one service.
const NOTES_EVERY: Duration = Duration::from_secs(1);

/// Observes the attempts of every call. The default one changes the number of attempts and the
/// timeouts, and reports nothing.
#[derive(Debug, Clone, Default)]
pub struct RetryObserver(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    events: Events,
    cancel: CancellationToken,
    noted: Mutex<HashMap<String, Instant>>,
}

impl RetryObserver {
    /// Sends a note about each retry, and allows none after `cancel`.
    pub fn new(events: Events, cancel: CancellationToken) -> Self {
        Self(Some(Arc::new(Inner {
            events,
            cancel,
            noted: Mutex::default(),
        })))
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
            let next = done + 1;
            inner.note(
                service,
                &format!("{reason}; trying again, attempt {next} of {attempts}."),
            );
        }
        // The SDK reads this after the interceptor to decide whether to retry.
        cfg.interceptor_state().store_put(limited);
        Ok(())
    }
}

impl Inner {
    fn note(&self, service: &str, text: &str) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < NOTES_EVERY;
        if !noted.get(service).is_some_and(is_recent) {
            noted.insert(service.to_owned(), now);
            self.events.note(text);
        }
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
    use crate::ui::Event;

    #[test]
    fn retries_have_a_reason() {
        let text = reason(ErrorKind::ThrottlingError, "SQS", Some("RequestThrottled"));
        assert_eq!(text, "SQS is throttling (RequestThrottled)");
        let text = reason(ErrorKind::TransientError, "IAM", None);
        assert_eq!(text, "IAM does not respond");
    }

    #[test]
    fn notes_about_one_service_are_rate_limited() {
        let (events, shown) = Events::channel();
        let RetryObserver(Some(inner)) = RetryObserver::new(events, CancellationToken::new())
        else {
            panic!("an observer that reports");
        };
        for service in ["SQS", "SQS", "IAM", "SQS"] {
            inner.note(service, service);
        }
        let notes: Vec<String> = shown
            .try_iter()
            .filter_map(|signal| match signal.event() {
                Some(Event::Note(text)) => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(notes, ["SQS", "IAM"]);
    }
}
