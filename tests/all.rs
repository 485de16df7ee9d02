//! All integration tests, in one binary. `tidy` and `corpus` need nothing but the sources; the others run
//! the built tool against a real local cloud with real handler processes.

mod attempts;
mod aws;
mod bad_input;
mod bench;
mod builds;
mod corpus;
mod credentials;
mod cycle;
mod doctor;
mod fault;
mod guard;
mod help;
mod injection;
mod inventory;
mod json;
mod json_docs;
mod kills;
mod lab;
mod lag;
mod many;
mod operator;
mod output;
mod points;
mod proxy;
mod records;
mod rights;
mod terminal;
mod tidy;
mod wire;
