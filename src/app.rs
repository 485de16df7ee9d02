//! From argv to exit code: parses, sets up the environment, runs the command, shows the result.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind as ClapError;
use clap::{CommandFactory as _, Parser as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::Cli;
use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::exit;
use crate::home::{HOME_VARIABLE, Home};
use crate::system;
use crate::ui::{Events, Head, Report, Screen, Style, is_asking, print_error, restore_terminal};

/// What the first Ctrl-C prints.
pub const STOPPING: &str = "Finishing the call under way and stopping; Ctrl-C again stops at once.";

/// Runs the program with these arguments.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(problem) => {
            return usage(
                &problem,
                arguments.iter().any(|argument| argument == "--json"),
            );
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
    let code = runtime.block_on(run(&cli));
    // An abandoned blocking wait, for example for a lock, must not keep the program from ending.
    runtime.shutdown_background();
    code
}

async fn run(cli: &Cli) -> ExitCode {
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

fn finish(head: &Head, screen: Screen, result: Result<Report, CommandError>) -> ExitCode {
    screen.close(head, &result);
    match result {
        Ok(report) if report.ok => ExitCode::from(exit::DONE),
        Ok(_) => ExitCode::from(exit::CHECK_FAILED),
        Err(error) => ExitCode::from(error.kind.exit_code()),
    }
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

/// Help and version go to stdout; a wrong command line goes to stderr, or into a document.
fn usage(problem: &clap::Error, json: bool) -> ExitCode {
    let help = matches!(
        problem.kind(),
        ClapError::DisplayHelp | ClapError::DisplayVersion
    );
    if json && !help {
        print_error(wrong_usage(&problem.to_string()));
        return ExitCode::from(exit::USAGE);
    }
    // Printing fails only when the reader has closed the stream.
    let _ = problem.print();
    ExitCode::from(if help { exit::DONE } else { exit::USAGE })
}

/// The error for a wrong command line, from clap's text: the message comes before the first empty
/// line, and suggestions follow `tip:`.
fn wrong_usage(text: &str) -> CommandError {
    let lines = text.lines().map(str::trim);
    let message: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let error = CommandError::usage(message.join(" ").trim_start_matches("error: "));
    let tips = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .map(sentence);
    tips.fold(error, CommandError::hint)
        .hint("`orders-lab --help` lists commands and flags.")
}

/// The words with a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(line: &[&str]) -> CommandError {
        let problem = Cli::try_parse_from(line).expect_err("it is wrong");
        wrong_usage(&problem.to_string())
    }

    #[test]
    fn suggestions_become_hints() {
        for (line, meant) in [
            (&["orders-lab", "simulat"][..], "'simulate'"),
            (&["orders-lab", "dlp"], "'dlq'"),
            (&["orders-lab", "local", "statsu"], "'status'"),
            (&["orders-lab", "simulate", "--cuont", "3"], "'--count'"),
            (&["orders-lab", "up", "--target", "loca"], "'local'"),
        ] {
            let error = wrong(line);
            let hint = &error.hints[0];
            assert!(hint.contains(meant), "{line:?}: {hint}");
            assert!(hint.ends_with('.') && hint.starts_with(char::is_uppercase));
        }
    }

    #[test]
    fn a_missing_argument_is_named() {
        let error = wrong(&["orders-lab", "local", "fast-forward"]);
        assert!(error.message.ends_with("<TIME>"), "{}", error.message);
    }
}
