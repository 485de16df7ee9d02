//! What a call requires of its caller.

/// A permission that the caller of a request must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPermission {
    /// For example `sqs:SendMessage`.
    pub action: String,
    /// The ARN of the resource, or `*` where the action is on none in particular.
    pub resource: String,
    /// Condition keys that this action has beyond those of every request, with their values.
    pub context: Vec<(&'static str, String)>,
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

    /// The same permission with one more condition key.
    #[must_use]
    pub fn when(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }
}
