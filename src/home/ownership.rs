//! Whether the state directory is its user's alone. Whoever else can write in it, or change where its
//! path leads, could have this program run as they like, and whoever can read the key in it can do
//! everything in the local cloud.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::process::{getegid, geteuid};

use crate::error::CommandError;
use crate::home::{HOME_VARIABLE, unusable};

/// How many symbolic links a path may lead through, as on Linux.
const MOST_LINKS: usize = 40;

/// The permission to write of group and others, and to read.
const WRITE: u32 = 0o022;
const READ: u32 = 0o044;
/// In a directory with this bit, nobody removes or renames what is another's.
const STICKY: u32 = 0o1000;

/// Why a path is not used.
#[derive(Debug)]
enum Flaw {
    /// It belongs to this other user.
    Foreign(u32),
    /// Others can write to it.
    Writable(u32),
    /// Others can read it, although it holds a secret.
    Readable(u32),
}

/// A path that is not used, and why.
type Flawed = (PathBuf, Flaw);

/// Whom this process runs as, and whom it has to trust.
#[derive(Debug, Clone, Copy)]
struct User {
    id: u32,
    group: u32,
    /// The owner of `/`: in a user namespace root has no number that is known here.
    root: u32,
}

impl User {
    fn current() -> Self {
        let root = fs::metadata("/").map_or(0, |metadata| metadata.uid());
        Self {
            id: geteuid().as_raw(),
            group: getegid().as_raw(),
            root,
        }
    }

    fn trusts(self, metadata: &Metadata) -> bool {
        [self.id, self.root, 0].contains(&metadata.uid())
    }

    /// Whether someone else can write to it. A user's private group has the user's number and is no
    /// one else.
    fn lets_others_write(self, metadata: &Metadata) -> bool {
        let is_private = metadata.gid() == self.group && self.group == self.id;
        let allowed = if is_private { WRITE & 0o007 } else { WRITE };
        !metadata.is_symlink() && metadata.mode() & allowed != 0
    }

    /// What is wrong with a directory or a link on the way.
    fn flaw_of_step(self, metadata: &Metadata) -> Option<Flaw> {
        if !self.trusts(metadata) {
            return Some(Flaw::Foreign(metadata.uid()));
        }
        let is_open = self.lets_others_write(metadata) && metadata.mode() & STICKY == 0;
        is_open.then(|| Flaw::Writable(metadata.mode()))
    }

    /// What is wrong with something in the state directory, or with the directory itself.
    fn flaw_of_own(self, metadata: &Metadata, is_secret: bool) -> Option<Flaw> {
        if metadata.uid() != self.id {
            return Some(Flaw::Foreign(metadata.uid()));
        }
        if self.lets_others_write(metadata) {
            return Some(Flaw::Writable(metadata.mode()));
        }
        let is_readable = is_secret && metadata.mode() & READ != 0;
        is_readable.then(|| Flaw::Readable(metadata.mode()))
    }
}

/// Checks the state directory, its path, and what is in it down to the local cloud's files. What does
/// not exist is in order.
///
/// # Errors
/// Something of it is another user's, can be written to by others, or is a secret that others can read.
pub(super) fn check(root: &Path, cloud: &Path) -> Result<(), CommandError> {
    let user = User::current();
    let found = find_flaw(user, root, cloud).map_err(|(path, problem)| unusable(&path, problem))?;
    match found {
        None => Ok(()),
        Some((path, flaw)) => Err(refusal(root, &path, &flaw, user)),
    }
}

