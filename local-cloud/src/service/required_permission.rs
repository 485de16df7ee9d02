//! What a call requires of its caller.

use std::borrow::Cow;

/// A permission that the caller of a request must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPermission {
    /// For example `sqs:SendMessage`.
    pub action: String,
    /// The ARN of the resource, or `*` for an action that is on none in particular. A request whose
    /// resource cannot be told is refused instead: no statement that denies a name would match `*`.
    pub resource: String,
    /// Condition keys that this action has beyond those of every request, with their values. A key
    /// with several values is listed several times.
    pub context: Vec<(ContextKeyName, ContextValue)>,
}

/// The name of a condition key, for example `iam:PassedToService`.
pub type ContextKeyName = Cow<'static, str>;

/// What a request says of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// The key, or one of its values.
    Text(String),
    /// The request does not have the key.
    Absent,
    /// The cloud cannot tell. Such a key lets no statement allow, and lets every statement deny.
    Unknown,
}

impl RequiredPermission {
    /// The permission for this action on this resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            context: Vec::new(),
        }
    }

    /// The same permission with one more value of a condition key.
    #[must_use]
    pub fn when(self, key: impl Into<ContextKeyName>, value: impl Into<String>) -> Self {
        self.with(key, ContextValue::Text(value.into()))
    }

    /// The same permission with what is known of a condition key.
    #[must_use]
    pub fn with(mut self, key: impl Into<ContextKeyName>, value: ContextValue) -> Self {
        self.context.push((key.into(), value));
        self
    }

    /// The same permission with a key that may be missing from the request.
    #[must_use]
    pub fn when_given(self, key: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.when(key, value),
            None => self.with(key, ContextValue::Absent),
        }
    }

    /// The same permission with a key that has any number of values; a request with none does not
    /// have the key.
    #[must_use]
    pub fn when_all<V: Into<String>>(
        self,
        key: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self.with(key, ContextValue::Absent);
        }
        values.fold(self, |permission, value| permission.when(key, value))
    }

    /// The same permission of a request that sets these tags: `aws:RequestTag/KEY` and
    /// `aws:TagKeys`.
    #[must_use]
    pub fn with_tags<'a>(self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let tags: Vec<_> = tags.into_iter().collect();
        let keys = self.when_all("aws:TagKeys", tags.iter().map(|(key, _)| *key));
        tags.into_iter().fold(keys, |permission, (key, value)| {
            permission.when(format!("aws:RequestTag/{key}"), value)
        })
    }

    /// The same permission of a request that removes the tags with these keys.
    #[must_use]
    pub fn with_tag_keys<V: Into<String>>(self, keys: impl IntoIterator<Item = V>) -> Self {
        self.when_all("aws:TagKeys", keys)
    }
}
