//! Shows the AWS CLI commands that do what the calls do, for `--show-commands`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::call::Call;
use super::cli_command::cli_command;
use super::dry_run;
use crate::home;
use crate::ui::{Event, Events};

/// Which calls are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that change something.
    Changes,
    /// All.
    All,
}

/// Sends the command of each call that succeeds, once.
#[derive(Debug, Clone)]
pub struct CommandLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shown: Shown,
    /// Where the code of functions is written, so that the commands can name a file.
    packages: PathBuf,
    events: Events,
    is_dry_run: bool,
    /// The commands that were sent: a call is repeated while AWS has not finished an earlier change.
    sent: Mutex<HashSet<String>>,
}

/// The command of a call under way.
#[derive(Debug)]
struct Command(String);

impl Storable for Command {
    type Storer = StoreReplace<Self>;
}

impl CommandLog {
    /// A log that sends the commands as events, and writes the code of functions into the folder
    /// `packages`.
    pub fn new(shown: Shown, packages: PathBuf, events: Events) -> Self {
        Self::with(shown, packages, events, false)
    }

    /// The same for a dry run: calls that change something are marked, so that they are not sent.
    pub(super) fn dry_run(packages: PathBuf, events: Events) -> Self {
        Self::with(Shown::Changes, packages, events, true)
    }

    fn with(shown: Shown, packages: PathBuf, events: Events, is_dry_run: bool) -> Self {
        Self(Arc::new(Inner {
            shown,
            packages,
            events,
            is_dry_run,
            sent: Mutex::default(),
        }))
    }
}

impl Inner {
    /// The command of a call; `None` where it is not shown.
    fn command(
        &self,
        metadata: &Metadata,
        request: &HttpRequest,
    ) -> Result<Option<String>, BoxError> {
        let mut call = Call::read(metadata.service(), metadata.name(), request);
        if self.shown == Shown::Changes && call.is_read() {
            return Ok(None);
        }
        let zip = match call.take_zip() {
            Some(code) => {
                let path = self.packages.join(format!("{}.zip", call.subject()));
                home::write_bytes(&path, &code)?;
                Some(path)
            }
            None => None,
        };
        Ok(Some(cli_command(&call, zip.as_deref())))
    }
}

#[dyn_dispatch_hint]
impl Intercept for CommandLog {
    fn name(&self) -> &'static str {
        "CommandLog"
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = cfg.load::<Metadata>() else {
            return Ok(());
        };
        if let Some(command) = self.0.command(metadata, context.request())? {
            cfg.interceptor_state().store_put(Command(command));
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.is_dry_run
            && let (Some(_), Some(metadata)) = (cfg.load::<Command>(), cfg.load::<Metadata>())
        {
            dry_run::mark(context.request_mut(), metadata.name());
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Command(command)) = cfg.load::<Command>() else {
            return Ok(());
        };
        let is_done = context.output_or_error().is_some_and(|end| end.is_ok());
        let mut sent = self.0.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if is_done && sent.insert(command.clone()) {
            self.0.events.send(Event::Detail(command.clone()));
        }
        Ok(())
    }
}
