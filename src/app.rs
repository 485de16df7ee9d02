//! From argv to exit code: parses, sets up the environment, runs the command, shows the result.

mod overview;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{self, Cli};
use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::exit;
use crate::given::GivenOptions;
use crate::home::{HOME_VARIABLE, Home};
use crate::system;
use crate::ui::{Events, Head, Report, Screen, Style, is_asking, restore_terminal};

/// What the first Ctrl-C prints.
pub const STOPPING: &str = "Finishing the call under way and stopping; Ctrl-C again stops at once.";

/// Runs the program with these arguments.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let (cli, given) = match parse(&arguments) {
        Ok(parsed) => parsed,
        Err(problem) => {
            let (style, result) = usage::answer(&problem, &arguments);
            return finish(&Head::default(), Screen::open(style), result);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(problem) => {
            let error =
                CommandError::environment("cannot start this program's threads").because(problem);
            return finish(&Head::default(), Screen::open(style(&cli)), Err(error));
        }
    };
    let code = runtime.block_on(run(&cli, given));
    // An abandoned blocking wait, for example for a lock, must not keep the program from ending.
    runtime.shutdown_background();
    code
}

fn parse(arguments: &[OsString]) -> Result<(Cli, GivenOptions), clap::Error> {
    let mut command = cli::command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    let given = GivenOptions::of(&command, &matches);
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => Ok((cli, given)),
        Err(problem) => Err(problem.format(&mut command)),
    }
}

async fn run(cli: &Cli, given: GivenOptions) -> ExitCode {
    let began = system::now_ms();
    if std::env::var_os("RUST_LOG").is_some_and(|filter| !filter.is_empty()) {
        crate::ui::show_traces();
    }
    let screen = Screen::open(style(cli));
    let mut head = Head {
        command: Some(cli.command.name()),
        ..Head::default()
    };
    let home = match Home::find(std::env::var_os(HOME_VARIABLE).map(Into::into)) {
        Ok(home) => home,
        Err(error) => return finish(&head, screen, Err(error)),
    };
    let env = CommandEnv {
        globals: cli.globals.clone(),
        given,
        home,
        events: screen.events().clone(),
        shown_commands: cli.command.shown_commands(),
        cancel: cancel_on_interrupt(screen.events().clone()),
    };
    let finished = cli.command.run(&env, Cli::command).await;
    head.lab = finished
        .target
        .is_some()
        .then(|| cli.globals.lab.to_string());
    head.target = finished.target;
    let took = Duration::from_millis(system::now_ms().saturating_sub(began));
    head.seconds = took.as_secs_f64();
    drop(env);
    finish(&head, screen, finished.result)
}

/// Shows how a command ended. Output that could not be written makes a success an error.
fn finish(head: &Head, screen: Screen, result: Result<Report, CommandError>) -> ExitCode {
    let lost = screen.close(head, &result);
    ExitCode::from(match (result, lost) {
        (Err(error), _) | (Ok(_), Some(error)) => error.kind.exit_code(),
        (Ok(report), None) if report.ok => exit::DONE,
        (Ok(_), None) => exit::CHECK_FAILED,
    })
}

fn style(cli: &Cli) -> Style {
    Style::choose(&cli.globals, &|name| std::env::var(name).ok())
}

/// The first Ctrl-C cancels the command, which stops where it is safe; the second ends the program.
fn cancel_on_interrupt(events: Events) -> CancellationToken {
    let token = CancellationToken::new();
    // Not in the task: a Ctrl-C may come before the task runs.
    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else {
        return token;
    };
    let cancelled = token.clone();
    tokio::spawn(async move {
        interrupts.recv().await;
        // If a question is open, Ctrl-C answers it, and the command ends by itself.
        let answers = is_asking();
        cancelled.cancel();
        if !answers {
            events.warn(STOPPING);
        }
        interrupts.recv().await;
        end_at_once();
    });
    token
}

#[expect(
    clippy::exit,
    reason = "a second Ctrl-C ends the program without waiting"
)]
fn end_at_once() -> ! {
    restore_terminal();
    std::process::exit(i32::from(exit::INTERRUPTED))
}
