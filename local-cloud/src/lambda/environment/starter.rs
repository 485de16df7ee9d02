//! A cold start: the code unpacked, credentials of the role, the process, and its first call to
//! the Runtime API.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::conversation::Failure;
use super::entrypoint;
use super::launcher::{FunctionProcess, Launcher};
use super::output::Output;
use super::pool::{Busy, Pool};
use super::process::Environment;
use super::spawner::Spawner;
use super::variables::ProcessContext;
use crate::error::AwsError;
use crate::iam::Identities;
use crate::ids::{Ids as _, SystemIds};
use crate::lambda::code::CodeStore;
use crate::lambda::engine::Function;
use crate::lambda::limits::{Limits, Watch};
use crate::lambda::removal;
use crate::lambda::role::role_of;

/// Why an environment was not started.
#[derive(Debug)]
pub(crate) enum StartError {
    /// Its process could not be run, ended, or (`None`) took too long.
    Failed(Option<Failure>),
    /// The role cannot be assumed, or the cloud itself failed.
    Refused(AwsError),
}

/// What all environments have in common.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The directory of the environments' temporary files.
    pub(crate) directory: PathBuf,
    /// The endpoint that functions use, for example `http://127.0.0.1:4567`.
    pub(crate) endpoint: String,
    /// Its port.
    pub(crate) port: u16,
    /// How their processes are started.
    pub(crate) launcher: Launcher,
    /// The region.
    pub(crate) region: String,
    /// The disk space in bytes that temporary files must leave free.
    pub(crate) disk_reserve: u64,
}

/// Starts execution environments.
#[derive(Debug)]
pub(crate) struct EnvironmentStarter {
    settings: Settings,
    identities: Arc<Identities>,
    code: Arc<CodeStore>,
    pool: Arc<Pool>,
    spawner: Spawner,
    /// Notifies when an environment has ended and does not use its code any more.
    ended: Arc<Notify>,
}

impl EnvironmentStarter {
    /// A starter of environments that are added to this pool. Must be called within a Tokio
    /// runtime.
    pub(crate) fn new(
        settings: Settings,
        identities: Arc<Identities>,
        code: Arc<CodeStore>,
        pool: Arc<Pool>,
    ) -> Self {
        Self {
            settings,
            identities,
            code,
            pool,
            spawner: Spawner::start(),
            ended: Arc::default(),
        }
    }

    /// Notifies one waiter when an environment has ended and does not use its code any more.
    pub(crate) fn ended(&self) -> &Arc<Notify> {
        &self.ended
    }

    /// Starts an environment and waits at most `limit` until it asks for its first event.
    pub(crate) async fn start(
        &self,
        function: &Arc<Function>,
        output: &Arc<Output>,
        limit: Duration,
    ) -> Result<Busy, StartError> {
        let busy = self.start_process(function, output).await?;
        let environment = busy.environment();
        match tokio::time::timeout(limit, environment.conversation.ready()).await {
            Ok(Ok(())) => Ok(busy),
            Ok(Err(failure)) => {
                environment.drain();
                Err(StartError::Failed(Some(failure)))
            }
            Err(_) => Err(StartError::Failed(None)),
        }
    }

    async fn start_process(
        &self,
        function: &Arc<Function>,
        output: &Arc<Output>,
    ) -> Result<Busy, StartError> {
        let credentials = self
            .identities
            .service_session(role_of(function), &function.name)
            .map_err(|_| StartError::Refused(role_refused()))?;
        let code = self.unpacked(function).await?;
        let temporary = self.settings.directory.join(SystemIds.hex(16));
        let environment = Arc::new(Environment::new(
            SystemIds.hex(48),
            Arc::clone(function),
            Arc::clone(output),
            credentials.expires,
            self.code.pin(&function.code_sha256),
            Watch::new(
                Limits::of(function, self.settings.disk_reserve),
                temporary.clone(),
            ),
        ));
        let context = ProcessContext {
            code: &code,
            temporary: temporary.clone(),
            credentials: &credentials,
            endpoint: &self.settings.endpoint,
            port: self.settings.port,
            region: &self.settings.region,
        };
        self.pool.add(&environment);
        match environment
            .start(&self.settings.launcher, &self.spawner, &context)
            .await
        {
            Ok(process) => {
                self.supervise(&environment, process, temporary);
                Ok(Busy::new(environment))
            }
            Err(problem) => {
                self.pool.remove(&environment);
                remove(temporary).await;
                Err(match entrypoint::spawn_error(&problem) {
                    Some(why) => StartError::Failed(Some(Failure::Entrypoint(why))),
                    None => failed(&format!("A process for it cannot be started: {problem}")),
                })
            }
        }
    }

    /// Removes all that belongs to an environment when its process has ended.
    fn supervise(
        &self,
        environment: &Arc<Environment>,
        process: FunctionProcess,
        temporary: PathBuf,
    ) {
        let environment = Arc::clone(environment);
        let (pool, ended) = (Arc::clone(&self.pool), Arc::clone(&self.ended));
        tokio::spawn(async move {
            environment.supervise(process).await;
            remove(temporary).await;
            pool.remove(&environment);
            // Its code may have been kept for it alone.
            drop(environment);
            ended.notify_one();
        });
    }

    /// The directory of the function's code, with a `bootstrap` that can be run.
    async fn unpacked(&self, function: &Function) -> Result<PathBuf, StartError> {
        let store = Arc::clone(&self.code);
        let (hash, architecture) = (function.code_sha256.clone(), function.architecture.clone());
        // The first time this inflates up to 250 MiB.
        let unpack = tokio::task::spawn_blocking(move || {
            let code = store.directory(&hash)?;
            let obstacle = entrypoint::obstacle(&code, &architecture)?;
            Ok::<_, std::io::Error>((code, obstacle))
        });
        match unpack.await.map_err(std::io::Error::other).flatten() {
            Ok((code, None)) => {
                let (store, hash) = (Arc::clone(&self.code), function.code_sha256.clone());
                tokio::task::spawn_blocking(move || store.confirm(&hash));
                Ok(code)
            }
            Ok((_, Some(why))) => Err(StartError::Failed(Some(Failure::Entrypoint(why)))),
            Err(problem) => Err(failed(&format!("Its code cannot be unpacked: {problem}"))),
        }
    }
}

/// Removes an environment's temporary files. What cannot be removed is left to the next start.
async fn remove(temporary: PathBuf) {
    let removed = tokio::task::spawn_blocking(move || removal::remove(&temporary)).await;
    if let Err(problem) = removed.map_err(std::io::Error::other).flatten() {
        tracing::warn!(%problem, "a function's temporary files could not be removed");
    }
}

fn failed(why: &str) -> StartError {
    let message = format!("The local cloud cannot run the function. {why}");
    StartError::Refused(AwsError::new("ServiceException", 500, message))
}

fn role_refused() -> AwsError {
    let message = "The role defined for the function cannot be assumed by Lambda.";
    AwsError::new("AccessDeniedException", 403, message)
}
