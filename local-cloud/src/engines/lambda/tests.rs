//! Functions and mappings.
