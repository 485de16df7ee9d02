//! What IAM checks when a policy is put: that each statement has what its kind of policy needs, and
//! that its conditions can be evaluated here.

use super::context_keys;
use super::policy::{Element, Statement, malformed, syntax};
use crate::error::AwsError;
use crate::wildcard::Pattern;

impl Statement {
    fn check_actions(&self) -> Result<&Element<String>, AwsError> {
        let actions = self
            .actions
            .as_ref()
            .filter(|actions| !actions.items.is_empty())
            .ok_or_else(|| malformed("Policy statement must contain actions."))?;
        if actions
            .items
            .iter()
            .all(|one| one == "*" || one.contains(':'))
        {
            return Ok(actions);
        }
        Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ))
    }

    /// Checks a statement of a trust policy.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub(super) fn check_trust(&self) -> Result<(), AwsError> {
        if self.resources.is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        let principals = self.principals.as_ref();
        if principals.is_none_or(|principals| principals.items.is_empty()) {
            return Err(malformed("Missing required field Principal"));
        }
        let actions = self.check_actions()?;
        if actions.items.iter().all(|one| is_of_trust(one)) {
            return Ok(());
        }
        Err(malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ))
    }

    /// Checks a statement of an identity policy.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub(super) fn check_identity(&self) -> Result<(), AwsError> {
        if self.principals.is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        self.check_actions()?;
        let resources = self
            .resources
            .as_ref()
            .filter(|resources| !resources.items.is_empty())
            .ok_or_else(|| malformed("Policy statement must contain resources."))?;
        let is_arn =
            |one: &&String| *one == "*" || one.starts_with("arn:") || one.starts_with("${");
        match resources.items.iter().find(|one| !is_arn(one)) {
            None => Ok(()),
            Some(other) => Err(malformed(&format!(
                "Resource {other} must be in ARN format or \"*\"."
            ))),
        }
    }

    /// Checks that every condition can be evaluated: a key that AWS has and this cloud does not is
    /// refused by its name. In a variable it has no value, which is checked in the same way.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`.
    pub(super) fn check_conditions(&self) -> Result<(), AwsError> {
        let keys = self.conditions.iter().map(|condition| &*condition.key);
        let values = self.conditions.iter().flat_map(|one| &one.values);
        let resources = self.resources.iter().flat_map(|one| &one.items);
        let variables = values.chain(resources).flat_map(|text| variables(text));
        if let Some(key) = keys
            .chain(variables)
            .find(|key| context_keys::is_unsupplied(key))
        {
            return Err(malformed(&format!(
                "This local cloud does not supply the condition key {key}, so it refuses policies \
                 that depend on it."
            )));
        }
        match self
            .conditions
            .iter()
            .all(|condition| condition.is_readable())
        {
            true => Ok(()),
            false => Err(syntax()),
        }
    }
}

/// Whether a pattern is of actions that trust policies may allow.
fn is_of_trust(pattern: &str) -> bool {
    const ACTIONS: [&str; 6] = [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    ];
    let pattern = pattern.to_ascii_lowercase();
    let matches = |action: &&str| Pattern::new(&pattern).matches(action);
    pattern.starts_with("sts:") && ACTIONS.iter().any(matches)
}

/// The names of the variables in a text.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("${").skip(1);
    after.filter_map(|rest| {
        let (variable, _) = rest.split_once('}')?;
        let (name, _) = variable.split_once(',').unwrap_or((variable, ""));
        Some(name.trim())
    })
}
