//! `orders-lab local …`: the local cloud itself.

pub(crate) mod chaos;
pub(crate) mod control;
pub(crate) mod fast_forward;
pub(crate) mod serve;

use clap::Subcommand;

use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab local status
  orders-lab local fast-forward 30s      do not wait for a visibility timeout
  orders-lab local chaos severe          make it behave as AWS on a bad day";

/// Manage the local cloud
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Show whether the local cloud runs, where, and how
    #[command(after_help = control::STATUS_EXAMPLES)]
    Status,
    /// Start the local cloud in the background, as other commands do when they need it
    #[command(after_help = control::START_EXAMPLES)]
    Start(control::StartArgs),
    /// Stop the local cloud; everything in it is kept
    #[command(after_help = control::STOP_EXAMPLES)]
    Stop(control::StopArgs),
    /// Stop the local cloud and remove everything in it
    #[command(after_help = control::RESET_EXAMPLES)]
    Reset,
    /// Run the local cloud in the foreground
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::ServeArgs),
    /// Inject delays and failures: none, those usual on AWS, or severe ones
    #[command(after_help = chaos::EXAMPLES)]
    Chaos(chaos::ChaosArgs),
    /// Skip a wait: all happens at once that would have happened in this time
    #[command(after_help = fast_forward::EXAMPLES)]
    FastForward(fast_forward::FastForwardArgs),
}

impl LocalCommand {
    /// The command's name in JSON documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Reset => "reset",
            Self::Serve(_) => "serve",
            Self::Chaos(_) => "chaos",
            Self::FastForward(_) => "fast-forward",
        }
    }
}

/// Runs one of the commands.
///
/// # Errors
/// When the state directory cannot be used, or the local cloud does not start, stop or respond.
pub(super) async fn run(command: &LocalCommand, env: &CommandEnv) -> Result<Report, CommandError> {
    match command {
        LocalCommand::Status => control::status(env).await?.into_json(),
        LocalCommand::Start(args) => control::start(args, env).await?.into_json(),
        LocalCommand::Stop(args) => control::stop(args, env).await?.into_json(),
        LocalCommand::Reset => control::reset(env).await?.into_json(),
        LocalCommand::Serve(args) => serve::run(args, env).await?.into_json(),
        LocalCommand::Chaos(args) => chaos::chaos(args, env).await?.into_json(),
        LocalCommand::FastForward(args) => fast_forward::fast_forward(args, env).await?.into_json(),
    }
}
