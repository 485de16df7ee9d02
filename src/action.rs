//! How a command ended, and where it acted.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::host::{self, Start};
use crate::provision::labs::found_labs;
use crate::ui::{Report, TargetDocument};

/// How a command ended, and where it acted.
#[derive(Debug)]
pub struct Finished {
    /// Where it acted; `None` where it acts on no target, or failed before it knew.
    pub target: Option<TargetDocument>,
    /// The command's report, or why it failed.
    pub result: Result<Report, CommandError>,
}

impl Finished {
    /// A command that was not run, because of this.
    pub(crate) fn refused(error: CommandError) -> Self {
        Self {
            target: None,
            result: Err(error),
        }
    }

    /// Runs a command that acts on no target.
    pub(crate) async fn without_target<T: Serialize + JsonSchema>(
        work: impl Future<Output = Result<Report<T>, CommandError>>,
    ) -> Self {
        Self {
            target: None,
            result: catch_panic(async { work.await?.into_json() }).await,
        }
    }
}

/// How a command acts on the lab's target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action<'a> {
    pub(crate) env: &'a CommandEnv,
    /// How to start the local cloud, where that is the target.
    pub(crate) start: Start,
    pub(crate) intent: Intent,
    /// Whether a local cloud that this command has started stays, although there is no lab in it.
    pub(crate) keeps_cloud: bool,
}

impl<'a> Action<'a> {
    pub(crate) fn new(env: &'a CommandEnv, intent: Intent) -> Self {
        Self {
            env,
            start: Start::default(),
            intent,
            keeps_cloud: false,
        }
    }

    /// The same, leaving the local cloud running for others to use.
    pub(super) fn keeping_cloud(self) -> Self {
        Self {
            keeps_cloud: true,
            ..self
        }
    }

    /// Connects to the target, asks for the consent that the intent needs, and runs a command there.
    pub(crate) async fn run<T: Serialize + JsonSchema>(
        self,
        work: impl AsyncFnOnce(Context<'a>) -> Result<Report<T>, CommandError>,
    ) -> Finished {
        let context = match catch_panic(self.env.connect(self.start)).await {
            Ok(context) => context,
            Err(error) => {
                return Finished {
                    target: None,
                    result: Err(error),
                };
            }
        };
        context.announce_local().await;
        let connected = context.clone();
        let result = catch_panic(async {
            context.require_consent(self.intent).await?;
            work(context).await?.into_json()
        });
        let result = result.await.map_err(|error| connected.explain(error));
        if !self.keeps_cloud && (self.intent == Intent::Read || result.is_err()) {
            stop_without_lab(&connected).await;
        }
        Finished {
            result,
            target: Some(connected.document()),
        }
    }

    /// Does the same, without starting a local cloud that has nothing in it: then `empty` reports.
    pub(super) async fn run_unless_empty<T: Serialize + JsonSchema>(
        self,
        empty: fn(&CommandEnv) -> Report<T>,
        work: impl AsyncFnOnce(Context<'a>) -> Result<Report<T>, CommandError>,
    ) -> Finished {
        match self.env.empty_local_cloud() {
            Ok(None) => self.run(work).await,
            Ok(Some(target)) => Finished {
                target: Some(target),
                result: empty(self.env).into_json(),
            },
            Err(error) => Finished {
                target: None,
                result: Err(error),
            },
        }
    }
}

/// Stops a local cloud that the command has started and that holds no lab. Where that is not known,
/// it stays.
async fn stop_without_lab(context: &Context<'_>) {
    let Some(found) = context.local.as_ref().filter(|found| found.started_here) else {
        return;
    };
    if found_labs(context).await.is_ok_and(|labs| labs.is_empty()) {
        // One that does not end is found by the next command.
        let _ = host::stop_unless_used(&context.env.home, found).await;
    }
}

/// Turns a panic into an error, so that it is reported like one.
async fn catch_panic<T>(
    work: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            Err(CommandError::bug("the command panicked").hint(
                "The message above says where; please report it with the command that you ran.",
            ))
        })
}
