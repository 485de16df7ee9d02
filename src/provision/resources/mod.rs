//! The kinds of resources, one file each, and how they compare what they find with what is wanted.

mod compare;
mod function;
mod log_group;
mod mapping;
mod queue;
mod role;
mod table;

pub(super) use compare::Tags;
pub(super) use function::Function;
pub(super) use log_group::LogGroup;
pub(super) use mapping::Mapping;
pub(super) use queue::Queue;
pub(super) use role::Role;
pub(super) use table::{Table, read_tags as read_table_tags};
