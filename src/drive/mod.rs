//! The work of driving orders through a lab: what its runs sent is remembered in [`record`].

pub mod record;
