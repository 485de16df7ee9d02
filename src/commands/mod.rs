//! One file or folder per command: its flags, its help, the type of its report, and the function
//! that runs it. What several commands need is in the modules below this one.

mod audit;
pub(crate) mod completions;
pub(crate) mod cost;
pub(crate) mod demo;
pub(crate) mod dlq;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod env;
pub(crate) mod list;
pub(crate) mod local;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod names;
pub(crate) mod policy;
pub(crate) mod redrive;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod up;

use clap::Subcommand;

use crate::action::{Action, Finished};
use crate::aws::Shown;
use crate::context::{CommandEnv, Intent};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole lab in one go: build it, send orders, inspect, account for all, remove it
    #[command(after_help = demo::EXAMPLES)]
    Demo,
    /// Create or complete the lab
    #[command(visible_alias = "provision", after_help = up::EXAMPLES)]
    Up(up::UpArgs),
    /// Send orders and follow each until it is stored or dead-lettered
    #[command(after_help = simulate::EXAMPLES)]
    Simulate(simulate::SimulateArgs),
    /// Show what the lab holds and what to do next
    #[command(after_help = status::EXAMPLES)]
    Status(status::StatusArgs),
    /// Show the dead letters and why each is dead; leaves them in the queue
    ///
    /// Flags select some of the messages, and --queue looks into any other queue. A look counts as a
    /// receive of each message. `dlq export -` prints messages as lines of JSON.
    #[command(visible_alias = "dlq-inspect", after_help = dlq::EXAMPLES)]
    Dlq(dlq::DlqArgs),
    /// Move the dead letters back to the orders queue
    #[command(after_help = redrive::EXAMPLES)]
    Redrive(redrive::RedriveArgs),
    /// Account for every order of the recorded runs
    ///
    /// Recomputes what was sent and finds out where each order is. Exits with 0 only if none is
    /// missing, altered, unexpected, or good but dead-lettered. On AWS, reading the whole table is
    /// billed: less than a cent for a million orders.
    #[command(after_help = audit::EXAMPLES)]
    Audit(audit::AuditArgs),
    /// Show the functions' logs
    #[command(after_help = logs::EXAMPLES)]
    Logs(logs::LogsArgs),
    /// Remove the lab and verify that it is gone
    #[command(visible_alias = "cleanup", after_help = down::EXAMPLES)]
    Down(down::DownArgs),
    /// List the labs of the account and region, with owner and age
    #[command(after_help = list::EXAMPLES)]
    List,
    /// Print the IAM policy that the person running this needs, or a function's
    ///
    /// It is for the account and region of the lab's target: pass --target aws for the policy to
    /// use on AWS. The operator's is longer than a user's inline policies may be (2,048
    /// characters), so make it a managed policy, or an inline policy of a role.
    #[command(after_help = policy::EXAMPLES)]
    Policy(policy::PolicyArgs),
    /// Print shell exports that point any AWS tool at the lab's target
    #[command(after_help = env::EXAMPLES)]
    Env,
    /// Manage the local cloud
    #[command(subcommand, after_help = local::EXAMPLES)]
    Local(local::LocalCommand),
    /// Check the setup and say how to fix problems
    ///
    /// Checks the state directory, the local cloud and the handler builds; with AWS as the target
    /// also credentials, account, region, endpoint, clock and quotas. Changes and starts nothing.
    /// Exits with 0 only if there is no problem.
    #[command(after_help = doctor::EXAMPLES)]
    Doctor,
    /// Estimate what a run and an idle lab cost on AWS, without calling it
    #[command(after_help = cost::EXAMPLES)]
    Cost(cost::CostArgs),
    /// Print the completion script for a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::CompletionsArgs),
    /// Print the main manual page, or write the pages of all commands
    #[command(after_help = man::EXAMPLES)]
    Man(man::ManArgs),
    /// Print the names of the labs on record, for completions
    #[command(name = "__labs", hide = true)]
    Labs,
    /// Print the names of the recorded runs, for completions
    #[command(name = "__runs", hide = true)]
    Runs,
}

