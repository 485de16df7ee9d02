//! The condition keys that policies may use, for identity and trust policies alike: which there are,
//! how they are compared, which actions have them, and where their values come from. From the IAM User
//! Guide, "AWS global condition context keys", and the Service Authorization Reference.
//!
//! A policy that uses a key of AWS's that is not here is refused when it is put, by the key's name: the
//! cloud could not tell whether its condition holds.

use super::context_key::ContextKey;
use super::context_key_table::KEYS;

/// The key with this name, whatever its case.
pub fn find(name: &str) -> Option<&'static ContextKey> {
    KEYS.iter().find(|key| key.is_named(name))
}

/// Whether a key that is not in the table is one that AWS may give to requests that this cloud
/// answers: a global key, or one of a service that the cloud has. Other keys are of services that it
/// does not have, and no request here has them.
pub fn is_unsupplied(name: &str) -> bool {
    const VENDORS: [&str; 8] = [
        "aws", "dynamodb", "iam", "lambda", "logs", "sqs", "sts", "tag",
    ];
    let vendor = name.split_once(':').map_or(name, |(vendor, _)| vendor);
    let is_ours = VENDORS.iter().any(|ours| ours.eq_ignore_ascii_case(vendor));
    is_ours && find(name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_case() {
        assert_eq!(find("AWS:username").unwrap().name, "aws:username");
        let tag = find("aws:resourcetag/Team").unwrap();
        assert_eq!(tag.name, "aws:ResourceTag/");
        assert!(find("aws:ResourceTag/").is_none() && find("aws:ResourceTag").is_none());
    }

    #[test]
    fn unsupplied_keys_are_those_of_services_that_the_cloud_has() {
        for name in ["aws:SomethingNew", "sqs:Other", "Dynamodb:Other"] {
            assert!(is_unsupplied(name), "{name}");
        }
        for name in ["aws:SourceIp", "s3:prefix", "ec2:Region"] {
            assert!(!is_unsupplied(name), "{name}");
        }
    }

    #[test]
    fn the_table_lists_each_key_once() {
        for (index, key) in KEYS.iter().enumerate() {
            let later = KEYS.get(index + 1..).unwrap();
            assert!(
                later
                    .iter()
                    .all(|other| !other.name.eq_ignore_ascii_case(key.name))
            );
            assert!(!key.actions.is_empty(), "{}", key.name);
        }
    }
}
