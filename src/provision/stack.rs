//! The stack: the list of the lab's resources with their settings.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use order::wire::{RETENTION_SECONDS, SIMULATOR_TIMEOUT_SECONDS};
use serde_json::json;

use super::resource::id;
use super::resources::{Function, LogGroup, Mapping, Queue, Role, Table, Tags};
use super::wait::Confirmations;
use super::{AnyResource, LabSettings, policy};
use crate::artifact::{self, Architecture, Artifact, ArtifactError, Handler, Platform, Source};
use crate::aws::is_aws;
use crate::context::{Context, Target};
use crate::naming::{
    Names, TAG_CREATED, TAG_LAB, TAG_OWNER, TAG_REGION, TAG_SETTINGS, TAG_VERSION,
};
use crate::system;

/// How often a change of a queue must be visible on AWS before it counts as propagated. SQS asks to
/// wait a second before a new queue is used.
const CONFIRMATIONS: Confirmations = Confirmations {
    times: 3,
    apart: Duration::from_millis(500),
};
/// The largest message that SQS takes, in bytes.
const LARGEST_MESSAGE: u32 = 1 << 20;

/// The deployment packages of the two functions.
#[derive(Debug, Clone)]
pub(crate) struct Packages {
    /// The simulator's.
    pub simulator: Artifact,
    /// The processor's.
    pub processor: Artifact,
}

impl Packages {
    /// Loads both.
    ///
    /// # Errors
    /// When a handler's build is missing, is for another architecture, or would not run on the
    /// target.
    pub(crate) fn load(
        source: &Source,
        architecture: Option<Architecture>,
        target: &Target,
    ) -> Result<Self, ArtifactError> {
        let platform = if target.is_local() {
            Platform::Local
        } else {
            Platform::Lambda
        };
        let load = |handler| {
            let artifact = artifact::load(handler, source, architecture)?;
            artifact.check(platform)?;
            Ok(artifact)
        };
        Ok(Self {
            simulator: load(Handler::Simulator)?,
            processor: load(Handler::Processor)?,
        })
    }
}

/// The lab's resources in the order in which they are shown. Without `packages` the functions' code
/// is neither compared nor uploaded.
pub(crate) fn stack(
    context: &Context<'_>,
    settings: &LabSettings,
    packages: Option<Packages>,
) -> Vec<Box<dyn AnyResource>> {
    let builder = Builder {
        context,
        names: &context.names,
        settings,
    };
    let (simulator, processor) = packages
        .map(|both| (both.simulator, both.processor))
        .unzip();
    vec![
        builder.orders_queue(),
        builder.dead_letter_queue(),
        builder.table(),
        builder.role(
            builder.names.simulator_role(),
            policy::simulator(builder.names),
        ),
        builder.role(
            builder.names.processor_role(),
            policy::processor(builder.names),
        ),
        builder.simulator(simulator),
        builder.processor(processor),
        builder.mapping(),
        builder.log_group(&builder.names.simulator()),
        builder.log_group(&builder.names.processor()),
    ]
}

/// Builds the resources.
struct Builder<'a> {
    context: &'a Context<'a>,
    names: &'a Names,
    settings: &'a LabSettings,
}

/// The settings in which the two functions differ.
struct FunctionSettings {
    name: String,
    role: String,
    timeout: i32,
    /// The environment variable and its value.
    variable: (&'static str, String),
    /// The id of the resource that the variable names.
    uses: String,
}

impl Builder<'_> {
    fn orders_queue(&self) -> Box<dyn AnyResource> {
        let dead = self.names.dead_letter_queue();
        let redrive = json!({
            "deadLetterTargetArn": self.names.queue_arn(&dead),
            "maxReceiveCount": self.settings.max_receives,
        });
        let attributes = queue_attributes(self.settings.visibility_timeout, redrive.to_string());
        let tags = self.tags_with_settings();
        self.queue(
            self.names.orders_queue(),
            attributes,
            vec![id("queue", &dead)],
            tags,
        )
    }

    fn dead_letter_queue(&self) -> Box<dyn AnyResource> {
        let default = LabSettings::default().visibility_timeout;
        let attributes = queue_attributes(default, String::new());
        self.queue(
            self.names.dead_letter_queue(),
            attributes,
            Vec::new(),
            self.tags(),
        )
    }

    fn queue(
        &self,
        name: String,
        attributes: HashMap<QueueAttributeName, String>,
        after: Vec<String>,
        tags: Tags,
    ) -> Box<dyn AnyResource> {
        Box::new(Queue {
            client: self.context.clients.sqs.clone(),
            name,
            attributes,
            after,
            tags,
            confirmations: if self.context.target.is_local() {
                Confirmations::ONE
            } else {
                CONFIRMATIONS
            },
        })
    }

    fn table(&self) -> Box<dyn AnyResource> {
        let name = self.names.table();
        Box::new(Table {
            client: self.context.clients.dynamodb.clone(),
            arn: self.names.table_arn(&name),
            name,
            billing: self.settings.billing,
            tags: self.tags_with_settings(),
        })
    }

    fn role(&self, name: String, policy: serde_json::Value) -> Box<dyn AnyResource> {
        Box::new(Role {
            client: self.context.clients.iam.clone(),
            name,
            policy,
            tags: self.tags_with(TAG_REGION, self.names.region().to_owned()),
        })
    }

