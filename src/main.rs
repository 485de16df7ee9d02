//! The `orders-lab` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The local cloud starts this program again to confine a function.
    if let Some(code) = local_cloud::supervisor::run_if_asked() {
        return code;
    }
    orders_lab::app::main(std::env::args_os())
}
