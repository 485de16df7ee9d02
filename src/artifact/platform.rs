//! The platforms that run handlers, and whether a program would start there.

use std::fmt;

use thiserror::Error;

use super::build_hint::BuildHint;
use super::program::{Architecture, Glibc, Program, System};

/// Where handlers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Lambda's runtime `provided.al2023`.
    Lambda,
    /// This machine, as processes of the local cloud.
    Local,
}

/// Why a program would not start on a platform.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Incompatible {
    /// The program is for another system.
    #[error("it is a program for macOS, and Lambda runs Linux")]
    System,
    /// The platform's C library is too old.
    #[error("it needs glibc {0}, and Lambda's runtime provided.al2023 has {al2023}", al2023 = Glibc::AL2023)]
    Glibc(Glibc),
    /// The platform does not have the program's loader.
    #[error("it is loaded by {0}, which Lambda's runtime provided.al2023 does not have")]
    Interpreter(String),
    /// The program is for another machine.
    #[error("the local cloud runs programs for this machine, {here}, and it is built for {built}")]
    Machine {
        /// This machine.
        here: String,
        /// The program's.
        built: String,
    },
}

impl Incompatible {
    /// What to do about it.
    pub(super) fn advice(&self, architecture: Architecture) -> String {
        match self {
            Self::Machine { .. } => {
                let own = Architecture::HOST.map_or("", Architecture::name);
                format!(
                    "use the build for this machine, with --arch {own} and --handlers '', or build the lab on AWS, \
                     with --target aws"
                )
            }
            _ => BuildHint(architecture).to_string(),
        }
    }
}

impl Platform {
    /// Checks that a program would start here.
    ///
    /// # Errors
    ///
    /// It certainly would not.
    pub(super) fn check(self, program: &Program) -> Result<(), Incompatible> {
        match self {
            Self::Lambda => on_lambda(program),
            Self::Local => here(program),
        }
    }
}

/// Checks what is known to prevent a program from starting on `provided.al2023`. Libraries other than
/// the C library are not checked: the image has some, and a package may bring its own.
fn on_lambda(program: &Program) -> Result<(), Incompatible> {
    let System::Linux { glibc, interpreter } = &program.system else {
        return Err(Incompatible::System);
    };
    if let Some(interpreter) = interpreter
        && interpreter != program.architecture.loader()
    {
        return Err(Incompatible::Interpreter(interpreter.clone()));
    }
    match glibc {
        Some(needed) if *needed > Glibc::AL2023 => Err(Incompatible::Glibc(*needed)),
        _ => Ok(()),
    }
}

fn here(program: &Program) -> Result<(), Incompatible> {
    let is_mac = matches!(program.system, System::MacOs);
    if Some(program.architecture) == Architecture::HOST && is_mac == cfg!(target_os = "macos") {
        return Ok(());
    }
    let (os, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let machine = Architecture::HOST.map_or(machine, Architecture::name);
    Err(Incompatible::Machine {
        here: format!("{machine} {os}"),
        built: program.to_string(),
    })
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system {
            System::Linux { .. } => "linux",
            System::MacOs => "macos",
        };
        write!(f, "{} {system}", self.architecture)
    }
}
