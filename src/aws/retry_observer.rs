//! How the SDK's own retries look from outside: each is told as the wait that it is, and a
//! service that asks us to go slower is asked more often than one that fails.

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

use super::limits;
use crate::ui::Events;

/// The shortest time between two notes about one service.
const NOTES_EVERY: Duration = Duration::from_secs(1);

/// Watches the attempts of every call.
#[derive(Debug, Clone, Default)]
pub struct RetryObserver(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    events: Events,
    cancel: CancellationToken,
    noted: Mutex<HashMap<String, Instant>>,
}

impl RetryObserver {
    /// Tells of retries, and makes none once the user has interrupted.
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
        let (Some(retries), Some(kind)) = (retries, trouble(context.inner(), components)) else {
            return Ok(());
        };
        let attempts = match kind {
            ErrorKind::ThrottlingError => limits::THROTTLED_ATTEMPTS,
            _ => retries.max_attempts(),
        };
        let interrupted = |inner: &Arc<Inner>| inner.cancel.is_cancelled();
        let attempts = if self.0.as_ref().is_some_and(interrupted) {
            1
        } else {
            attempts
        };
        let retries = retries.clone().with_max_attempts(attempts);
        let done = cfg
            .load::<RequestAttempts>()
            .map_or(1, RequestAttempts::attempts);
        if let (Some(inner), Some(call)) = (&self.0, cfg.load::<Metadata>())
            && done < attempts
        {
            let service = call.service();
            let why = why(kind, service, code(context.inner()).as_deref());
            let next = done + 1;
            inner.note(
                service,
                &format!("{why}; trying again, attempt {next} of {attempts}."),
            );
        }
        // The SDK asks its configuration after this whether to try again.
        cfg.interceptor_state().store_put(retries);
        Ok(())
    }
}

impl Inner {
    fn note(&self, service: &str, text: &str) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let recently = |at: &Instant| now.saturating_duration_since(*at) < NOTES_EVERY;
        if !noted.get(service).is_some_and(recently) {
            noted.insert(service.to_owned(), now);
            self.events.note(text);
        }
    }
}

/// What the SDK makes of a failed attempt; `None` where it will not try again.
fn trouble(context: &InterceptorContext, components: &RuntimeComponents) -> Option<ErrorKind> {
    let mut verdict = RetryAction::NoActionIndicated;
    for classifier in components.retry_classifiers() {
        match classifier.classify_retry_v2(context, &verdict) {
            RetryAction::NoActionIndicated => {}
            RetryAction::RetryForbidden => return None,
            action => verdict = action,
        }
    }
    match verdict {
        RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) => Some(kind),
        _ => None,
    }
}

/// The service's code for a failed attempt, where it answered: operations' errors show it.
fn code(context: &InterceptorContext) -> Option<String> {
    let error = context.output_or_error()?.err()?.as_operation_error()?;
    shown_code(&error.to_string())
}

/// The code in an error's words: `unhandled error (CODE)`, `CODE: message` or `CODE`.
fn shown_code(words: &str) -> Option<String> {
    let words = words.strip_prefix("unhandled error").unwrap_or(words);
    let words = words.trim_start_matches([' ', '(']);
    let end = words.find([':', ')', ' ']).unwrap_or(words.len());
    let code = words.get(..end)?.rsplit(['#', '.']).next()?;
    (!code.is_empty()).then(|| code.to_owned())
}

fn why(kind: ErrorKind, service: &str, code: Option<&str>) -> String {
    let shown = code.map_or_else(String::new, |code| format!(" ({code})"));
    match (kind, code) {
        (ErrorKind::ThrottlingError, _) => format!("{service} asks us to go slower{shown}"),
        (_, Some(_)) => format!("{service} failed for a reason of its own{shown}"),
        (_, None) => format!("{service} does not answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Event;

    #[test]
    fn a_code_is_found_in_an_errors_words() {
        let shown = [
            (
                "unhandled error (RequestThrottled)",
                Some("RequestThrottled"),
            ),
            (
                "ThrottlingException: Rate exceeded",
                Some("ThrottlingException"),
            ),
            ("RequestThrottled", Some("RequestThrottled")),
            ("unhandled error", None),
        ];
        for (words, code) in shown {
            assert_eq!(shown_code(words).as_deref(), code, "{words}");
        }
    }

    #[test]
    fn throttling_reads_as_a_wait() {
        let text = why(ErrorKind::ThrottlingError, "SQS", Some("RequestThrottled"));
        assert_eq!(text, "SQS asks us to go slower (RequestThrottled)");
        let text = why(ErrorKind::TransientError, "IAM", None);
        assert_eq!(text, "IAM does not answer");
    }

    #[test]
    fn a_service_is_spoken_of_once_in_a_while() {
        let (events, shown) = Events::channel();
        let RetryObserver(Some(inner)) = RetryObserver::new(events, CancellationToken::new())
        else {
            panic!("it watches");
        };
        for service in ["SQS", "SQS", "IAM", "SQS"] {
            inner.note(service, service);
        }
        let told: Vec<String> = shown
            .try_iter()
            .filter_map(|signal| match signal.event() {
                Some(Event::Note(text)) => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(told, ["SQS", "IAM"]);
    }
}
