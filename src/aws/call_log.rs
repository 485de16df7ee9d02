//! Shows each attempt of each call, for `--verbose`.

use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::call::Call;
use super::error::in_one_line;
use super::error_code::code;
use crate::ui::{Attempt, Event, Events};

/// Sends an event about each attempt: service, operation, what it is about, status, time, attempt,
/// request id.
#[derive(Debug, Clone)]
pub struct CallLog(Events);

impl CallLog {
    /// A log that sends its events here.
    pub fn new(events: Events) -> Self {
        Self(events)
    }
}

/// The first words of a call's lines.
#[derive(Debug)]
struct Label(String);

impl Storable for Label {
    type Storer = StoreReplace<Self>;
}

/// When an attempt began.
#[derive(Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for CallLog {
    fn name(&self) -> &'static str {
        "CallLog"
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = cfg.load::<Metadata>() {
            let call = Call::read(metadata.service(), metadata.name(), context.request());
            let label = format!("{} {} {}", call.service, call.operation, call.subject());
            cfg.interceptor_state()
                .store_put(Label(label.trim_end().to_owned()));
        }
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Began(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(Label(label)), Some(Began(began))) = (cfg.load::<Label>(), cfg.load::<Began>())
        else {
            return Ok(());
        };
        let attempt = cfg.load::<RequestAttempts>();
        self.0.send(Event::Call(Attempt {
            call: label.clone(),
            status: status(context.inner()),
            took: began.elapsed(),
            number: attempt.map_or(1, RequestAttempts::attempts),
            request_id: request_id(context.inner()).map(str::to_owned),
        }));
        Ok(())
    }
}

/// The status of the response with the service's error code, or why there is none.
fn status(context: &InterceptorContext) -> String {
    if let Some(response) = context.response() {
        let code = code(context).map_or_else(String::new, |code| format!(" {code}"));
        return format!("{}{code}", response.status().as_u16());
    }
    match context.output_or_error() {
        Some(Err(error)) => in_one_line(error),
        _ => "no response".to_owned(),
    }
}

fn request_id(context: &InterceptorContext) -> Option<&str> {
    let headers = context.response()?.headers();
    ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|name| headers.get(*name))
}
