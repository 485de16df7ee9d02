//! Selects tagged resources and divides them into pages, by the rules of the Resource Groups Tagging
//! API reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::AwsError;
use crate::protocol::page_token;

/// The maximum number of resources of a page.
const LARGEST_PAGE: u32 = 100;

/// The maximum number of filters by tags.
const MAX_FILTERS: usize = 50;

/// The maximum number of values of a filter.
const MAX_VALUES: usize = 20;

/// A resource with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The ARN of the resource.
    pub arn: String,
    /// Values by key.
    pub tags: BTreeMap<String, String>,
}

/// Which resources a request selects. A resource must fulfil all conditions; an empty list is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The keys of tags that the resource has, each with the values of which its tag has one; any
    /// value where the list is empty.
    pub tags: Vec<(String, Vec<String>)>,
    /// Resource types, `sqs` or `dynamodb:table`, of which the resource has one.
    pub types: Vec<String>,
    /// ARNs, of which the resource has one.
    pub arns: BTreeSet<String>,
}

impl Selection {
    /// Validates the selection.
    ///
    /// # Errors
    /// `InvalidParameterException` for what AWS refuses.
    pub fn check(&self) -> Result<(), AwsError> {
        let filters = self.tags.len() + self.types.len();
        if !self.arns.is_empty() && filters > 0 {
            return Err(invalid(
                "ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters.",
            ));
        }
        if self.arns.len() > 100 {
            return Err(invalid("ResourceARNList can have at most 100 ARNs."));
        }
        if self.tags.len() > MAX_FILTERS {
            let message = format!("TagFilters can have at most {MAX_FILTERS} filters.");
            return Err(invalid(message));
        }
        for (key, values) in &self.tags {
            if key.is_empty() || key.chars().count() > 128 {
                return Err(invalid("A filter's Key has 1 to 128 characters."));
            }
            if values.len() > MAX_VALUES || values.iter().any(|value| value.chars().count() > 256) {
                let message =
                    format!("A filter has at most {MAX_VALUES} values of at most 256 characters.");
                return Err(invalid(message));
            }
        }
        let is_name = |part: &str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            !part.is_empty() && part.chars().all(is_allowed)
        };
        for kind in &self.types {
            let (service, kind_of) = kind.split_once(':').unwrap_or((kind, "any"));
            if !is_name(service) || !is_name(kind_of) {
                let message = format!(
                    "'{kind}' is not a resource type: pass SERVICE or SERVICE:TYPE, as in an ARN."
                );
                return Err(invalid(message));
            }
        }
        Ok(())
    }

    /// Whether a resource is selected.
    pub fn matches(&self, resource: &Tagged) -> bool {
        let has_tag = |(key, values): &(String, Vec<String>)| {
            let value = resource.tags.get(key);
            value.is_some_and(|value| values.is_empty() || values.contains(value))
        };
        (self.arns.is_empty() || self.arns.contains(&resource.arn))
            && (self.types.is_empty()
                || self.types.iter().any(|kind| has_type(&resource.arn, kind)))
            && self.tags.iter().all(has_tag)
    }
}

/// Whether an ARN is of this resource type: `SERVICE`, or `SERVICE:TYPE` where the ARN names its type.
fn has_type(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
    match kind.split_once(':') {
        None => service == Some(kind),
        Some((of, kind)) => {
            let own = resource.split_once([':', '/']).map(|(own, _)| own);
            service == Some(of) && own == Some(kind)
        }
    }
}

/// The page of a list, ordered by `key`, that follows the one with this token, and the token of the
/// page, which is empty for the last one. Without a size a page has the maximum size.
///
/// # Errors
/// `InvalidParameterException` for a token that was not given out and a size out of range.
pub fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    size: Option<i64>,
    token: &str,
) -> Result<(Vec<T>, String), AwsError> {
    let size = size.unwrap_or(LARGEST_PAGE.into());
    if !(1..=LARGEST_PAGE.into()).contains(&size) {
        let message = format!("ResourcesPerPage is 1 to {LARGEST_PAGE}, not {size}.");
        return Err(invalid(message));
    }
    if !token.is_empty() {
        let after =
            page_token::read(token).ok_or_else(|| invalid("The PaginationToken is invalid."))?;
        items.retain(|item| key(item) > after);
    }
    items.sort_by_key(&key);
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let has_more = items.len() > length;
    items.truncate(length);
    let last = items.last().filter(|_| has_more);
    let next = last.map(|item| page_token::write(&key(item)));
    Ok((items, next.unwrap_or_default()))
}

/// The error for an input that AWS refuses.
pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", 400, message)
}

#[cfg(test)]
mod tests;
