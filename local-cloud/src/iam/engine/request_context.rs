//! The values of a request's condition keys.

use std::collections::BTreeMap;

use super::context_key::{ContextKey, Source};
use super::context_keys;
use crate::service::{ContextKeyName, ContextValue, RequiredPermission};
use crate::wildcard::Pattern;

/// The key that says whose the resource is.
pub const RESOURCE_ACCOUNT: &str = "aws:ResourceAccount";

/// The values of a request's condition keys. Keys that differ only in case are the same.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    values: Vec<(ContextKeyName, ContextValue)>,
    /// What the request asks for.
    action: String,
}

/// What a context says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'a> {
    /// The request has the key with these values.
    Values(Vec<&'a str>),
    /// The request does not have the key.
    Absent,
    /// It cannot be told.
    Unknown,
}

/// A variable's value cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownVariable;

impl RequestContext {
    /// The context with these keys, each with one of its values.
    pub fn new<K: Into<ContextKeyName>>(values: impl IntoIterator<Item = (K, String)>) -> Self {
        let texts = values.into_iter();
        Self {
            values: texts
                .map(|(key, value)| (key.into(), ContextValue::Text(value)))
                .collect(),
            action: String::new(),
        }
    }

    /// The same context with what is known of one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<ContextKeyName>, value: ContextValue) -> Self {
        self.values.push((key.into(), value));
        self
    }

    /// The same context with one more value of a key.
    #[must_use]
    pub fn when(self, key: impl Into<ContextKeyName>, value: impl Into<String>) -> Self {
        self.with(key, ContextValue::Text(value.into()))
    }

    /// The same context with tags; `prefix` is for example `aws:PrincipalTag/`.
    #[must_use]
    pub fn with_tags(self, prefix: &str, tags: &BTreeMap<String, String>) -> Self {
        let add = |context: Self, (key, value): (&String, &String)| {
            context.when(format!("{prefix}{key}"), value)
        };
        tags.iter().fold(self, add)
    }

    /// The same context for this permission, with the permission's own keys.
    #[must_use]
    pub fn of(mut self, permission: &RequiredPermission) -> Self {
        self.values.extend_from_slice(&permission.context);
        self.action.clone_from(&permission.action);
        self
    }

    /// What the context says of a key.
    pub fn find(&self, name: &str) -> Found<'_> {
        let mut texts = Vec::new();
        let mut is_mentioned = false;
        for (key, value) in &self.values {
            if !key.eq_ignore_ascii_case(name) {
                continue;
            }
            is_mentioned = true;
            match value {
                ContextValue::Text(text) => texts.push(text.as_str()),
                ContextValue::Absent => {}
                ContextValue::Unknown => return Found::Unknown,
            }
        }
        match is_mentioned {
            true if texts.is_empty() => Found::Absent,
            true => Found::Values(texts),
            false => self.unmentioned(name),
        }
    }

    /// What is known of a key that nothing was said of.
    fn unmentioned(&self, name: &str) -> Found<'_> {
        match context_keys::find(name) {
            None if context_keys::is_unsupplied(name) => Found::Unknown,
            Some(key) if key.source == Source::Operation && self.should_say(key) => Found::Unknown,
            Some(key) if key.source == Source::Resource && !self.has_resource() => Found::Unknown,
            _ => Found::Absent,
        }
    }

    /// Whether the resource was looked at, whose account and tags are then listed.
    fn has_resource(&self) -> bool {
        self.values.iter().any(|(name, _)| name == RESOURCE_ACCOUNT)
    }

    /// Whether the operation should have said what it knows of the key.
    fn should_say(&self, key: &ContextKey) -> bool {
        // An operation that lists the keys of its tags has listed the tags.
        let has_tags = || self.values.iter().any(|(name, _)| name == "aws:TagKeys");
        key.is_of(&self.action) && !(key.name == "aws:RequestTag/" && has_tags())
    }

    /// The value of a policy variable; `None` where the request does not have the key.
    ///
    /// # Errors
    /// Where the value cannot be told, as with a key of several values.
    pub fn variable(&self, name: &str) -> Result<Option<String>, UnknownVariable> {
        match self.find(name) {
            Found::Values(values) => match values.as_slice() {
                [value] => Ok(Some((*value).to_owned())),
                _ => Err(UnknownVariable),
            },
            Found::Absent => Ok(None),
            Found::Unknown => Err(UnknownVariable),
        }
    }

    /// A pattern of a policy; `has_variables` says whether `${…}` are variables. `None` where a
    /// variable has no value.
    ///
    /// # Errors
    /// Where a variable's value cannot be told.
    pub fn pattern(
        &self,
        text: &str,
        has_variables: bool,
    ) -> Result<Option<Pattern>, UnknownVariable> {
        if has_variables {
            Pattern::with_variables(text, |name| self.variable(name))
        } else {
            Ok(Some(Pattern::new(text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(permission: &RequiredPermission) -> RequestContext {
        RequestContext::default()
            .when("aws:username", "ann")
            .of(permission)
    }

    #[test]
    fn what_an_operation_leaves_out_is_unknown() {
        let get = of(&RequiredPermission::new("dynamodb:GetItem", "*"));
        assert_eq!(get.find("dynamodb:LeadingKeys"), Found::Unknown);
        assert_eq!(get.find("AWS:UserName"), Found::Values(vec!["ann"]));
        assert_eq!(get.find("aws:SourceVpc"), Found::Absent);
        assert_eq!(get.find("aws:SomethingNew"), Found::Unknown);
        assert_eq!(get.find("s3:prefix"), Found::Absent);
        let list = of(&RequiredPermission::new("dynamodb:ListTables", "*"));
        assert_eq!(list.find("dynamodb:LeadingKeys"), Found::Absent);
    }

    #[test]
    fn tags_of_a_request_are_known_by_their_keys() {
        let tag = || RequiredPermission::new("sqs:tagqueue", "*");
        assert_eq!(of(&tag()).find("aws:RequestTag/a"), Found::Unknown);
        let tagged = of(&tag().with_tags([("a", "1")]));
        assert_eq!(tagged.find("aws:requesttag/A"), Found::Values(vec!["1"]));
        assert_eq!(tagged.find("aws:RequestTag/b"), Found::Absent);
        assert_eq!(tagged.find("aws:TagKeys"), Found::Values(vec!["a"]));
        let none = of(&tag().with_tags([]));
        assert_eq!(none.find("aws:TagKeys"), Found::Absent);
    }
}