fn find_flaw(
    user: User,
    root: &Path,
    cloud: &Path,
) -> Result<Option<Flawed>, (PathBuf, io::Error)> {
    let mut links = 0;
    if let Some(flawed) = flaw_on_path(user, root, &mut links)? {
        return Ok(Some(flawed));
    }
    let own = |path: &Path, is_secret| {
        let metadata = present(fs::metadata(path), path)?;
        let flaw = metadata.and_then(|metadata| user.flaw_of_own(&metadata, is_secret));
        Ok(flaw.map(|flaw| (path.to_owned(), flaw)))
    };
    if let Some(flawed) = own(root, false)? {
        return Ok(Some(flawed));
    }
    for directory in [root, cloud] {
        for path in entries(directory)? {
            // A link to elsewhere is whoever's that place is.
            let mut links = 0;
            if let Some(flawed) = flaw_on_path(user, &path, &mut links)? {
                return Ok(Some(flawed));
            }
            if let Some(flawed) = own(&path, directory == cloud && is_secret(&path))? {
                return Ok(Some(flawed));
            }
        }
    }
    Ok(None)
}

/// Whether a file of the local cloud holds keys: the owner's, or those of users and sessions.
fn is_secret(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "owner.json" || name.starts_with("state.db")
}

/// The first directory or link on the way to a path that somebody else could change.
fn flaw_on_path(
    user: User,
    path: &Path,
    links: &mut usize,
) -> Result<Option<Flawed>, (PathBuf, io::Error)> {
    let mut left: Vec<OsString> = steps(path);
    let mut at = PathBuf::from("/");
    while let Some(step) = left.pop() {
        if step == ".." {
            at.pop();
            continue;
        }
        at.push(&step);
        let Some(metadata) = present(fs::symlink_metadata(&at), &at)? else {
            return Ok(None);
        };
        // The last one is looked at more closely by the caller.
        let is_step = metadata.is_symlink() || !left.is_empty();
        if is_step && let Some(flaw) = user.flaw_of_step(&metadata) {
            return Ok(Some((at, flaw)));
        }
        if metadata.is_symlink() {
            *links += 1;
            if *links > MOST_LINKS {
                return Err((
                    at,
                    io::Error::other("it leads through too many symbolic links"),
                ));
            }
            let Some(target) = present(fs::read_link(&at), &at)? else {
                return Ok(None);
            };
            at.pop();
            if target.is_absolute() {
                at = PathBuf::from("/");
            }
            left.extend(steps(&target));
        }
    }
    Ok(None)
}

/// The steps of a path, the last one first.
fn steps(path: &Path) -> Vec<OsString> {
    let steps = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    steps.collect::<Vec<_>>().into_iter().rev().collect()
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let entries = present(fs::read_dir(directory), directory)?;
    Ok(entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect())
}

/// What was found; `None` where there is nothing.
fn present<T>(found: io::Result<T>, path: &Path) -> Result<Option<T>, (PathBuf, io::Error)> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(problem) => match problem.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err((path.to_owned(), problem)),
        },
    }
}

fn refusal(root: &Path, path: &Path, flaw: &Flaw, user: User) -> CommandError {
    let shown = path.display();
    let message = |what: String| {
        let subject = if path == root {
            "the state directory".to_owned()
        } else {
            format!("the state directory {}", root.display())
        };
        CommandError::environment(format!("{subject} is not used: {shown} {what}"))
    };
    let elsewhere = format!("Or set {HOME_VARIABLE} to a directory of yours.");
    match flaw {
        Flaw::Foreign(owner) => message(format!(
            "belongs to the user with the id {owner}, and you have the id {}",
            user.id
        ))
        .hint(format!("Set {HOME_VARIABLE} to a directory of yours.")),
        Flaw::Writable(mode) => message(format!(
            "can be changed by other users (mode {:o})",
            mode & 0o7777
        ))
        .hint(format!(
            "`chmod go-w {shown}`, after a look whether anybody has put something there."
        ))
        .hint(elsewhere),
        Flaw::Readable(mode) => message(format!(
            "holds a secret and can be read by other users (mode {:o})",
            mode & 0o7777
        ))
        .hint(format!("`chmod 600 {shown}`"))
        .hint("If somebody may have read it, `orders-lab local reset` makes another key and removes all local labs."),
    }
}

#[cfg(test)]
mod tests;
