//! From a verified request to its reply: the call is read, allowed, perhaps disturbed, and carried
//! out by its service.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::request_log::{OpenEntry, RequestLog};
use crate::error::AwsError;
use crate::faults::{FaultInjector, FaultOutcome};
use crate::iam::{Identities, RequestFacts};
use crate::protocol::http::{Reply, Request};
use crate::service::{Call, Descriptor, Descriptors, RequestOrigin, Service};

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
        // The services hold the identities, so these hold the services weakly.
        let weak: Vec<_> = services.iter().map(Arc::downgrade).collect();
        identities.set_resource_tags(Box::new(move |arn| tags_of(&weak, arn)));
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

    /// The service with this signing name.
    #[cfg(test)]
    pub(crate) fn service(&self, signing_name: &str) -> Option<&Arc<dyn Service>> {
        let mut services = self.services.iter();
        services.find(|one| one.descriptor().signing_name == signing_name)
    }

    /// Whether a request is allowed, without carrying it out.
    ///
    /// # Errors
    /// For a request that is not understood, or whose resource cannot be told.
    #[cfg(test)]
    pub(crate) fn allows(&self, signing_name: &str, request: &Request) -> Result<bool, AwsError> {
        let service = self.service(signing_name).expect("there is the service");
        let call = Arc::clone(service).read(request)?;
        match self.authorize(service.descriptor(), request, call.as_ref()) {
            Ok(()) => Ok(true),
            Err(Refused::Denied(_)) => Ok(false),
            Err(Refused::Unclear(error)) => Err(error),
        }
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
        if let Err(refused) = self.authorize(descriptor, request, call.as_ref()) {
            return match refused {
                Refused::Denied(error) => Err(error),
                Refused::Unclear(error) => {
                    Ok(descriptor.protocol.error(&error, &request.request_id))
                }
            };
        }
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
        request: &Request,
        call: &dyn Call,
    ) -> Result<(), Refused> {
        let caller = &*request.caller;
        if caller.is_owner() {
            return Ok(());
        }
        if descriptor.is_internal {
            let (caller, prefix, name) = (&caller.arn, descriptor.action_prefix, call.name());
            let sentence = format!("User: {caller} is not authorized to perform: {prefix}:{name}");
            return Err(Refused::Denied((descriptor.access_denied)(sentence)));
        }
        let origin = RequestOrigin::of(request);
        let facts = RequestFacts {
            origin: &origin,
            is_global: descriptor.is_global,
        };
        let permissions = call.required_permissions().map_err(Refused::Unclear)?;
        self.identities
            .authorize(caller, &permissions, facts)
            .map_err(|denial| Refused::Denied((descriptor.access_denied)(denial.to_string())))
    }
}

/// The tags of the resource with this ARN, from the service that has it.
fn tags_of(services: &[Weak<dyn Service>], arn: &str) -> BTreeMap<String, String> {
    let name = arn.split(':').nth(2).unwrap_or_default();
    let mut services = services.iter().filter_map(Weak::upgrade);
    let service = services.find(|one| one.descriptor().action_prefix == name);
    service
        .map(|service| service.tags_of(arn))
        .unwrap_or_default()
}

/// Why a call is not carried out.
enum Refused {
    /// The caller does not have a permission.
    Denied(AwsError),
    /// It cannot be told what the request asks for.
    Unclear(AwsError),
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
