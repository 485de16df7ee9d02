//! The services of a cloud: their drivers opened, and the table that the gateway dispatches over.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::HeaderMap;
use tokio::sync::watch;

use super::Config;
use super::timeline::ServicesTimeline;
use crate::control::{CloudInfo, ControlService};
use crate::dynamodb::{DynamoDbService, Tables};
use crate::gateway::{Backend, Dispatcher};
use crate::iam::{IamService, Identities, Identity};
use crate::lambda::{Dependencies, Functions, FunctionsConfig, LambdaService, unknown_environment};
use crate::logs::{Logs, LogsService};
use crate::protocol::http::{Reply, Request};
use crate::runtime_context::RuntimeContext;
use crate::service::{Descriptors, Service};
use crate::sqs::{Queues, SqsService};
use crate::storage::StorageError;
use crate::sts::StsService;
use crate::tagging::{Sources, TaggingService};

/// The file in the cloud's home that holds the DynamoDB tables.
pub(super) const TABLES_FILE: &str = "tables.db";

/// The directory in the cloud's home for what functions need while they run.
const FUNCTIONS_DIRECTORY: &str = "functions";

/// The directory in the cloud's home for functions' uploaded code.
const PACKAGES_DIRECTORY: &str = "packages";

/// All services of a cloud.
#[derive(Debug)]
pub(super) struct Services {
    identities: Arc<Identities>,
    functions: Arc<Functions>,
    dispatcher: Dispatcher,
}

impl Services {
    /// Opens the drivers, whose state is in the journal and below the cloud's home.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(super) fn open(
        config: &Config,
        address: SocketAddr,
        context: &RuntimeContext,
        stop: watch::Sender<bool>,
    ) -> Result<Self, StorageError> {
        let keys = (&*config.access_key, &*config.secret_key);
        let endpoint = format!("http://{address}");
        let identities = Identities::open(context, keys)?;
        let logs = Logs::open(context)?;
        let queues = Queues::open(context)?;
        let functions = Functions::open(
            context,
            FunctionsConfig {
                home: config.home.join(FUNCTIONS_DIRECTORY),
                packages: config.home.join(PACKAGES_DIRECTORY),
                endpoint: endpoint.clone(),
            },
            Dependencies {
                identities: Arc::clone(&identities),
                logs: Arc::clone(&logs),
                queues: Arc::clone(&queues),
            },
        )?;
        let tables = Tables::open(&config.home.join(TABLES_FILE), context)?;
        let sources = Sources {
            location: context.location.clone(),
            queues: Arc::clone(&queues),
            tables: Arc::clone(&tables),
            functions: Arc::clone(&functions),
            logs: Arc::clone(&logs),
        };
        let info = CloudInfo {
            version: config.version.clone(),
            account: context.location.account.clone(),
            region: context.location.region.clone(),
            endpoint: endpoint.clone(),
            home: config.home.display().to_string(),
            started_at: context.clock.now().wall,
        };
        let timeline = Arc::new(ServicesTimeline {
            clock: Arc::clone(&context.clock),
            queues: Arc::clone(&queues),
            functions: Arc::clone(&functions),
        });
        // The table of services.
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::new(SqsService::new(queues, endpoint, context)),
            Arc::new(LambdaService::new(Arc::clone(&functions))),
            Arc::new(DynamoDbService::new(tables)),
            Arc::new(IamService::new(Arc::clone(&identities))),
            Arc::new(StsService::new(Arc::clone(&identities))),
            Arc::new(LogsService::new(logs, context)),
            Arc::new(TaggingService::new(sources, context)),
            Arc::new(ControlService::new(info, context.clone(), timeline, stop)),
        ];
        let faults = Arc::clone(&context.faults);
        Ok(Self {
            dispatcher: Dispatcher::new(services, Arc::clone(&identities), faults)
                .logging(config.request_log.clone()),
            functions,
            identities,
        })
    }

    /// The Lambda driver, which is shut down before the rest.
    pub(super) fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }
}

impl Backend for Services {
    fn services(&self) -> Descriptors {
        self.dispatcher.descriptors()
    }

    fn lookup(&self, access_key: &str) -> Option<Arc<Identity>> {
        self.identities.lookup(access_key)
    }

    async fn handle(&self, signing_name: &str, request: &Request) -> Option<Reply> {
        self.dispatcher.handle(signing_name, request).await
    }

    fn has_environment(&self, token: &str) -> bool {
        self.functions.has_environment(token)
    }

    fn unknown_environment(&self) -> Reply {
        unknown_environment()
    }

    async fn runtime_api(
        &self,
        method: &str,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Reply {
        let functions = &self.functions;
        functions.runtime_api(method, path, headers, body).await
    }
}

#[cfg(test)]
mod tests;
