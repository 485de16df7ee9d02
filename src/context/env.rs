//! The environment of a command.

use tokio_util::sync::CancellationToken;

use crate::aws::{AwsSettings, CallLog, CommandLog, Observers, RetryObserver, Shown};
use crate::error::{CommandError, ErrorKind};
use crate::given::GivenOptions;
use crate::globals::Globals;
use crate::home::Home;
use crate::ui::Events;

/// What every command is given.
#[derive(Debug)]
pub struct CommandEnv {
    /// The global flags.
    pub globals: Globals,
    /// What else the command was given.
    pub given: GivenOptions,
    /// The state directory.
    pub home: Home,
    /// Where to send progress, notes and warnings.
    pub events: Events,
    /// Which calls are shown as AWS CLI commands, if any.
    pub shown_commands: Option<Shown>,
    /// Cancelled when the user interrupts.
    pub cancel: CancellationToken,
}

impl CommandEnv {
    /// What watches the calls of this command.
    pub fn observers(&self) -> Observers {
        let events = || self.events.clone();
        let commands = |shown| CommandLog::new(shown, self.home.packages(), events());
        Observers {
            retries: RetryObserver::new(events(), self.cancel.clone()),
            calls: self.globals.verbose.then(|| CallLog::new(events())),
            commands: self.shown_commands.map(commands),
        }
    }

    /// The error with a hint at missing permissions, or at what renews the credentials, where these
    /// caused it. `settings` are those that the credentials come from.
    #[must_use]
    pub fn explain(&self, error: CommandError, settings: Option<&AwsSettings>) -> CommandError {
        if error.call.as_ref().is_some_and(|call| call.denied) {
            return error.hint(self.permissions());
        }
        match settings {
            Some(settings) if error.kind == ErrorKind::Credentials => settings.explain(error),
            _ => error,
        }
    }

    /// The hint at the command that prints the permissions that the user needs.
    pub fn permissions(&self) -> String {
        let policy = self.globals.command(&self.globals.lab, "policy operator");
        format!("{policy} prints a policy with every permission that is needed.")
    }
}
