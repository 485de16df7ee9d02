//! What of the confinement the machine enforces.

use serde::Serialize;

/// What functions are kept from. A member is false where the system cannot enforce it, or where the
/// cloud starts functions without a supervisor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Confinement {
    /// Files other than the system's, the function's own code and its temporary directory.
    pub files: bool,
    /// TCP connections to other ports than the cloud's, and listening.
    pub connections: bool,
    /// Signals to processes that the function has not started, and abstract sockets of others.
    pub signals: bool,
    /// Other sockets than TCP's, and what processes of a user share.
    pub system_calls: bool,
    /// Processes that outlive their environment.
    pub processes: bool,
}

impl Confinement {
    /// What a supervisor can enforce on this machine.
    #[must_use]
    pub fn of_this_machine() -> Self {
        #[cfg(target_os = "linux")]
        return linux();
        #[cfg(not(target_os = "linux"))]
        Self::default()
    }
}

/// Tries it out in a thread of its own, because what a thread gives up it never gets back.
#[cfg(target_os = "linux")]
fn linux() -> Confinement {
    use landlock::{AccessFs, LandlockStatus, Ruleset, RulesetAttr as _};

    let tried = std::thread::spawn(|| {
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::Execute)
            .and_then(Ruleset::create)
            .and_then(landlock::RulesetCreated::restrict_self);
        let version = match ruleset.map(|status| status.landlock) {
            Ok(LandlockStatus::Available { effective_abi, .. }) => effective_abi as u32,
            Ok(LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) | Err(_) => 0,
        };
        (version, super::system_calls::restrict().is_ok())
    });
    let (landlock, system_calls) = tried.join().unwrap_or_default();
    Confinement {
        files: landlock >= 3,
        connections: landlock >= 4,
        signals: landlock >= 6,
        system_calls,
        processes: true,
    }
}
