//! What is known of a condition key.

use crate::wildcard::Pattern;

/// A condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextKey {
    /// As AWS writes it; one that ends in `/` is followed by a tag's key.
    pub name: &'static str,
    /// How many values it has, and of what type.
    pub kind: ValueKind,
    /// The actions that have it, as patterns.
    pub actions: &'static [&'static str],
    /// Where its value comes from.
    pub source: Source,
}

/// The type of a key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// One text.
    Text,
    /// Any number of texts.
    Texts,
    /// One number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A moment, in ISO 8601 or in seconds since the Unix epoch.
    Date,
    /// An IP address.
    IpAddress,
    /// One ARN.
    Arn,
    /// Any number of ARNs.
    Arns,
}

/// Where a key's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The request itself: its time, its connection, its headers.
    Request,
    /// The caller: its user or role, and its session.
    Principal,
    /// The tags of the resource.
    Resource,
    /// The operation's input. Each operation says what it knows of the key; where it says nothing,
    /// the key is unknown.
    Operation,
    /// Nothing here has it, as it is on AWS for a request without what the key is about: a VPC, an
    /// organization, a multi-factor device, a federated identity, or another service in between.
    Nowhere,
}

impl ContextKey {
    /// Whether requests for this action have it.
    pub fn is_of(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let fits = |pattern: &&str| Pattern::new(&pattern.to_ascii_lowercase()).matches(&action);
        self.actions.iter().any(fits)
    }

    /// Whether it is this name, whatever its case.
    pub(super) fn is_named(&self, name: &str) -> bool {
        match self.name.strip_suffix('/') {
            None => self.name.eq_ignore_ascii_case(name),
            Some(prefix) => name.split_once('/').is_some_and(|(before, tag)| {
                prefix.eq_ignore_ascii_case(before) && !tag.is_empty()
            }),
        }
    }
}
