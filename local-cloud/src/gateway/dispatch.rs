//! From a verified request to its reply: the call is read, allowed, perhaps disturbed, and carried
//! out by its service.

use std::sync::Arc;
use std::time::Duration;

use super::request_log::{OpenEntry, RequestLog};
use crate::error::AwsError;
use crate::faults::{FaultInjector, FaultOutcome};
use crate::iam::Identities;
use crate::protocol::http::{Caller, Reply, Request};
use crate::service::{Call, Descriptor, Descriptors, Service};

/// The table of services, and what stands between a request and its service.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    services: Vec<Arc<dyn Service>>,
    identities: Arc<Identities>,
    faults: Arc<FaultInjector>,
    log: Option<RequestLog>,
}

impl Dispatcher {
    /// A dispatcher over these services.
    pub(crate) fn new(
        services: Vec<Arc<dyn Service>>,
        identities: Arc<Identities>,
        faults: Arc<FaultInjector>,
    ) -> Self {
        Self {
            services,
            identities,
            faults,
            log: None,
        }
    }

    /// The same dispatcher with a log of its requests.
    #[must_use]
    pub(crate) fn logging(self, log: Option<RequestLog>) -> Self {
        Self { log, ..self }
    }

    /// The descriptors of the services.
    pub(crate) fn descriptors(&self) -> Descriptors {
        Descriptors::new(self.services.iter().map(|service| service.descriptor()))
    }

    /// Answers a verified request to the service with this signing name; `None` where there is no
    /// such service. Dropped when the client hangs up.
    pub(crate) async fn handle(&self, signing_name: &str, request: &Request) -> Option<Reply> {
        let mut services = self.services.iter();
        let service = services.find(|one| one.descriptor().signing_name == signing_name)?;
        let descriptor = service.descriptor();
        let log = self.log.as_ref();
        let mut entry = log.map(|log| log.begin(Some(descriptor), &request.request_id));
        let reply = self.answer(service, request, entry.as_mut()).await;
        let reply = reply.unwrap_or_else(|error| {
            let protocol = &descriptor.protocol;
            protocol.front_end_error(&error, &request.request_id)
        });
        if let Some(entry) = &mut entry {
            entry.answered(&reply);
        }
        Some(reply)
    }

    async fn answer(
        &self,
        service: &Arc<dyn Service>,
        request: &Request,
        entry: Option<&mut OpenEntry>,
    ) -> Result<Reply, AwsError> {
        let descriptor = service.descriptor();
        let call = match Arc::clone(service).read(request) {
            Ok(call) => call,
            Err(error) => return Ok(descriptor.protocol.error(&error, &request.request_id)),
        };
        if let Some(entry) = entry {
            entry.read(descriptor, call.as_ref());
        }
        self.authorize(descriptor, &request.caller, call.as_ref())?;
        if descriptor.is_internal {
            return Ok(run(descriptor, call).await);
        }
        let fault = self
            .faults
            .draw_fault(|| format!("{}:{}", descriptor.action_prefix, call.name()));
        if fault.latency > 0 {
            tokio::time::sleep(Duration::from_millis(fault.latency)).await;
        }
        match fault.outcome {
            FaultOutcome::Answered => Ok(run(descriptor, call).await),
            FaultOutcome::Throttled => Err((descriptor.throttled)()),
            FaultOutcome::Failed => Err((descriptor.failed)()),
            // The request is carried out all the same; what is lost is its reply.
            FaultOutcome::Lost => {
                run(descriptor, call).await;
                Err((descriptor.failed)())
            }
        }
    }

    /// Checks that the caller may do everything that the call requires. The owner may do
    /// everything, so its calls are not asked what they require.
    fn authorize(
        &self,
        descriptor: &Descriptor,
        caller: &Caller,
        call: &dyn Call,
    ) -> Result<(), AwsError> {
        if caller.is_owner() {
            return Ok(());
        }
        if descriptor.is_internal {
            let (caller, prefix, name) = (&caller.arn, descriptor.action_prefix, call.name());
            let sentence = format!("User: {caller} is not authorized to perform: {prefix}:{name}");
            return Err((descriptor.access_denied)(sentence));
        }
        for permission in call.required_permissions() {
            self.identities
                .authorize(caller, &permission)
                .map_err(|denial| (descriptor.access_denied)(denial.to_string()))?;
        }
        Ok(())
    }
}

async fn run(descriptor: &Descriptor, call: Box<dyn Call>) -> Reply {
    if !descriptor.outlives_client {
        return call.run().await;
    }
    match tokio::spawn(call.run()).await {
        Ok(reply) => reply,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody cancels these tasks but a runtime that is shutting down.
            Err(_) => std::future::pending().await,
        },
    }
}
