//! One file per command: its flags, its help, and one function that does it and returns a
//! report.

mod audit;
mod changes;
mod cost;
mod demo;
mod dlq;
mod down;
mod env;
mod list;
mod local;
mod logs;
mod policy;
mod redrive;
mod simulate;
mod status;
mod up;

use clap::Subcommand;

use crate::context::Surroundings;
use crate::error::CommandError;
use crate::ui::Report;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole lab in one go: build it, send orders, look, account for all, remove it
    Demo,
    /// Create the lab, or complete it
    #[command(visible_alias = "provision")]
    Up(up::UpArgs),
    /// Send orders and follow each until it is stored or dead-lettered
    Simulate(simulate::SimulateArgs),
    /// Tell what the lab holds and what to do next
    Status,
    /// Show the dead letters and why each is dead; leaves them in the queue
    #[command(visible_alias = "dlq-inspect")]
    Dlq(dlq::DlqArgs),
    /// Move the dead letters back to the queue of orders
    Redrive(redrive::RedriveArgs),
    /// Account for every order of the recorded runs
    ///
    /// Recomputes what was sent and looks where each order is. Ends with 0 only if none is
    /// missing, altered, unexpected, or good and dead-lettered.
    Audit(audit::AuditArgs),
    /// Show what the functions printed
    Logs(logs::LogsArgs),
    /// Remove the lab, and look that it is gone
    #[command(visible_alias = "cleanup")]
    Down(down::DownArgs),
    /// List the labs of the account and region, with owner and age
    List,
    /// Tell what a lab and a run cost on AWS, by list prices; needs no account
    Cost(cost::CostArgs),
    /// Print the IAM policy that the person running this needs, or a function's
    Policy(policy::PolicyArgs),
    /// Print shell exports with which any AWS tool talks to the lab's target
    Env,
    /// The local cloud itself
    #[command(subcommand)]
    Local(local::LocalCommand),
}

impl Command {
    /// The command's name in JSON documents.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Demo => "demo",
            Self::Up(_) => "up",
            Self::Simulate(_) => "simulate",
            Self::Status => "status",
            Self::Dlq(_) => "dlq",
            Self::Redrive(_) => "redrive",
            Self::Audit(_) => "audit",
            Self::Logs(_) => "logs",
            Self::Down(_) => "down",
            Self::List => "list",
            Self::Cost(_) => "cost",
            Self::Policy(_) => "policy",
            Self::Env => "env",
            Self::Local(command) => return format!("local {}", command.name()),
        };
        name.to_owned()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Whatever ends the command before it has a report.
    pub async fn run(&self, surroundings: &Surroundings) -> Result<Report, CommandError> {
        match self {
            Self::Demo => demo::demo(surroundings).await,
            Self::Up(args) => up::up(args, surroundings).await,
            Self::Simulate(args) => simulate::simulate(args, surroundings).await,
            Self::Status => status::status(surroundings).await,
            Self::Dlq(args) => dlq::dlq(args, surroundings).await,
            Self::Redrive(args) => redrive::redrive(args, surroundings).await,
            Self::Audit(args) => audit::audit(args, surroundings).await,
            Self::Logs(args) => logs::logs(args, surroundings).await,
            Self::Down(args) => down::down(args, true, surroundings).await,
            Self::List => list::list(surroundings).await,
            Self::Cost(args) => cost::cost(args),
            Self::Policy(args) => policy::policy(args, surroundings).await,
            Self::Env => env::env(surroundings).await,
            Self::Local(command) => local::run(command, surroundings).await,
        }
    }
}
