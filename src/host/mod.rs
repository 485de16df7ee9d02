//! The local cloud as a background process: started on demand, found again through the state
//! directory, one per user. This module knows files, locks and processes; what the process
//! serves is the business of `commands::local`.
//!
//! Two locks decide everything. Whoever *runs* the cloud holds `lock` for life, so a lock that
//! can be taken means that nothing runs, whatever files say. Whoever *starts or stops* it holds
//! `start.lock` meanwhile, so that two commands at once end with one cloud.

mod cloud_status;
mod control;
mod files;
mod start;
mod stop;

pub use cloud_status::{ChaosProfile, CloudStatus, MillisecondRange};
pub use control::{Control, ControlError, SetChaos};
pub use files::{CloudFiles, CloudSettings, Owner, ProcessRecord};
pub use start::{Announcement, BACKGROUND_VERSION, RunningCloud, Start, ensure_running, find};
pub use stop::{Stopped, stop};
