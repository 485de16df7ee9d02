//! The local cloud as a background process: started on demand, found through the state directory,
//! one per user. This module handles files, locks, processes and the control client;
//! `commands::local` runs the cloud itself.
//!
//! Two locks decide everything. The process that *runs* the cloud holds `lock` until it ends, so if
//! the lock can be taken, nothing runs, whatever the files say. A command that *starts or stops* the
//! cloud holds `start.lock` meanwhile, so that two commands at once end with one cloud. Commands share
//! `use.lock` while they use it, so that none stops a cloud that another needs.

mod cloud_status;
mod control;
mod files;
mod find;
mod start;
mod stop;

pub(crate) use cloud_status::{ChaosProfile, Confinement, MillisecondRange};
pub(crate) use control::{ControlError, FastForwarded, SetChaos};
pub(crate) use files::{CloudFiles, CloudSettings, ProcessRecord};
pub(crate) use find::{RunningCloud, find};
pub(crate) use start::{Announcement, BACKGROUND_VERSION, Start, ensure_running};
pub(crate) use stop::{Stopped, stop, stop_unless_used};
