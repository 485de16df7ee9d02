//! Packages on the disk.
