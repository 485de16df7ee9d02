//! The exit codes, which scripts may rely on.

/// Everything asked for was done.
pub(crate) const DONE: u8 = 0;
/// A check failed, or only part was done.
pub(crate) const CHECK_FAILED: u8 = 1;
/// The command line was wrong.
pub(crate) const USAGE: u8 = 2;
/// Something is wrong on this machine: credentials, the state directory, the local cloud.
pub(crate) const ENVIRONMENT: u8 = 3;
/// The service refused a call, or what the command acts on does not exist.
pub(crate) const REFUSED: u8 = 4;
/// A bug in this program.
pub(crate) const BUG: u8 = 70;
/// Interrupted by Ctrl-C, or a question was not answered with yes.
pub(crate) const INTERRUPTED: u8 = 130;

/// The codes as `--help` shows them.
pub(crate) const HELP: &str = "\
Exit codes:
    0  done
    1  a check failed, or only part was done
    2  the command line was wrong
    3  something is wrong here: credentials, state directory, local cloud
    4  the service refused a call, or what was asked for does not exist
   70  a bug in this program
  130  interrupted, or a question was not answered with yes";
