//! The `orders-lab` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    orders_lab::app::main(std::env::args_os())
}
