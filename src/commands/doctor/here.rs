//! The checks that need no network: the state directory, the local cloud and the handler builds.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::check::Check;
use super::findings;
use crate::artifact::{self, Artifact, Handler, Platform, Source, System};
use crate::error::CommandError;
use crate::globals::TargetKind;
use crate::home::{HOME_VARIABLE, Home};
use crate::host::{self, CloudFiles};
use crate::provision::builds;

/// With less room than this the local cloud may not start.
const NEEDED_BYTES: u64 = 8 << 20;
/// With less room than this a few hundred thousand orders may not fit.
const SCARCE_BYTES: u64 = 200 << 20;

/// Whether the state directory can be used, and only by its owner.
pub(super) fn state_directory(home: &Home) -> Check {
    const NAME: &str = "state directory";
    if let Err(error) = home.check_ownership() {
        return Check::failed(NAME, &error);
    }
    let root = home.root();
    let shown = root.display();
    let Ok(metadata) = root.metadata() else {
        let above = root.ancestors().skip(1).find(|path| path.exists());
        return if above.is_some_and(writable) {
            Check::ok(
                NAME,
                format!("{shown} does not exist yet; the first `up` creates it"),
            )
        } else {
            Check::problem(
                NAME,
                format!("{shown} does not exist and cannot be created"),
                format!("Set {HOME_VARIABLE} to a directory of yours."),
            )
        };
    };
    if !metadata.is_dir() || !writable(root) {
        return Check::problem(
            NAME,
            format!("{shown} is not a directory that you can write to"),
            format!(
                "Check its owner and permissions, or set {HOME_VARIABLE} to a directory of yours."
            ),
        );
    }
    if let Some(check) = room(NAME, root) {
        return check;
    }
    // It holds the secret key of the local cloud's owner.
    if metadata.mode() & 0o077 != 0 {
        return Check::warning(
            NAME,
            format!(
                "{shown} can be read by others (mode {:o})",
                metadata.mode() & 0o777
            ),
            format!("`chmod 700 {shown}`"),
        );
    }
    Check::ok(NAME, format!("{shown}, writable, yours alone"))
}

/// The check that failed because little room is left on the disk.
fn room(name: &'static str, root: &Path) -> Option<Check> {
    let disk = statvfs(root).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let (shown, megabytes) = (root.display(), free >> 20);
    if free < NEEDED_BYTES {
        let advice = "Make room on that disk; then everything goes on where it was.";
        let found = format!("the disk of {shown} is full: {} KB are free", free >> 10);
        return Some(Check::problem(name, found, advice));
    }
    (free < SCARCE_BYTES).then(|| {
        let found = format!("{megabytes} MB are free on the disk of {shown}");
        Check::warning(
            name,
            found,
            "Make room on that disk before sending many orders.",
        )
    })
}

fn writable(path: &Path) -> bool {
    access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Whether the local cloud runs, responds, and has the version of this program.
pub(super) async fn local_cloud(home: &Home) -> Check {
    const NAME: &str = "local cloud";
    match host::find(home).await {
        Ok(None) => match CloudFiles::of(home).lost() {
            None => Check::ok(
                NAME,
                "not running; the next command that needs it starts it",
            ),
            Some((lost, kept)) => {
                let (lost, kept) = (lost.display(), kept.display());
                Check::problem(
                    NAME,
                    format!("{lost} is missing or empty, but {kept} is not"),
                    "Put the file back from a copy. `orders-lab local reset` starts over and removes all local labs.",
                )
            }
        },
        Ok(Some(found)) => findings::local_cloud(
            NAME,
            &format!(
                "runs on {}, speed {}",
                found.endpoint(),
                found.process.speed
            ),
            &found.process.version,
            host::BACKGROUND_VERSION,
        ),
        Err(error) => Check::failed(NAME, &error),
    }
}

/// Whether each handler has a build that can run at the target; `recorded` is the folder from which
/// `up` took the lab's builds.
pub(super) fn handlers(target: TargetKind, recorded: Option<&Path>) -> [Check; 2] {
    let source = builds::source(None, recorded);
    let platform = match target {
        TargetKind::Local => Platform::Local,
        TargetKind::Aws => Platform::Lambda,
    };
    [
        ("simulator's build", Handler::Simulator),
        ("processor's build", Handler::Processor),
    ]
    .map(|(name, handler)| {
        let build = artifact::load(handler, &source, None)
            .and_then(|build| build.check(platform).map(|()| build));
        match build {
            Ok(build) => Check::ok(name, describe(&build, &source)),
            // The message ends with what to do.
            Err(problem) => Check::failed(name, &CommandError::environment(problem.to_string())),
        }
    })
}

fn describe(build: &Artifact, source: &Source) -> String {
    let needs = match &build.program.system {
        System::MacOs => "macOS".to_owned(),
        System::Linux { glibc: None, .. } => "static".to_owned(),
        System::Linux {
            glibc: Some(glibc), ..
        } => format!("glibc {glibc}"),
    };
    let origin = match source {
        Source::Embedded => "inside this program".to_owned(),
        Source::Folder(folder) => format!("from {}", folder.display()),
    };
    let megabytes = build.zip.len() as f64 / 1e6;
    let architecture = build.program.architecture;
    format!("{architecture}, {needs}, {megabytes:.1} MB, {origin}")
}
