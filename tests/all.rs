//! All integration tests, in one binary. `tidy` needs nothing but the sources; the others run
//! the built tool against a real local cloud with real handler processes.

mod bad_input;
mod cycle;
mod kills;
mod lab;
mod many;
mod rights;
mod tidy;
