//! `orders-lab local …`: the local cloud itself.

pub(super) mod chaos;
pub(super) mod control;
pub(super) mod fast_forward;
pub(super) mod serve;

use clap::Subcommand;

use super::examples;
use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::ui::Report;

/// Manage the local cloud
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Show whether the local cloud runs, where, and how
    #[command(after_help = examples::LOCAL_STATUS)]
    Status,
    /// Start the local cloud in the background, as other commands do when they need it
    #[command(after_help = examples::LOCAL_START)]
    Start(control::StartArgs),
    /// Stop the local cloud; everything in it is kept
    #[command(after_help = examples::LOCAL_STOP)]
    Stop(control::StopArgs),
    /// Stop the local cloud and remove everything in it
    #[command(after_help = examples::LOCAL_RESET)]
    Reset,
    /// Run the local cloud in the foreground
    #[command(after_help = examples::LOCAL_SERVE)]
    Serve(serve::ServeArgs),
    /// Inject delays and failures: none, those usual on AWS, or severe ones
    #[command(after_help = examples::LOCAL_CHAOS)]
    Chaos(chaos::ChaosArgs),
    /// Skip a wait: all happens at once that would have happened in this time
    #[command(after_help = examples::LOCAL_FAST_FORWARD)]
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
