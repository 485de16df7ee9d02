//! What the program's name alone shows: the commands that matter, and which to begin with.

use crate::commands::demo;

/// The overview, which fits one screen of 80 by 24.
pub(super) fn text(color: bool) -> String {
    let (heading, plain) = if color {
        ("\x1b[1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let takes = demo::TAKES;
    format!(
        "\
An order pipeline to build, break and repair: with no account, or on AWS.

  simulator ──▶ orders-queue ──▶ processor ──▶ orders table
                  │ after 3 failures
                  ▼
                orders-dl-queue

{heading}Start here:{plain}
  orders-lab demo        all of it in one go, in {takes}

{heading}Step by step:{plain}
  orders-lab up          build the lab on this machine
  orders-lab simulate    send 20 orders, some of them bad, and follow each
  orders-lab dlq         look at the dead letters: which orders failed, and why
  orders-lab redrive     send them again
  orders-lab down        remove everything

`orders-lab help` lists all commands, `orders-lab up --help` the options of one.
"
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn it_fits_one_screen_and_its_commands_exist() {
        let text = text(false);
        assert!(text.lines().count() < 24);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        let commands = text.lines().filter(|line| line.starts_with("  orders-lab"));
        let commands: Vec<&str> = commands.collect();
        assert_eq!(commands.len(), 6);
        for command in commands {
            let words = command.split_whitespace().take(2);
            assert!(Cli::try_parse_from(words).is_ok(), "{command}");
        }
    }
}
