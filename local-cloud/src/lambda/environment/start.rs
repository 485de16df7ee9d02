//! A cold start: the code unpacked, credentials of the role, the process, and its word that it is
//! ready.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::entrypoint;
use super::launch::Launch;
use super::output::Output;
use super::pool::Busy;
use super::process::{Environment, Failure};
use crate::error::AwsError;
use crate::ids::{Ids as _, SystemIds};
use crate::lambda::Functions;
use crate::lambda::engine::Function;

/// Why there is no environment.
#[derive(Debug)]
pub(in crate::lambda) enum StartError {
    /// Its process could not be run, ended, or (`None`) took too long.
    Failed(Option<Failure>),
    /// The role, or the cloud itself.
    Refused(AwsError),
}

impl Functions {
    /// Starts an environment and waits until it asks for its first event.
    pub(in crate::lambda) async fn initialise(
        &self,
        function: &Arc<Function>,
        output: &Arc<Output>,
        limit: Duration,
    ) -> Result<Busy, StartError> {
        let busy = self.start_environment(function, output).await?;
        let environment = busy.environment();
        match tokio::time::timeout(limit, environment.initialised()).await {
            Ok(Ok(())) => Ok(busy),
            Ok(Err(failure)) => {
                environment.drain();
                Err(StartError::Failed(Some(failure)))
            }
            Err(_) => Err(StartError::Failed(None)),
        }
    }

    async fn start_environment(
        &self,
        function: &Arc<Function>,
        output: &Arc<Output>,
    ) -> Result<Busy, StartError> {
        let credentials = self
            .identities
            .service_session(function.role(), &function.name)
            .map_err(|_| StartError::Refused(role_refused()))?;
        let code = self.unpacked(function).await?;
        let token = SystemIds.hex(48);
        let temporary = self.environments.join(SystemIds.hex(16));
        let environment = Arc::new(Environment::new(
            token,
            Arc::clone(function),
            Arc::clone(output),
            credentials.expires,
            self.code.pin(&function.code_sha256),
        ));
        let launch = Launch {
            code: &code,
            temporary: temporary.clone(),
            credentials: &credentials,
            authority: &self.authority,
            endpoint: &self.place.endpoint,
            region: &self.region,
        };
        self.pool.add(&environment);
        let child = match environment.start(&self.spawner, &launch).await {
            Ok(child) => child,
            Err(problem) => {
                self.pool.remove(&environment);
                let _ = tokio::fs::remove_dir_all(&temporary).await;
                return Err(match entrypoint::refused(&problem) {
                    Some(why) => StartError::Failed(Some(Failure::Entrypoint(why))),
                    None => failed(&format!("A process for it cannot be started: {problem}")),
                });
            }
        };
        let (pool, attended) = (Arc::clone(&self.pool), Arc::clone(&environment));
        let me = self.me.clone();
        tokio::spawn(async move {
            attended.supervise(child).await;
            let _ = tokio::fs::remove_dir_all(&temporary).await;
            pool.remove(&attended);
            // Its code may have been kept for it alone.
            drop(attended);
            if let Some(me) = me.upgrade() {
                me.sweep_code();
            }
        });
        Ok(Busy::new(environment))
    }

    /// The directory of the function's code, with a `bootstrap` that can be run.
    async fn unpacked(&self, function: &Function) -> Result<PathBuf, StartError> {
        let store = Arc::clone(&self.code);
        let (hash, architecture) = (function.code_sha256.clone(), function.architecture.clone());
        // The first time this inflates up to 250 MiB.
        let look = tokio::task::spawn_blocking(move || {
            let code = store.directory(&hash)?;
            let obstacle = entrypoint::obstacle(&code, &architecture)?;
            Ok::<_, std::io::Error>((code, obstacle))
        });
        match look.await.map_err(std::io::Error::other).flatten() {
            Ok((code, None)) => Ok(code),
            Ok((_, Some(why))) => Err(StartError::Failed(Some(Failure::Entrypoint(why)))),
            Err(problem) => Err(failed(&format!("Its code cannot be unpacked: {problem}"))),
        }
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
