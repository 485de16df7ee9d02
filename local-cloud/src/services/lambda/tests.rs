//! Shapes and paths.
