//! What stands behind the gateway: every service by its SigV4 name.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;

use crate::control::ControlService;
use crate::dynamodb::Tables;
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::faults::FaultOutcome;
use crate::faults::errors;
use crate::gateway::Backend;
use crate::iam::IamService;
use crate::iam::{Identities, Identity};
use crate::lambda::Functions;
use crate::lambda::LambdaService;
use crate::logs::LogsService;
use crate::permissions::Access;
use crate::protocol::http::{Reply, Request};
use crate::sqs::SqsService;
use crate::sts::StsService;
use crate::tagging::TaggingService;

/// The signing name of the tool's own service.
const CONTROL: &str = "orders-lab";

/// All services of a cloud. Cheap to clone, so that a request can outlive its connection.
#[derive(Debug, Clone)]
pub(super) struct Services(pub(super) Arc<Inner>);

/// See [`Services`].
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) identities: Arc<Identities>,
    pub(super) access: Access,
    pub(super) faults: Arc<FaultInjector>,
    pub(super) tables: Arc<Tables>,
    pub(super) functions: Arc<Functions>,
    pub(super) sqs: SqsService,
    pub(super) iam: IamService,
    pub(super) sts: StsService,
    pub(super) lambda: LambdaService,
    pub(super) logs: LogsService,
    pub(super) tagging: TaggingService,
    pub(super) control: ControlService,
}

impl Backend for Services {
    fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        self.0.identities.lookup(access_key)
    }

    fn authorize(&self, service: &str, request: &Request) -> Result<(), AwsError> {
        self.0.access.check(service, request)
    }

    async fn handle(&self, service: &str, request: Request) -> Option<Result<Reply, AwsError>> {
        // The tool's own service is above the chaos.
        if service == CONTROL {
            return self.answer(service, request).await.map(Ok);
        }
        let fault = self.0.faults.fault(|| Access::action(service, &request));
        if fault.latency > 0 {
            tokio::time::sleep(Duration::from_millis(fault.latency)).await;
        }
        match errors::error(service, fault.outcome) {
            Some(error) if fault.outcome != FaultOutcome::Lost => Some(Err(error)),
            // What is lost is the reply: the request is done all the same.
            error => {
                let tagging = &self.0.tagging;
                let before = tagging.before(|| Access::action(service, &request)).await;
                let reply = self.answer(service, request).await?;
                if let Some(before) = before {
                    tagging.after(before).await;
                }
                Some(error.map_or(Ok(reply), Err))
            }
        }
    }

    async fn runtime_api(
        &self,
        method: &str,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Reply {
        let functions = &self.0.functions;
        functions.runtime_api(method, path, headers, body).await
    }
}

impl Services {
    async fn answer(&self, service: &str, request: Request) -> Option<Reply> {
        let inner = Arc::clone(&self.0);
        // Each but SQS and DynamoDB runs to its end though the client may hang up: what it began
        // is then whole. Their commands are whole in themselves, and a long poll must end with
        // its client.
        let reply = match service {
            "sqs" => inner.sqs.handle(&request).await,
            "dynamodb" => inner.tables.handle(&request).await,
            "iam" => to_the_end(async move { inner.iam.handle(&request).await }).await,
            "sts" => to_the_end(async move { inner.sts.handle(&request).await }).await,
            "lambda" => to_the_end(async move { inner.lambda.handle(&request).await }).await,
            "logs" => to_the_end(async move { inner.logs.handle(&request).await }).await,
            "tagging" => to_the_end(async move { inner.tagging.handle(&request).await }).await,
            CONTROL => to_the_end(async move { inner.control.handle(&request).await }).await,
            _ => return None,
        };
        Some(reply)
    }
}

/// Runs the work in a task of its own, and panics if it does, for the gateway to answer.
async fn to_the_end(work: impl Future<Output = Reply> + Send + 'static) -> Reply {
    match tokio::spawn(work).await {
        Ok(reply) => reply,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody cancels these tasks but a runtime that is going away.
            Err(_) => std::future::pending().await,
        },
    }
}