    fn simulator(&self, artifact: Option<Artifact>) -> Box<dyn AnyResource> {
        let queue = self.names.orders_queue();
        let settings = FunctionSettings {
            name: self.names.simulator(),
            role: self.names.simulator_role(),
            timeout: i32::from(SIMULATOR_TIMEOUT_SECONDS),
            variable: ("ORDERS_QUEUE_URL", self.queue_url(&queue)),
            uses: id("queue", &queue),
        };
        self.function(settings, artifact)
    }

    /// A queue's URL as the functions see it, which is known before the queue exists.
    fn queue_url(&self, queue: &str) -> String {
        let endpoint = function_endpoint(self.context, self.settings)
            .or_else(|| self.context.target.endpoint.clone())
            .unwrap_or_else(|| format!("https://{}", self.names.sqs_host()));
        let endpoint = endpoint.trim_end_matches('/');
        format!("{endpoint}/{}/{queue}", self.names.account())
    }

    fn processor(&self, artifact: Option<Artifact>) -> Box<dyn AnyResource> {
        let table = self.names.table();
        let settings = FunctionSettings {
            name: self.names.processor(),
            role: self.names.processor_role(),
            timeout: signed(self.settings.timeout),
            uses: id("table", &table),
            variable: ("DYNAMODB_ORDERS_TABLE", table),
        };
        self.function(settings, artifact)
    }

    fn function(
        &self,
        settings: FunctionSettings,
        artifact: Option<Artifact>,
    ) -> Box<dyn AnyResource> {
        let (variable, value) = settings.variable;
        Box::new(Function {
            client: self.context.clients.lambda.clone(),
            iam: self.context.clients.iam.clone(),
            arn: self.names.function_arn(&settings.name),
            role_arn: self.names.role_arn(&settings.role),
            artifact,
            timeout_seconds: settings.timeout,
            memory_mb: signed(self.settings.memory),
            environment: self.environment(variable, value),
            after: vec![
                id("role", &settings.role),
                id("log_group", &Names::log_group(&settings.name)),
            ],
            uses: settings.uses,
            role: settings.role,
            name: settings.name,
            tags: self.tags(),
        })
    }

    /// A function's variables. On AWS and in the local cloud it finds the services by itself.
    fn environment(&self, variable: &str, value: String) -> HashMap<String, String> {
        let endpoint = function_endpoint(self.context, self.settings);
        let endpoint = endpoint.map(|url| ("AWS_ENDPOINT_URL".to_owned(), url));
        endpoint
            .into_iter()
            .chain([(variable.to_owned(), value)])
            .collect()
    }

    fn mapping(&self) -> Box<dyn AnyResource> {
        let (queue, function) = (self.names.orders_queue(), self.names.processor());
        Box::new(Mapping {
            client: self.context.clients.lambda.clone(),
            queue_arn: self.names.queue_arn(&queue),
            function_arn: self.names.function_arn(&function),
            queue,
            function,
            table: self.names.table(),
            batch_size: signed(self.settings.batch_size),
            batch_window: signed(self.settings.batch_window),
            max_concurrency: self.settings.max_concurrency,
            tags: self.tags(),
        })
    }

    fn log_group(&self, function: &str) -> Box<dyn AnyResource> {
        let name = Names::log_group(function);
        Box::new(LogGroup {
            client: self.context.clients.logs.clone(),
            arn: self.names.log_group_arn(&name),
            name,
            retention: self.settings.log_retention,
            tags: self.tags(),
        })
    }

    fn tags(&self) -> Tags {
        Tags(HashMap::from([
            (TAG_LAB.to_owned(), self.names.lab().to_string()),
            (TAG_VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            (TAG_CREATED.to_owned(), system::now().to_string()),
            (TAG_OWNER.to_owned(), self.context.caller.name()),
        ]))
    }

    fn tags_with_settings(&self) -> Tags {
        self.tags_with(TAG_SETTINGS, self.settings.text())
    }

    fn tags_with(&self, key: &str, value: String) -> Tags {
        let mut tags = self.tags();
        tags.0.insert(key.to_owned(), value);
        tags
    }
}

/// The attributes of a queue. SQS's defaults are given explicitly, so that a change of them is
/// noticed. An empty value means that there is to be none: no redrive policy, no queue policy beside
/// the IAM policies, no KMS key that the functions' roles could not use.
fn queue_attributes(
    visibility_timeout: u32,
    redrive: String,
) -> HashMap<QueueAttributeName, String> {
    use QueueAttributeName as Name;
    // Four days.
    let retention = RETENTION_SECONDS.to_string();
    HashMap::from([
        (Name::VisibilityTimeout, visibility_timeout.to_string()),
        (Name::DelaySeconds, "0".to_owned()),
        (Name::ReceiveMessageWaitTimeSeconds, "0".to_owned()),
        (Name::MessageRetentionPeriod, retention),
        (Name::MaximumMessageSize, LARGEST_MESSAGE.to_string()),
        (Name::RedrivePolicy, redrive),
        (Name::RedriveAllowPolicy, String::new()),
        (Name::Policy, String::new()),
        (Name::KmsMasterKeyId, String::new()),
    ])
}

/// The number as the SDK takes it; the settings are far below `i32::MAX`.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The endpoint that the functions must be told: that of a server which is compatible with AWS and is
/// not AWS.
pub(crate) fn function_endpoint(context: &Context<'_>, settings: &LabSettings) -> Option<String> {
    let target = &context.target;
    let endpoint = target.endpoint.as_ref();
    let endpoint = endpoint.filter(|url| !target.is_local() && !is_aws(url))?;
    let told = settings.function_endpoint.as_ref();
    Some(told.unwrap_or(endpoint).clone())
}