impl Command {
    /// The command's name in JSON documents.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Demo => "demo",
            Self::Up(_) => "up",
            Self::Simulate(_) => "simulate",
            Self::Status(_) => "status",
            Self::Dlq(args) => args.name(),
            Self::Redrive(_) => "redrive",
            Self::Audit(_) => "audit",
            Self::Logs(_) => "logs",
            Self::Down(_) => "down",
            Self::List => "list",
            Self::Policy(_) => "policy",
            Self::Env => "env",
            Self::Doctor => "doctor",
            Self::Cost(_) => "cost",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
            Self::Labs => "__labs",
            Self::Runs => "__runs",
            Self::Local(command) => return format!("local {}", command.name()),
        };
        name.to_owned()
    }

    /// Which calls the command shows as AWS CLI commands, if any.
    pub fn shown_commands(&self) -> Option<Shown> {
        let (is_shown, shown) = match self {
            Self::Up(args) => (args.show_commands, Shown::Changes),
            Self::Simulate(args) => (args.show_commands, Shown::Changes),
            Self::Redrive(args) => (args.show_commands, Shown::Changes),
            Self::Down(args) => (args.show_commands, Shown::Changes),
            Self::Status(args) => (args.show_commands, Shown::All),
            _ => return None,
        };
        is_shown.then_some(shown)
    }

    /// Whether the command uses the state directory. `doctor` checks it itself, and reports more.
    fn uses_state(&self) -> bool {
        !matches!(
            self,
            Self::Doctor | Self::Cost(_) | Self::Completions(_) | Self::Man(_)
        )
    }

    /// Runs the command. `program` is the definition of the command line, for the commands that
    /// describe it.
    pub async fn run(&self, env: &CommandEnv, program: fn() -> clap::Command) -> Finished {
        if self.uses_state()
            && let Err(error) = env.home.check_ownership()
        {
            return Finished::refused(error);
        }
        let read = Action::new(env, Intent::Read);
        let change = Action::new(env, Intent::Change);
        match self {
            Self::Demo => change.run(demo::demo).await,
            Self::Up(args) => {
                let up = async |context| up::up(args, context).await;
                args.action(env).run(up).await
            }
            Self::Simulate(args) => {
                let simulate = async |context| simulate::simulate(args, context).await;
                change.run(simulate).await
            }
            Self::Status(_) => {
                let empty = |env: &CommandEnv| status::no_lab(env, None);
                read.run_unless_empty(empty, status::status).await
            }
            Self::Dlq(args) => dlq::run(args, env).await,
            Self::Redrive(args) => {
                let redrive = async |context| redrive::redrive(args, context).await;
                change.run(redrive).await
            }
            Self::Audit(args) => {
                let audit = async |context| audit::audit(args, context).await;
                read.run(audit).await
            }
            Self::Logs(args) => {
                read.run(async |context| logs::logs(args, context).await)
                    .await
            }
            Self::Down(args) => {
                let down = async |context| down::down(args, true, context).await;
                change.run(down).await
            }
            Self::List => read.run_unless_empty(list::no_labs, list::list).await,
            Self::Policy(args) => {
                let policy = async |context| policy::policy(args, context).await;
                read.run(policy).await
            }
            Self::Env => read.keeping_cloud().run(env::env).await,
            Self::Local(command) => Finished::without_target(local::run(command, env)).await,
            Self::Doctor => Finished::without_target(doctor::doctor(env)).await,
            Self::Cost(args) => {
                Finished::without_target(async { cost::cost(args, &env.globals) }).await
            }
            Self::Completions(args) => {
                let completions = async { completions::completions(args, &program()) };
                Finished::without_target(completions).await
            }
            Self::Man(args) => Finished::without_target(async { man::man(args, program()) }).await,
            Self::Labs => Finished::without_target(async { Ok(names::labs(env)) }).await,
            Self::Runs => Finished::without_target(async { Ok(names::runs(env)) }).await,
        }
    }
}
