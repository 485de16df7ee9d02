//! From argv to exit code: parse, set up the env, run the command, show how it ended.

use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::error::ErrorKind as ClapError;
use clap::{CommandFactory as _, Parser as _};
use futures_util::FutureExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::cli::Cli;
use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::exit;
use crate::home::{HOME_VARIABLE, Home};
use crate::system;
use crate::ui::{
    Document, Events, Report, Screen, Style, is_asking, print_usage, restore_terminal,
};

/// What the first Ctrl-C is answered with.
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
            return finish(&Document::default(), Screen::open(style(&cli)), Err(error));
        }
    };
    let code = runtime.block_on(run(&cli));
    // A blocking wait (for a lock, say) that was given up must not keep the program from ending.
    runtime.shutdown_background();
    code
}

async fn run(cli: &Cli) -> ExitCode {
    let began = system::now_ms();
    if cli.globals.verbose {
        crate::ui::show_traces();
    }
    let screen = Screen::open(style(cli));
    let mut document = Document {
        command: cli.command.name(),
        ..Document::default()
    };
    let home = match Home::find(std::env::var_os(HOME_VARIABLE).map(Into::into)) {
        Ok(home) => home,
        Err(error) => return finish(&document, screen, Err(error)),
    };
    let env = CommandEnv {
        globals: cli.globals.clone(),
        home,
        events: screen.events().clone(),
        cancel: cancel_on_interrupt(screen.events().clone()),
        target: OnceLock::new(),
        settings: OnceLock::new(),
        aws: OnceCell::new(),
    };
    let work = AssertUnwindSafe(cli.command.run(&env, Cli::command)).catch_unwind();
    let result = work.await.unwrap_or_else(|_| {
        Err(CommandError::bug("the command panicked")
            .hint("The message above says where; please report it with the command that you ran."))
    });
    let result = result.map_err(|error| env.explain(error));
    document.target = env.target.get().cloned();
    document.lab = document
        .target
        .is_some()
        .then(|| cli.globals.lab.to_string());
    document.milliseconds = system::now_ms().saturating_sub(began);
    drop(env);
    finish(&document, screen, result)
}

fn finish(document: &Document, screen: Screen, result: Result<Report, CommandError>) -> ExitCode {
    screen.close(document, &result);
    match result {
        Ok(report) if report.ok => ExitCode::from(exit::DONE),
        Ok(_) => ExitCode::from(exit::CHECK_FAILED),
        Err(error) => ExitCode::from(error.kind.exit_code()),
    }
}

fn style(cli: &Cli) -> Style {
    Style::choose(&cli.globals, &|name| std::env::var(name).ok())
}

/// The first Ctrl-C asks the command to come to a safe end; the second ends the program.
fn cancel_on_interrupt(events: Events) -> CancellationToken {
    let token = CancellationToken::new();
    // Here, and not in the task: a Ctrl-C may come before that has begun.
    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else {
        return token;
    };
    let cancelled = token.clone();
    tokio::spawn(async move {
        interrupts.recv().await;
        // To a question it is an answer, which ends the command by itself.
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
    reason = "a second Ctrl-C asks to end without waiting for anything"
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
        print_usage(&Document::default().render(&Err(wrong_usage(&problem.to_string()))));
        return ExitCode::from(exit::USAGE);
    }
    // Printing can fail only when nobody reads any more.
    let _ = problem.print();
    ExitCode::from(if help { exit::DONE } else { exit::USAGE })
}

/// What clap says of a wrong command line, taken apart: what is wrong stands before the first
/// empty line, and what may have been meant behind `tip:`.
fn wrong_usage(text: &str) -> CommandError {
    let wrong: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let wrong = wrong.join(" ");
    let error = CommandError::usage(wrong.trim_start_matches("error: "));
    let tips = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .map(sentence);
    tips.fold(error, CommandError::hint)
        .hint("`orders-lab --help` lists commands and flags.")
}

/// Words as a sentence.
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
    fn what_was_probably_meant_is_a_hint() {
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
    fn what_is_missing_is_named() {
        let error = wrong(&["orders-lab", "local", "fast-forward"]);
        assert!(error.message.ends_with("<TIME>"), "{}", error.message);
    }
}
