//! Tests of what the services have in common.

mod matrix;
