//! What a function's process gives up between fork and exec, for itself and all that it starts. Each
//! step gives up as much as the kernel can enforce; [`super::confinement`] says how much that is.

use std::io;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, NetPort, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, Scope, path_beneath_rules,
};
use rustix::process::{Pid, Signal, getppid, getuid, set_parent_process_death_signal};
use rustix::thread::{CapabilitiesSecureBits, set_capabilities_secure_bits};

use super::message::Resources;
use super::resources;
use super::system_calls;
use super::system_paths::{PROGRAMS, READABLE, WRITABLE};

/// The newest version of Landlock whose rights are requested. An older kernel enforces those it knows.
pub(super) const NEWEST: ABI = ABI::V10;

/// Confines this process to its code, its temporary directory and the cloud's port.
///
/// # Errors
/// When the kernel refuses what it offers, or the supervisor is gone.
pub(super) fn confine(
    supervisor: Pid,
    code: &Path,
    temporary: &Path,
    port: u16,
    limits: Resources,
) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The supervisor may have ended before the signal was requested.
    if getppid() != Some(supervisor) {
        return Err(io::ErrorKind::NotConnected.into());
    }
    resources::limit(limits)?;
    if getuid().is_root() {
        let bits = CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED;
        // In a container root may lack the capability to do so, and then lacks most others.
        let _ = set_capabilities_secure_bits(bits);
    }
    restrict(code, temporary, port).map_err(io::Error::other)?;
    system_calls::restrict()
}

/// Restricts files, connections and signals with Landlock.
fn restrict(code: &Path, temporary: &Path, port: u16) -> Result<(), landlock::RulesetError> {
    let read = AccessFs::from_read(NEWEST);
    let all = AccessFs::from_all(NEWEST);
    let view = read & !AccessFs::Execute;
    let write = AccessFs::ReadFile | AccessFs::WriteFile;
    Ruleset::default()
        .handle_access(all)?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(PROGRAMS, read))?
        .add_rules(path_beneath_rules(READABLE, view))?
        .add_rules(path_beneath_rules(WRITABLE, write))?
        .add_rules(path_beneath_rules([code], read))?
        .add_rules(path_beneath_rules([temporary], all))?
        .add_rules(path_beneath_rules(["/proc/self"], view))?
        .add_rule(NetPort::new(port, AccessNet::ConnectTcp))?
        .restrict_self()?;
    Ok(())
}
