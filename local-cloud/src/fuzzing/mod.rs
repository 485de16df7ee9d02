//! What the fuzz targets in `fuzz/` call, one function for each: it takes any bytes and panics
//! when a property does not hold. Built with the feature `fuzzing` and in the unit tests, which
//! replay the kept corpus. Each function stands in a `fuzzing` module beside what it tests.

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;
pub(crate) mod engines;
mod guard;
pub(crate) mod services;

pub use crate::dynamodb::fuzzing::partiql;
pub use crate::gateway::fuzzing::{signature, signed};
pub use crate::iam::api::fuzzing::{iam_query, iam_xml};
pub use crate::iam::engine::fuzzing::{conditions, policy};
pub use crate::lambda::api::fuzzing::lambda_rest;
pub use crate::lambda::environment::fuzzing::function_output;
pub use crate::logs::fuzzing::logs_json;
pub use crate::sqs::api::fuzzing::sqs_json;
pub use crate::sqs::engine::fuzzing::{queue_settings, receipt_handle, sqs_storage};
pub use crate::tagging::fuzzing::tagging_json;
pub use crate::wildcard::fuzzing::wildcard;
pub use engines::{chaos, filter, log_pattern, package, partial_batch, stored_state};
pub use guard::guard;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::corpus;

    /// A fuzz target's name and its property.
    type Target = (&'static str, fn(&[u8]));

    const TARGETS: [Target; 23] = [
        ("chaos", super::chaos),
        ("conditions", super::conditions),
        ("filter", super::filter),
        ("function_output", super::function_output),
        ("guard", super::guard),
        ("iam_query", super::iam_query),
        ("iam_xml", super::iam_xml),
        ("lambda_rest", super::lambda_rest),
        ("log_pattern", super::log_pattern),
        ("logs_json", super::logs_json),
        ("package", super::package),
        ("partial_batch", super::partial_batch),
        ("partiql", super::partiql),
        ("policy", super::policy),
        ("queue_settings", super::queue_settings),
        ("receipt_handle", super::receipt_handle),
        ("signature", super::signature),
        ("signed", super::signed),
        ("sqs_json", super::sqs_json),
        ("sqs_storage", super::sqs_storage),
        ("stored_state", super::stored_state),
        ("tagging_json", super::tagging_json),
        ("wildcard", super::wildcard),
    ];

    fn fuzz() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz"))
    }

    #[test]
    fn kept_fuzz_inputs_pass() {
        for (target, property) in TARGETS {
            corpus::replay(fuzz(), target, property);
        }
    }

    #[test]
    fn every_fuzz_target_is_replayed() {
        let targets = corpus::targets(fuzz());
        let ours = targets
            .iter()
            .filter(|(_, source)| source.contains("local_cloud::fuzzing"))
            .map(|(name, _)| name.as_str());
        assert!(ours.eq(TARGETS.map(|(name, _)| name)));
    }
}
